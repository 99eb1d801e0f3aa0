import { DefaultAccountAdapter, type AdapterRequest } from 'allauth-kit/plugin';

/**
 * Override what is to be otherwise: each hook of DefaultAccountAdapter says what it is for.
 * Config: `ACCOUNT_ADAPTER: './plugins/example-account-adapter.ts#ExampleAccountAdapter'`
 */
export class ExampleAccountAdapter extends DefaultAccountAdapter {
  /** Whether this visitor may sign up. */
  override async isOpenForSignup(request: AdapterRequest): Promise<boolean> {
    return super.isOpenForSignup(request);
  }
}
