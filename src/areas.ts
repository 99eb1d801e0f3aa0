import { account } from './account/area.ts';
import { admin } from './admin/area.ts';
import type { Area } from './http/area.ts';
import { developmentMails } from './http/development-mails.ts';
import { health } from './http/health.ts';
import { login } from './login/area.ts';
import { mfa } from './mfa/area.ts';
import { specification } from './openapi/area.ts';
import { sessions } from './sessions/area.ts';
import { social } from './social/area.ts';
import { tokens } from './tokens/area.ts';

/** All areas, in the order in which a login passes their stages and a 401 lists their flows. */
export const areas: readonly Area[] = describe([account, social, mfa, sessions, tokens, login, admin, health, developmentMails]);

/** Adds the area that describes the others. */
function describe(described: readonly Area[]): readonly Area[] {
  return [...described, specification(described)];
}
