import type { Request } from '../../http/area.ts';
import { signupLink } from '../../mail/links.ts';

/** Returns the signup link for a mail about an unknown account; '' if signup is closed, or only the front end has a signup page. */
export async function openSignupLink(request: Request): Promise<string> {
  return (await request.kit.plugins.ACCOUNT_ADAPTER.isOpenForSignup(request)) ? signupLink(request) : '';
}
