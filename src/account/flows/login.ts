import type { LoginIdentifier } from '../../contracts/plug-points/account-adapter.ts';
import type { UserRecord } from '../../contracts/records.ts';
import type { Request, UserRequest } from '../../http/area.ts';
import { conflict, invalid } from '../../kit/errors.ts';
import { write } from '../../kit/write.ts';
import { performLogin } from '../../login/login.ts';
import { reauthenticateWith } from '../../login/reauthentication.ts';
import { fault } from '../../texts/faults.ts';
import { byPassword } from '../methods.ts';
import { findClaimed } from './authenticate.ts';
import { countLoginGuess } from './password-guesses.ts';

export interface PasswordLogin {
  by: LoginIdentifier;
  password: string;
}

/**
 * Checks the credentials and starts the login. An unknown user takes as long as a wrong password.
 * An inactive user stays anonymous (401), as in django-allauth.
 * @throws {Refusal} 400 `email_password_mismatch`, `username_password_mismatch`, `phone_password_mismatch` or `too_many_login_attempts`; 409 if the
 * caller is logged in
 */
export async function logInByPassword(request: Request, { by, password }: PasswordLogin): Promise<void> {
  const { kit } = request;
  const adapter = kit.plugins.ACCOUNT_ADAPTER;
  const [claimed = null] = await findClaimed(kit, by);
  const usage = await countLoginGuess(request, claimed, identifierOf(by));
  await adapter.preAuthenticate(request, by);
  const user = await adapter.authenticate(request, by, password);
  if (!user) {
    await recordFailure(request, claimed, 'password');
    await adapter.authenticationFailed(request, by);
    throw mismatch('email' in by ? 'email' : 'username' in by ? 'username' : 'phone');
  }
  await usage.giveBack();
  if (request.user) throw conflict();
  if (!user.isActive) return recordFailure(request, user, 'inactive');

  const address = 'email' in by ? by.email : user.email;
  await performLogin(request, user, { method: byPassword.used(by), ...(address && { email: address }) });
}

function identifierOf(by: LoginIdentifier): string {
  return 'email' in by ? by.email : 'username' in by ? by.username : by.phone;
}

/** Reauthenticates the user by password. @throws {Refusal} 400 `incorrect_password` or `too_many_login_attempts` */
export async function reauthenticate(request: UserRequest, password: string): Promise<void> {
  const { kit, user } = request;
  const usage = await countLoginGuess(request, user);
  if (!(await kit.plugins.ACCOUNT_ADAPTER.reauthenticate(request, user, password))) {
    await recordFailure(request, user, 'password');
    throw invalid('password', fault('incorrect_password'));
  }
  await usage.giveBack();
  await reauthenticateWith(request, byPassword.used({}));
}

/** Does not record the identifier: people type passwords into the wrong field. */
async function recordFailure(request: Request, user: UserRecord | null, why: 'password' | 'inactive'): Promise<void> {
  await write(request.kit, request, async ({ record }) => {
    record('login_failed', { userId: user?.id ?? null, actorId: request.user?.id ?? null, details: { why, client: request.client } });
  });
}

function mismatch(field: 'email' | 'username' | 'phone') {
  return invalid('password', fault(`${field}_password_mismatch`));
}
