import { AbstractTokenStrategy } from './abstract.ts';

/**
 * The session token is the only credential; no access or refresh tokens are handed out.
 * Source: allauth `headless/tokens/strategies/sessions.py`.
 */
export class SessionTokenStrategy extends AbstractTokenStrategy {}
