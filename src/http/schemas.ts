import { z } from 'zod';
import { named, reply, type Declared, type Replies } from './reply.ts';

/** The schemas that replies of several areas are made of. Source of names and shapes: the headless API of django-allauth. */

/** Unix seconds. */
export const time = () => z.number();

export const whole = () => z.int().min(0);

/** The user, as the headless adapter serializes one: members beyond these are the adapter's, and so is their type. */
export const User = named('User', (): z.ZodType<Record<string, unknown>> =>
  z.looseObject({
    id: z.union([z.string(), whole()]),
    display: z.string(),
    has_usable_password: z.boolean().exactOptional(),
    email: z.string().exactOptional(),
    username: z.string().exactOptional(),
  }),
);

export const Provider = named('Provider', () =>
  z.object({
    id: z.string(),
    name: z.string(),
    client_id: z.string().exactOptional(),
    openid_configuration_url: z.string().exactOptional(),
    flows: z.array(z.enum(['provider_redirect', 'provider_token'])),
  }),
);

const Flow = named('Flow', () =>
  z.object({
    id: z.string(),
    is_pending: z.boolean().exactOptional(),
    provider: Provider().exactOptional(),
    providers: z.array(z.string()).exactOptional(),
    types: z.array(z.enum(['recovery_codes', 'totp', 'webauthn'])).exactOptional(),
  }),
);

export const AuthenticationMethod = named('AuthenticationMethod', () =>
  z.object({
    method: z.string(),
    at: time(),
    email: z.string().exactOptional(),
    username: z.string().exactOptional(),
    phone: z.string().exactOptional(),
    reauthenticated: z.boolean().exactOptional(),
    type: z.string().exactOptional(),
    provider: z.string().exactOptional(),
    uid: z.string().exactOptional(),
  }),
);

const WireError = named('Error', () => z.object({ code: z.string(), message: z.string(), param: z.string().exactOptional() }));

/** The errors of a refusal. */
export const errorList = () => z.array(WireError()).exactOptional();

const TOKENS = () => ({
  session_token: z.string().exactOptional(),
  access_token: z.string().exactOptional(),
  refresh_token: z.string().exactOptional(),
});

/** `meta` of a reply that may hand out tokens. */
export const tokensMeta = () => z.object(TOKENS()).exactOptional();

const authenticationMeta = () => z.object({ is_authenticated: z.boolean(), ...TOKENS() });

export const EmailAddress = named('EmailAddress', () => z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }));

export const PhoneNumber = named('PhoneNumber', () => z.object({ phone: z.string(), verified: z.boolean() }));

/** What any endpoint may answer with. */
export const COMMON_REPLIES = {
  400: reply('Errors', () => ({ errors: errorList() })),
  401: reply('UnauthenticatedReply', () => ({
    // With user and methods, it asks a user who is logged in to reauthenticate.
    data: z.object({ flows: z.array(Flow()), user: User().exactOptional(), methods: z.array(AuthenticationMethod()).exactOptional() }),
    meta: authenticationMeta(),
  })),
  403: reply('Forbidden', () => ({ errors: errorList() })),
  404: reply('NotFound'),
  409: reply('Conflict', () => ({ errors: errorList() })),
  410: reply('SessionGone', () => ({ data: z.looseObject({}).exactOptional(), meta: z.object({ is_authenticated: z.boolean() }) })),
  429: reply('TooManyRequests', () => ({ errors: errorList() })),
} as const satisfies Replies;

/** What an endpoint that declares these replies may return. */
export type ReplyOf<Of extends Replies> = Declared<Of> | Declared<typeof COMMON_REPLIES>;

/** 200 with the user and the methods; otherwise 401 with the flows. Source: allauth `AuthenticationResponse`. */
export const AUTHENTICATION = {
  200: reply('AuthenticatedReply', () => ({
    data: z.object({ user: User(), methods: z.array(AuthenticationMethod()) }),
    meta: authenticationMeta(),
  })),
} as const satisfies Replies;

/** Always 401 with the flows: the endpoint begins or ends something, and no one is logged in after it. */
export const UNAUTHENTICATED = {} as const satisfies Replies;

/** 200 without data. */
export const DONE = { 200: reply('Done') } as const satisfies Replies;
