import { DefaultHeadlessAdapter, type UserRecord } from 'allauth-kit/plugin';

/** Config: `HEADLESS_ADAPTER: './plugins/example-headless-adapter.ts#ExampleHeadlessAdapter'` */
export class ExampleHeadlessAdapter extends DefaultHeadlessAdapter {
  /** The user as clients see it. */
  override async serializeUser(user: UserRecord): Promise<Record<string, unknown>> {
    return { ...(await super.serializeUser(user)), joined: user.createdAt };
  }

  /** What it adds, for the OpenAPI document. */
  override getUserSchema() {
    return { joined: { type: 'integer', description: 'Unix seconds' } };
  }
}
