import type { FrontendPage, HeadlessAdapter } from '../contracts/plug-points/headless-adapter.ts';
import type { LinkOrigin } from '../contracts/plug-points/request.ts';
import type { UserRecord } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import { configuredUrl } from '../mail/links.ts';

/**
 * How users and links appear to clients: derive a class from it, override what is to be otherwise, and name it in HEADLESS_ADAPTER. What its hooks
 * throw is told as what those of an account adapter throw. Source: allauth `headless/adapter.py`.
 */
export class DefaultHeadlessAdapter implements HeadlessAdapter {
  protected readonly kit: Kit;

  /** `kit.plugins` is empty until all plugins are made: look there from `open` on, not here. */
  constructor(kit: Kit) {
    this.kit = kit;
  }

  /**
   * The user as clients see it; what is empty is left out. Whoever holds the key of a mail sees it too, without being logged in. Members of
   * one's own come from `user.extra`, or from anywhere else.
   */
  serializeUser(user: UserRecord): Record<string, unknown> | Promise<Record<string, unknown>> {
    return {
      id: user.id,
      display: this.kit.plugins.ACCOUNT_ADAPTER.userDisplay(user),
      ...(user.email && { email: user.email }),
      ...(user.username && { username: user.username }),
      has_usable_password: user.hasPassword,
    };
  }

  /** JSON Schema of the members that `serializeUser` adds, by name, for the OpenAPI document. Default: none. */
  getUserSchema(): Readonly<Record<string, unknown>> {
    return {};
  }

  /** Where a page of the front end is, with the key in it; `null`: there is none. Default: HEADLESS_FRONTEND_URLS. */
  getFrontendUrl({ origin }: LinkOrigin, page: FrontendPage, key: string): string | null {
    return configuredUrl(this.kit, origin, page, key);
  }
}
