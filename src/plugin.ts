/** 'allauth-kit/plugin': the plug points and what implementations of them need, without the server. */
export type * from './contracts/plug-points.ts';
export type * from './contracts/records.ts';
export type { Kit } from './kit/kit.ts';
export { closeHashing, hashInWorker, Overloaded } from './kit/hashing/pool.ts';
export { newTokenId, randomSecret, sameText, sha256 } from './kit/random.ts';
export { hitRateLimit, returnRateLimitHit } from './store/rate-limits.ts';
export { findReferenceToken, insertReferenceToken } from './store/reference-tokens.ts';
export { findSession } from './store/sessions.ts';
export { findUser } from './store/users.ts';
export { AbstractTokenStrategy } from './tokens/strategies/abstract.ts';
export { JWTTokenStrategy } from './tokens/strategies/jwt.ts';
export { SessionTokenStrategy } from './tokens/strategies/session.ts';
