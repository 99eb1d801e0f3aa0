import { JWTTokenStrategy, type Kit, type SessionRecord, type UserRecord } from 'allauth-kit/plugin';

/**
 * Example: access tokens that name the tenant and say whether the user is staff.
 * Config: `HEADLESS_TOKEN_STRATEGY: ['./plugins/tenant-claims-strategy.ts#TenantClaimsStrategy', { tenant: 'acme' }]`
 */
export class TenantClaimsStrategy extends JWTTokenStrategy {
  readonly #tenant: string;

  /** @throws {Error} where the option `tenant` is empty */
  constructor(kit: Kit, { tenant = 'default' }: { tenant?: string } = {}) {
    super(kit);
    if (!tenant) throw new Error('the option tenant is empty');
    this.#tenant = tenant;
  }

  /** Claims to add; `iat exp sid jti sub token_use` are always set over them. */
  override async getClaims(user: UserRecord, session: SessionRecord): Promise<Record<string, unknown>> {
    return { tenant: this.#tenant, staff: user.isStaff, client: session.client };
  }
}
