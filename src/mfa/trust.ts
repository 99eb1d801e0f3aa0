import { z } from 'zod';
import { endpoint, type Stage } from '../http/area.ts';
import { IS_REQUIRED } from '../http/input.ts';
import { AUTHENTICATION } from '../http/schemas.ts';
import { Refusal } from '../kit/errors.ts';
import { completeStage } from '../login/login.ts';
import { loginAt } from '../login/pending-login.ts';
import { authenticationReply } from '../login/replies.ts';
import { isTrustOffered, trustBrowser } from '../login/trust.ts';

const KEY = 'mfa_trust';

/** Asks whether this browser is to be trusted, after a login that was asked for more than its first proof. Source: allauth `mfa/stages.py` `TrustStage`. */
export const trustStage: Stage = {
  key: KEY,
  enter: async (request, login) => (isTrustOffered(request, login) ? 'wait' : 'pass'),
};

/** Ends the login, and makes the browser a trusted one or not. */
export const trust = endpoint({
  route: 'POST /auth/2fa/trust',
  clients: ['browser'],
  access: 'anyone',
  input: z.object({
    trust: z
      .boolean()
      .default(false)
      .meta({ [IS_REQUIRED]: true }),
  }),
  replies: AUTHENTICATION,
  async handle(request, { trust: isTrusted }) {
    const { kit } = request;
    if (!kit.settings.ACCOUNT_LOGIN_BY_CODE_TRUST_ENABLED) throw new Refusal(404);
    const waiting = await loginAt(request, KEY);
    await completeStage(request, waiting);
    if (isTrusted && waiting.user) await trustBrowser(request, waiting.user);
    return authenticationReply(request);
  },
});
