import type { Request } from '../../http/area.ts';
import { signupLink } from '../../mail/links.ts';

/** Where whoever asks could sign up, for a mail about an account that is not there; '' where signup is closed, or only the front end knows. */
export async function openSignupLink(request: Request): Promise<string> {
  return (await request.kit.plugins.ACCOUNT_ADAPTER.isOpenForSignup(request)) ? signupLink(request) : '';
}
