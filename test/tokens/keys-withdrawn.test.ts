import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyWithdrawal } from '../../src/contracts/plug-points/signing-keys.ts';
import { until } from '../support/until.ts';
import { leaksIn } from '../support/secrets.ts';
import type { TestServer } from '../support/server.ts';
import { decode, keyFor } from './support/jwt.ts';
import { keyPlace, PLACES, readKeys } from './support/key-places.ts';
import { publishedKids, rotate, states } from './support/keys.ts';
import { eventsOf } from './support/rows.ts';
import { signedUp, tokenServer } from './support/server.ts';

const kidOf = (token: string): string => String(decode(token).header['kid']);

/** Withdraws as an operator does it. */
function withdraw({ kit }: Pick<TestServer, 'kit'>, kid: string): Promise<KeyWithdrawal> {
  return kit.plugins.HEADLESS_TOKEN_STRATEGY.withdrawKey({ kid });
}

for (const where of PLACES) {
  test(`the key that signs is withdrawn: another one signs, and what it has signed is refused at once everywhere (${where})`, async (t) => {
    const place = await keyPlace(t, where);
    const [one, two] = await place.servers(2);
    assert.ok(one && two);
    const app = await signedUp(one);
    const stolen = kidOf(app.accessToken);
    for (const server of [one, two]) assert.equal((await server.me(app.accessToken)).status, 200);

    const result = await withdraw(one, stolen);
    assert.ok(result.withdrawn);
    if (where === 'file') readKeys(place.path);
    assert.notEqual(result.signing.kid, stolen);
    assert.equal((await one.me(app.accessToken)).status, 401, 'though it was verified before');
    assert.equal((await app.session({ auth: 'bearer' })).status, 401);
    assert.equal((await app.refresh()).status, 400);
    await until(async () => (await two.me(app.accessToken)).status === 401);
    for (const server of [one, two]) {
      assert.deepEqual(await publishedKids(server), [result.signing.kid]);
      const user = await signedUp(server);
      assert.equal(kidOf(user.accessToken), result.signing.kid);
      assert.equal((await user.refresh()).status, 200);
    }

    const [withdrawn] = await eventsOf(one, 'key_withdrawn');
    assert.deepEqual(withdrawn?.details, { kid: stolen, name: stolen, algorithm: 'ES256' });
    assert.equal((await eventsOf(one, 'key_rotated')).length, 1);
    const again = await withdraw(one, stolen);
    assert.ok(!again.withdrawn && again.instruction.includes(`There is no active key ${stolen}`));
    for (const { log } of [one, two]) assert.deepEqual(leaksIn(log.join('')), []);
  });

  test(`a key that is to sign, or has signed, is withdrawn without another one (${where})`, async (t) => {
    const place = await keyPlace(t, where);
    const [server] = await place.servers(1);
    assert.ok(server);
    const app = await signedUp(server);
    const first = kidOf(app.accessToken);
    const next = await rotate(server);
    assert.ok(next.rotated && next.key.kid !== null);
    assert.ok((await withdraw(server, next.key.kid)).withdrawn);
    assert.deepEqual(await states(server), [`signing ${first}`]);
    assert.equal((await server.me(app.accessToken)).status, 200);

    const second = await rotate(server, { immediately: true });
    assert.ok(second.rotated);
    const fresh = await signedUp(server);
    assert.ok((await withdraw(server, first)).withdrawn);
    assert.equal((await server.me(app.accessToken)).status, 401);
    assert.equal((await server.me(fresh.accessToken)).status, 200);
    assert.deepEqual(await states(server), [`signing ${second.key.kid}`]);
    if (where === 'file') readKeys(place.path);
  });

  test(`while a key waits to sign, it takes the place of the one that is withdrawn (${where})`, async (t) => {
    const place = await keyPlace(t, where);
    const [server] = await place.servers(1);
    assert.ok(server);
    const stolen = kidOf((await signedUp(server)).accessToken);
    const next = await rotate(server);
    assert.ok(next.rotated);
    const result = await withdraw(server, stolen);
    assert.ok(result.withdrawn);
    assert.deepEqual([result.signing.kid, result.signing.state], [next.key.kid, 'signing']);
    assert.deepEqual(await publishedKids(server), [next.key.kid]);
    if (where === 'file') readKeys(place.path);
  });

  test(`withdrawals and rotations that race leave one key that signs, and the stolen one gone (${where})`, async (t) => {
    const place = await keyPlace(t, where);
    const all = await place.servers(2);
    const [one, two] = all;
    assert.ok(one && two);
    const stolen = kidOf((await signedUp(one)).accessToken);
    const results = await Promise.all([
      withdraw(one, stolen),
      rotate(two, { immediately: true }),
      withdraw(two, stolen),
      rotate(one, { immediately: true }),
    ]);
    assert.ok(results.some((result) => 'withdrawn' in result && result.withdrawn));
    assert.equal((await eventsOf(one, 'key_withdrawn')).length, 1);
    for (const server of all) await until(async () => !(await publishedKids(server)).includes(stolen));
    await until(async () => JSON.stringify(await states(one)) === JSON.stringify(await states(two)));
    assert.equal((await states(one)).filter((each) => each.startsWith('signing ')).length, 1);
    for (const server of all) assert.equal((await (await signedUp(server)).refresh()).status, 200);
    if (where === 'file') readKeys(place.path);
  });

  test(`a secret of HS*, which has no key id, is withdrawn by its name (${where})`, async (t) => {
    const place = await keyPlace(t, where, 'HS256');
    const [one, two] = await place.servers(2);
    assert.ok(one && two);
    const app = await signedUp(one);
    const [key] = await one.kit.plugins.HEADLESS_TOKEN_STRATEGY.listKeys();
    assert.ok((await withdraw(one, key?.name ?? '')).withdrawn);
    if (where === 'file') readKeys(place.path);
    assert.equal((await one.me(app.accessToken)).status, 401);
    await until(async () => (await two.me(app.accessToken)).status === 401);
  });
}

test('keys that stand in the settings are withdrawn by hand, as the answer says', async (t) => {
  const server = await tokenServer(t);
  const { accessToken } = await signedUp(server);
  const result = await withdraw(server, kidOf(accessToken));
  assert.ok(!result.withdrawn);
  assert.match(result.instruction, /^Remove the key \S+ from HEADLESS_JWT_PRIVATE_KEY/);
  assert.equal((await server.me(accessToken)).status, 200);

  const place = await keyPlace(t, 'database', 'RS256');
  const mixed = await place.open({ HEADLESS_JWT_PRIVATE_KEY: ['database', await keyFor('RS256')] });
  assert.equal((await mixed.me(accessToken)).status, 200);
  const refused = await withdraw(mixed, kidOf(accessToken));
  assert.ok(!refused.withdrawn && refused.instruction.startsWith('Remove the key'));
});
