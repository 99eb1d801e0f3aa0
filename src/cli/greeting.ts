import { randomBytes } from 'node:crypto';
import { signupFields } from '../account/identity.ts';
import { MAILS_PATH } from '../http/development-mails.ts';
import { isAllowedHost } from '../http/origin.ts';
import type { Kit } from '../kit/kit.ts';
import { passwordFaults } from '../kit/credentials/passwords.ts';
import { showsMails } from '../mail/development.ts';
import type { Running } from '../server.ts';
import type { AdminState } from './admin.ts';
import { makeUpPassword } from './passwords.ts';

/** What a start prints: where the server listens, and what to try. */
export async function greet(kit: Kit, running: Running, admin: AdminState): Promise<string[]> {
  const url = reachableUrl(running.url);
  const api = `${url}/_allauth/${kit.settings.HEADLESS_CLIENTS.includes('app') ? 'app' : 'browser'}/v1`;
  return [
    `allauth listens on ${running.url} (Ctrl-C stops it)`,
    '',
    `  ${api}/config`,
    `  ${url}/.well-known/jwks.json`,
    `  ${url}/healthz`,
    ...(showsMails(kit) ? [`  ${url}${MAILS_PATH}   the mails it would have sent`] : []),
    '',
    ...(await greetWithCurl(kit, url, api, admin)),
    ...greetAdmin(admin),
  ];
}

/** What the start reports about the admin; nothing if there is one. */
export function greetAdmin(admin: AdminState): string[] {
  if (admin.state === 'there') return [];
  if (admin.state === 'missing') return ['There is no admin yet: allauth users create-admin --email you@example.org', ''];
  return [
    'An admin was made. This is shown only once:',
    '',
    `  address   ${admin.email}`,
    `  username  ${admin.username}`,
    `  password  ${admin.password}`,
    '',
  ];
}

/** Not in production, where the example would create a real account. */
async function greetWithCurl(kit: Kit, url: string, api: string, admin: AdminState): Promise<string[]> {
  const { settings, production } = kit;
  if (production || !settings.HEADLESS_CLIENTS.includes('app')) return [];
  if (!isAllowedHost(settings, new URL(url).host)) return [`ALLOWED_HOSTS refuses requests to ${url}.`, ''];
  const body = settings.ACCOUNT_ALLOW_SIGNUP ? await signupBody(kit) : loginBody(kit, admin);
  const path = settings.ACCOUNT_ALLOW_SIGNUP ? 'signup' : 'login';
  return ['Get a token pair:', '', `  curl -s ${api}/auth/${path} -d '${JSON.stringify(body)}'`, ''];
}

/** The fields in ACCOUNT_SIGNUP_FIELDS, with an address that is not in use. */
async function signupBody(kit: Kit): Promise<Record<string, string>> {
  const fields = signupFields(kit.settings);
  const username = `ann${randomBytes(3).toString('hex')}`.padEnd(kit.settings.ACCOUNT_USERNAME_MIN_LENGTH, '0');
  const email = `${username}@example.org`;
  const password = await samplePassword(kit, { email, username });
  return {
    ...(fields.has('username') && { username }),
    ...(fields.has('email') && { email }),
    ...(fields.has('email2') && { email2: email }),
    ...(fields.has('password1') && { password }),
  };
}

/** A readable password, if the validators accept it. */
async function samplePassword(kit: Kit, user: { email: string; username: string }): Promise<string> {
  const readable = 'correct-Horse-7-battery';
  return (await passwordFaults(kit, readable, user, 'password')).length === 0 ? readable : makeUpPassword(kit, user);
}

function loginBody({ settings }: Kit, admin: AdminState): Record<string, string> {
  const made = admin.state === 'made' ? admin : { email: 'you@example.org', username: 'you', password: '…' };
  const name = settings.ACCOUNT_LOGIN_METHODS.includes('email') ? { email: made.email } : { username: made.username };
  return { ...name, password: made.password };
}

/** Clients cannot connect to the wildcard address. */
function reachableUrl(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//localhost:');
}
