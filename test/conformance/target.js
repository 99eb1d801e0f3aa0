// An app that embeds the product by its public entries, as the conformance kit wants to start one.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAllauth, createUser, listen } from 'allauth-kit';
import { jwtAuth } from 'allauth-kit/koa';
import { JWTTokenStrategy } from 'allauth-kit/plugin';

const {
  DATABASE_DIR,
  CONFORMANCE_EXTRA_CLAIMS: extraClaims,
  CONFORMANCE_STAFF: staff = [],
  ...settings
} = JSON.parse(readFileSync(process.argv[2], 'utf8'));

class ExtraClaimsStrategy extends JWTTokenStrategy {
  async getClaims() {
    return extraClaims;
  }
}

const allauth = await createAllauth({
  ADMIN_BEARER_ENABLED: true,
  ...(DATABASE_DIR && { DATABASE: `sqlite://${resolve(DATABASE_DIR)}/allauth.sqlite3` }),
  ...settings,
  ...(extraClaims && { HEADLESS_TOKEN_STRATEGY: ExtraClaimsStrategy }),
});
for (const { email, password } of staff) await createUser(allauth.kit, { email, password, isStaff: true, verified: true });
const guard = jwtAuth(allauth);

/** The app's own API. */
async function me(context, next) {
  if (context.path !== '/api/me') return next();
  await guard(context, async () => {
    context.body = { sub: context.state.auth.sub };
  });
}

const running = await listen(allauth, { use: [me] });
console.log(`LISTENING ${running.url}`);
process.once('SIGTERM', () => void running.close());
process.once('SIGINT', () => void running.close());
