/** 'allauth-kit/verify': verifies access tokens, on Node and in edge runtimes. */
export type { AccessClaims } from '../contracts/plug-points/token-strategy.ts';
export type { RequestHeaders } from '../contracts/plug-points/request.ts';
export { SourceUnavailable, type Source } from '../jwt/errors.ts';
export type { IntrospectionOptions, RevocationOptions, VerifierOptions } from './verify/options.ts';
export type { Needs, Reason, Refusal } from './verify/refusals.ts';
export { createVerifier, TokenRefused, type Outcome, type Verified, type Verifier } from './verify/verifier.ts';
