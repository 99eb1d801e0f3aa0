import { z } from 'zod';
import { named, reply, type Named, type Replies } from '../src/http/reply.ts';
import { AUTHENTICATION, DONE, EmailAddress, Provider, time, UNAUTHENTICATED, User, whole } from '../src/http/schemas.ts';

/** An endpoint of the headless API that the client has a method for, and the server does not have yet. */
export interface PlannedEndpoint {
  readonly route: string;
  readonly input?: z.ZodType;
  readonly replies: Replies;
}

const code = () => z.object({ code: z.string() });

/** Of WebAuthn, as the browser makes and takes it. */
const webAuthn = () => z.record(z.string(), z.unknown());

const credential = () => z.object({ credential: webAuthn() });

const newKey = () => z.object({ credential: webAuthn(), name: z.string().exactOptional() });

const contact = () =>
  z.object({
    email: z.string().exactOptional(),
    email2: z.string().exactOptional(),
    username: z.string().exactOptional(),
    phone: z.string().exactOptional(),
  });

const providerProcess = () => z.enum(['login', 'connect']);

const ProviderAccount = named('ProviderAccount', () => z.object({ uid: z.string(), display: z.string(), provider: Provider() }));

const authenticator = <Type extends string>(type: Type) => ({
  type: z.literal(type),
  created_at: time(),
  last_used_at: time().nullable(),
});

const codes = () => ({ ...authenticator('recovery_codes'), total_code_count: whole(), unused_code_count: whole() });

const TOTPAuthenticator = named('TOTPAuthenticator', () => z.object(authenticator('totp')));

const RecoveryCodesAuthenticator = named('RecoveryCodesAuthenticator', () => z.object(codes()));

const SensitiveRecoveryCodesAuthenticator = named('SensitiveRecoveryCodesAuthenticator', () =>
  z.object({ ...codes(), unused_codes: z.array(z.string()) }),
);

const WebAuthnAuthenticator = named('WebAuthnAuthenticator', () =>
  z.object({ ...authenticator('webauthn'), id: whole(), name: z.string(), is_passwordless: z.boolean().exactOptional() }),
);

const Authenticator = named('Authenticator', () => z.union([TOTPAuthenticator(), RecoveryCodesAuthenticator(), WebAuthnAuthenticator()]));

/** A reply about an authenticator; recovery codes may have been generated with it. */
const authenticatorReply = (name: string, data: Named) =>
  reply(name, () => ({ data: data(), meta: z.object({ recovery_codes_generated: z.boolean().exactOptional() }).exactOptional() }));

const PROVIDERS = { 200: reply('ProviderAccounts', () => ({ data: z.array(ProviderAccount()) })) };
const TOTP = authenticatorReply('TOTPReply', TOTPAuthenticator);
const TOTP_SECRET = reply('TOTPSecret', () => ({
  meta: z.object({ secret: z.string(), totp_url: z.string(), totp_svg: z.string().exactOptional() }),
}));
const RECOVERY_CODES = { 200: reply('RecoveryCodesReply', () => ({ data: SensitiveRecoveryCodesAuthenticator() })) };
const WEBAUTHN = { 200: authenticatorReply('WebAuthnReply', WebAuthnAuthenticator) };
const REQUEST = { 200: reply('WebAuthnRequestOptions', () => ({ data: z.object({ request_options: webAuthn() }) })) };
const CREATION = { 200: reply('WebAuthnCreationOptions', () => ({ data: z.object({ creation_options: webAuthn() }) })) };

const SOCIAL: readonly PlannedEndpoint[] = [
  {
    route: 'POST /auth/provider/redirect',
    input: z.object({ provider: z.string(), callback_url: z.string(), process: providerProcess() }),
    replies: UNAUTHENTICATED,
  },
  {
    route: 'POST /auth/provider/token',
    input: z.object({
      provider: z.string(),
      process: providerProcess(),
      token: z.object({ client_id: z.string(), id_token: z.string().exactOptional(), access_token: z.string().exactOptional() }),
    }),
    replies: AUTHENTICATION,
  },
  {
    route: 'GET /auth/provider/signup',
    replies: {
      200: reply('ProviderSignupReply', () => ({
        data: z.object({ email: z.array(EmailAddress()), account: ProviderAccount(), user: User() }),
      })),
    },
  },
  { route: 'POST /auth/provider/signup', input: contact(), replies: AUTHENTICATION },
  { route: 'GET /account/providers', replies: PROVIDERS },
  { route: 'DELETE /account/providers', input: z.object({ provider: z.string(), account: z.string() }), replies: PROVIDERS },
];

const MFA: readonly PlannedEndpoint[] = [
  { route: 'POST /auth/2fa/authenticate', input: code(), replies: AUTHENTICATION },
  { route: 'POST /auth/2fa/reauthenticate', input: code(), replies: AUTHENTICATION },
  { route: 'GET /auth/webauthn/authenticate', replies: REQUEST },
  { route: 'POST /auth/webauthn/authenticate', input: credential(), replies: AUTHENTICATION },
  { route: 'GET /auth/webauthn/reauthenticate', replies: REQUEST },
  { route: 'POST /auth/webauthn/reauthenticate', input: credential(), replies: AUTHENTICATION },
  { route: 'GET /auth/webauthn/login', replies: REQUEST },
  { route: 'POST /auth/webauthn/login', input: credential(), replies: AUTHENTICATION },
  { route: 'GET /auth/webauthn/signup', replies: CREATION },
  { route: 'POST /auth/webauthn/signup', input: contact(), replies: UNAUTHENTICATED },
  { route: 'PUT /auth/webauthn/signup', input: newKey(), replies: AUTHENTICATION },
  { route: 'GET /account/authenticators', replies: { 200: reply('Authenticators', () => ({ data: z.array(Authenticator()) })) } },
  { route: 'GET /account/authenticators/totp', replies: { 200: TOTP, 404: TOTP_SECRET } },
  { route: 'POST /account/authenticators/totp', input: code(), replies: { 200: TOTP } },
  { route: 'DELETE /account/authenticators/totp', replies: DONE },
  { route: 'GET /account/authenticators/recovery-codes', replies: RECOVERY_CODES },
  { route: 'POST /account/authenticators/recovery-codes', replies: RECOVERY_CODES },
  { route: 'GET /account/authenticators/webauthn', replies: CREATION },
  { route: 'POST /account/authenticators/webauthn', input: newKey(), replies: WEBAUTHN },
  { route: 'PUT /account/authenticators/webauthn', input: z.object({ id: whole(), name: z.string().exactOptional() }), replies: WEBAUTHN },
  { route: 'DELETE /account/authenticators/webauthn', input: z.object({ authenticators: z.array(whole()) }), replies: DONE },
];

/** An endpoint leaves this list when the server gets it. */
export const PLANNED: readonly PlannedEndpoint[] = [...SOCIAL, ...MFA];
