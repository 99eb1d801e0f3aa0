import type { PlugPoint } from './plug-point.ts';
import type { Awaitable, Lifecycle } from './lifecycle.ts';
import type { LinkOrigin } from './request.ts';
import type { UserRecord } from '../records.ts';

/** A page of the front end: a key of HEADLESS_FRONTEND_URLS. */
export type FrontendPage =
  'account_confirm_email' | 'account_reset_password' | 'account_reset_password_from_key' | 'account_signup' | 'socialaccount_login_error';

/** Setting HEADLESS_ADAPTER. Extend DefaultHeadlessAdapter. */
export interface HeadlessAdapter extends Lifecycle {
  serializeUser(user: UserRecord): Awaitable<Record<string, unknown>>;
  getUserSchema(): Readonly<Record<string, unknown>>;
  getFrontendUrl(request: LinkOrigin, page: FrontendPage, key: string): string | null;
}

export const headlessAdapter: PlugPoint<HeadlessAdapter> = {
  shape: 'HeadlessAdapter',
  kind: 'headless-adapter',
  noun: 'a headless adapter',
  summary: 'changes how users appear in the headless API',
  bases: ['DefaultHeadlessAdapter'],
  methods: {
    serializeUser: 'required',
    getUserSchema: 'required',
    getFrontendUrl: 'required',
  },
};
