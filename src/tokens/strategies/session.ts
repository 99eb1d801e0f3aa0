import { AbstractTokenStrategy } from './abstract.ts';

/**
 * Issues no access or refresh tokens: the session token is the only credential.
 * Source: allauth `headless/tokens/strategies/sessions.py`.
 */
export class SessionTokenStrategy extends AbstractTokenStrategy {}
