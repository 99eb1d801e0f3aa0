import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { KeyInfo } from '../../src/contracts/plug-points/signing-keys.ts';
import { listEvents } from '../../src/store/events.ts';
import { DatabaseKeyStore, listStoredKeys } from '../../src/tokens/keys/database-key-store.ts';
import { FileKeyStore } from '../../src/tokens/keys/file-key-store.ts';
import { generateKey } from '../../src/tokens/keys/generate-key.ts';
import { longestTokenLife, scheduleKeys } from '../../src/tokens/keys/key-schedule.ts';
import { inspectKeys } from '../../src/tokens/keys/open-keys.ts';
import { signToken } from '../../src/tokens/sign.ts';
import { secret, secretKey } from '../support/secrets.ts';
import { keyKit } from './support/key-kit.ts';

const DAY = 86_400;
/** Seconds that a retired key goes on verifying: a server may sign late with it, and its tokens live. */
const RETIRED = 600 + DAY;

async function newPem(): Promise<string> {
  const { pem } = await generateKey('EdDSA');
  secretKey(pem);
  return pem;
}

// A poll of the keys waits half a second, in which the others go on.
suite('keys that the server changes', { concurrency: true }, () => {
  for (const place of ['file', 'database'] as const) {
    for (const algorithm of ['EdDSA', 'HS256'] as const) {
      const start = async (t: TestContext, more = {}) => {
        const setup = await keyKit(t, {
          HEADLESS_JWT_ALGORITHM: algorithm,
          HEADLESS_JWT_PRIVATE_KEY: place === 'file' ? 'file:key.pem' : 'database',
          HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: DAY,
          ...more,
        });
        const path = join(setup.folder, 'key.pem');
        const { pem } = await generateKey(algorithm);
        if (algorithm === 'HS256') secret(pem);
        else secretKey(pem);
        if (place === 'file') writeFileSync(path, pem, { mode: 0o600 });
        return { ...setup, ...(await setup.open()), path, pem };
      };

      test(`${place}, ${algorithm}: a rotation publishes a key, lets it sign after six minutes, and forgets the old one`, async (t) => {
        const { kit, keys, clock, messages, withdrawn, path } = await start(t);
        const [old] = keys.list();
        assert.ok(old);
        const first = keys.ring();
        const rotated = await keys.rotate({});
        assert.ok(rotated.rotated);
        assert.deepEqual(
          [rotated.key.state, rotated.key.createdAt, rotated.key.signsFrom, rotated.key.verifiesUntil],
          ['next', 1_000_000, 1_000_360, null],
        );
        const [signing, next] = keys.list();
        assert.deepEqual([signing?.state, next?.state], ['signing', 'next']);
        assert.equal(signing?.signsFrom, place === 'file' ? 0 : 1_000_000, 'of a key that its owner made it is not known');
        assert.equal(signing?.verifiesUntil, 1_000_360 + RETIRED);
        assert.equal(keys.ring().signing, first.signing);
        assert.equal(keys.ring().verifying.length, 2);

        const again = await keys.rotate({});
        assert.ok(!again.rotated);
        const name = rotated.key.name ?? rotated.key.kid ?? '';
        assert.equal(
          again.instruction,
          `A rotation is in progress: the key ${name} signs from 1970-01-12T13:52:40Z on. No action is needed; \`allauth keys rotate --now\` makes it sign at once.`,
        );
        clock.now = 1_000_359;
        assert.equal(keys.ring().signing, first.signing);
        clock.now = 1_000_360;
        assert.notEqual(keys.ring().signing, first.signing);
        assert.ok(messages().includes('the signing key has changed'));
        assert.equal(keys.ring(), keys.ring(), 'the same ring while nothing changes');
        assert.deepEqual(
          keys.list().map(({ kid, state }) => [kid, state]),
          [
            [rotated.key.kid, 'signing'],
            [old.kid, 'retired'],
          ],
        );
        clock.now = 1_000_359 + RETIRED;
        assert.equal(keys.ring().verifying.length, 2);
        assert.equal(withdrawn(), 0);
        clock.now += 1;
        assert.equal(keys.ring().verifying.length, 1);
        assert.equal(withdrawn(), 1, 'what it verified is to be forgotten');
        assert.equal(keys.list().length, 1);
        const [event, ...more] = await listEvents(kit.db, { limit: 10, type: 'key_rotated' });
        assert.deepEqual(event?.details, { kid: rotated.key.kid, algorithm, signs_from: 1_000_360 });
        assert.deepEqual([more, event?.actorId], [[], null]);
        if (place === 'file') assert.equal(statSync(path).mode & 0o777, 0o600);
      });

      test(`${place}, ${algorithm}: a withdrawn key verifies no more; the one that signs gets a successor`, async (t) => {
        const { kit, keys, withdrawn } = await start(t);
        const nameOf = ({ kid, name }: KeyInfo): string => name ?? kid ?? '';
        const [first] = keys.list();
        const origin = { ip: '192.0.2.1', user: { id: 'staff' }, session: null };
        assert.ok(first);
        const done = await keys.withdraw({ kid: nameOf(first), origin });
        assert.ok(done.withdrawn);
        assert.equal(done.signing.state, 'signing');
        assert.notEqual(nameOf(done.signing), nameOf(first));
        assert.equal(withdrawn(), 1);
        assert.equal(keys.list().length, 1);
        const events = await listEvents(kit.db, { limit: 10 });
        assert.deepEqual(events.map(({ type, actorId, ip }) => `${type} ${actorId} ${ip}`).sort(), [
          'key_rotated staff 192.0.2.1',
          'key_withdrawn staff 192.0.2.1',
        ]);
        assert.deepEqual(events.find(({ type }) => type === 'key_withdrawn')?.details, { kid: first.kid, name: nameOf(first), algorithm });

        const waiting = await keys.rotate({});
        assert.ok(waiting.rotated);
        const unpublished = await keys.withdraw({ kid: nameOf(waiting.key) });
        assert.ok(unpublished.withdrawn);
        assert.equal(nameOf(unpublished.signing), nameOf(done.signing), 'a key that waits needs no successor');
        assert.deepEqual(await keys.withdraw({ kid: 'nobody' }), {
          withdrawn: false,
          instruction: 'There is no active key nobody. `allauth keys list` shows the keys.',
        });

        const another = await keys.rotate({});
        assert.ok(another.rotated);
        const hastened = await keys.withdraw({ kid: nameOf(done.signing) });
        assert.ok(hastened.withdrawn);
        assert.equal(nameOf(hastened.signing), nameOf(another.key), 'the key that waits takes its place');
      });

      if (algorithm === 'HS256') continue; // what follows does not depend on it

      test(`${place}, ${algorithm}: with immediately the key signs at once, one that waits first`, async (t) => {
        const { keys, clock } = await start(t);
        const first = await keys.rotate({ immediately: true });
        assert.ok(first.rotated);
        assert.deepEqual([first.key.state, first.key.signsFrom], ['signing', 1_000_000]);
        clock.now += 10;
        const waiting = await keys.rotate({});
        assert.ok(waiting.rotated);
        clock.now += 10;
        const hastened = await keys.rotate({ immediately: true });
        assert.ok(hastened.rotated);
        assert.deepEqual([hastened.key.kid, hastened.key.name], [waiting.key.kid, waiting.key.name], 'no second one');
        assert.equal(hastened.key.signsFrom, 1_000_020);
        assert.equal(keys.list().length, 3);
      });

      test(`${place}, ${algorithm}: two servers that rotate at once make one key`, async (t) => {
        const setup = await start(t);
        const other = await setup.open();
        const results = await Promise.all([setup.keys.rotate({}), other.keys.rotate({})]);
        const [won, lost] = results.sort((a, b) => Number(b.rotated) - Number(a.rotated));
        assert.ok(won?.rotated && lost && !lost.rotated);
        assert.match(lost.instruction, /^A rotation is in progress/);
        assert.equal(setup.keys.list().length, 2);
        const atOnce = await Promise.all([setup.keys, other.keys].map((keys) => keys.withdraw({ kid: won.key.name ?? won.key.kid ?? '' })));
        assert.equal(atOnce.filter(({ withdrawn }) => withdrawn).length, 1);
      });

      test(`${place}, ${algorithm}: a longer life of tokens is noted beside the keys that may sign such tokens`, async (t) => {
        const { kit, keys, clock } = await start(t);
        const name = { path: join(kit.folder, 'key.pem'), name: 'HEADLESS_JWT_PRIVATE_KEY' };
        const longer = { ...kit, settings: { ...kit.settings, HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 2 * DAY } };
        const store = place === 'file' ? new FileKeyStore(longer, name) : new DatabaseKeyStore(longer);
        for (let count = 0; count < 2; count += 1) {
          await keys.rotate({ immediately: true });
          clock.now += 1;
        }
        const before = await store.read([]);
        await store.maintain(scheduleKeys(before.keys, clock.now));
        const after = await store.read([]);
        assert.deepEqual(
          scheduleKeys(after.keys, clock.now).map(({ key, state }) => `${key.generation} ${state} ${key.longestLife}`),
          [`3 signing ${2 * DAY}`, `2 retired ${DAY}`, `1 retired ${DAY}`],
        );
        await (place === 'file' ? new FileKeyStore(kit, name) : new DatabaseKeyStore(kit)).maintain(scheduleKeys(after.keys, clock.now));
        assert.deepEqual(await store.read([]), await store.read([]));
        assert.equal(
          (await store.read([])).keys.find(({ generation }) => generation === 3)?.longestLife,
          2 * DAY,
          'a shorter one changes nothing',
        );
      });

      test(`${place}, ${algorithm}: a key is taken away a day after its time`, async (t) => {
        const { kit, keys, clock, path } = await start(t);
        const store = place === 'file' ? new FileKeyStore(kit, { path, name: 'x' }) : new DatabaseKeyStore(kit);
        await keys.rotate({ immediately: true });
        const count = async (at: number): Promise<number> => {
          clock.now = at;
          await store.maintain(scheduleKeys((await store.read([])).keys, at));
          return (await store.read([])).keys.length;
        };
        assert.equal(await count(1_000_000 + RETIRED + DAY - 1), 2);
        assert.equal(await count(1_000_000 + RETIRED + DAY), 1);
      });
    }
  }

  test('the database: keys that SECRET_KEY does not open, and rows that name another key, keep a server from starting', async (t) => {
    const { kit, clock, open } = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: 'database', HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: DAY });
    const { keys } = await open();
    const [first] = await listStoredKeys(kit);
    assert.deepEqual(
      [first?.kid, first?.state, first?.signsFrom, first?.createdAt],
      [keys.ring().signing.kid, 'signing', 1_000_000, 1_000_000],
    );
    const other = { ...kit, settings: { ...kit.settings, SECRET_KEY: 'o'.repeat(40) } };
    const message = `The signing key ${first?.kid} in the database cannot be decrypted: it was encrypted with another SECRET_KEY. Add that one to SECRET_KEY_FALLBACKS.`;
    assert.deepEqual(await new DatabaseKeyStore(other).read([]), { keys: [], verifyOnly: [], problems: [message] });
    const known = (await new DatabaseKeyStore(kit).read([])).keys;
    const read = await new DatabaseKeyStore(other).read(known);
    assert.equal(read.keys[0]?.imported, known[0]?.imported, 'what is open is not opened again');
    const rotated = await keys.rotate({});
    assert.ok(rotated.rotated);
    assert.equal((await listStoredKeys(kit)).length, 2);
    const [next] = (await listStoredKeys(kit)).slice(1);
    assert.equal(next?.state, 'next');
    clock.now = 1_000_359 + RETIRED;
    assert.equal((await listStoredKeys(kit)).length, 2);
    clock.now += 1;
    assert.deepEqual(
      (await listStoredKeys(kit)).map(({ kid }) => kid),
      [next.kid],
      'the time of the first is over',
    );
  });

  test('the database: what the list names behind it only verifies', async (t) => {
    const old = await newPem();
    const { kit, open } = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: ['database', old] });
    const { keys } = await open();
    const [signing, given] = keys.list();
    assert.deepEqual([signing?.state, given?.state, given?.createdAt, keys.list().length], ['signing', 'retired', null, 2]);
    assert.equal(keys.ring().verifying[1]?.kid, given?.kid);
    assert.equal(await inspectKeys(kit), null);
    const refused = await keys.withdraw({ kid: given?.kid ?? '' });
    assert.ok(!refused.withdrawn);
    assert.match(refused.instruction, new RegExp(`^Remove the key ${given?.kid} from HEADLESS_JWT_PRIVATE_KEY`));
    await assert.rejects(inspectKeys({ ...kit, settings: { ...kit.settings, HEADLESS_JWT_PRIVATE_KEY: ['database', 'x'] } }), {
      message: /^HEADLESS_JWT_PRIVATE_KEY\[1\] is not a private key/,
    });
  });

  test('a file: what cannot be used, and what stands behind it, is told before it is opened, and while it runs', async (t) => {
    const { kit, folder, open, messages, clock } = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: ['file:key.pem', 'x'] });
    const path = join(folder, 'key.pem');
    await assert.rejects(open(), {
      name: 'KeysUnusable',
      message:
        /^HEADLESS_JWT_PRIVATE_KEY\[0\] names the file .*key.pem, which cannot be read \(ENOENT\)\. To generate a key, run `allauth keys generate --algorithm EdDSA`\.\nHEADLESS_JWT_PRIVATE_KEY\[1\] is not a private key/,
    });
    const alone = { ...kit, settings: { ...kit.settings, HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem' } };
    Object.assign(kit, { settings: alone.settings });
    await assert.rejects(inspectKeys(kit), { message: /^HEADLESS_JWT_PRIVATE_KEY names the file/ });
    writeFileSync(path, `${await newPem()}${await newPem()}`, { mode: 0o600 });
    const { keys } = await open();
    assert.deepEqual(await inspectKeys(kit), keys.list());
    const [signing, given] = keys.list();
    assert.deepEqual([signing?.state, given?.state], ['signing', 'retired']);
    assert.deepEqual(signing, { kid: signing?.kid, algorithm: 'EdDSA', state: 'signing', createdAt: null });

    const refused = await keys.withdraw({ kid: given?.kid ?? '' });
    assert.ok(!refused.withdrawn);
    assert.match(refused.instruction, /^Remove the key/);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, 'nonsense');
    assert.deepEqual(await keys.rotate({}), {
      rotated: false,
      instruction: `HEADLESS_JWT_PRIVATE_KEY is not a private key as PEM text, base64 of PEM text, or file:PATH. To generate a key, run \`allauth keys generate --algorithm EdDSA\`. Generate a key with \`allauth keys generate --algorithm EdDSA\`, put it first in the list HEADLESS_JWT_PRIVATE_KEY, keep the others after it, and restart.`,
    });
    assert.equal(keys.list().length, 2, 'it goes on with the keys that it has');
    writeFileSync(path, whole);
    assert.ok((await keys.rotate({})).rotated);
    assert.equal(keys.list().length, 3, 'what only verifies stays');
    clock.now += 1;
    assert.deepEqual(
      messages().filter((each) => each.includes('could not be updated')),
      [],
    );
  });

  test('a file that may not be written is rotated by hand', async (t) => {
    const { folder, open } = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem' });
    const path = join(folder, 'key.pem');
    writeFileSync(path, await newPem());
    chmodSync(path, 0o400);
    const { keys } = await open();
    const rotated = await keys.rotate({});
    assert.ok(!rotated.rotated);
    assert.match(rotated.instruction, /^The key file .*key\.pem is read-only\. Generate a key with/);
    const withdrawn = await keys.withdraw({ kid: keys.list()[0]?.kid ?? '' });
    assert.ok(!withdrawn.withdrawn);
    assert.match(withdrawn.instruction, /is read-only\. Remove the key .* from HEADLESS_JWT_PRIVATE_KEY/);
  });

  test('a development server makes a key beside its database once, and finds it again', async (t) => {
    const { kit, folder, open, messages } = await keyKit(t);
    const path = join(folder, 'allauth-dev-key-EdDSA.pem');
    assert.equal(await inspectKeys(kit), null);
    assert.equal(existsSync(path), false);
    const { keys } = await open();
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(await inspectKeys(kit), keys.list());
    const [told] = messages().filter((each) => each.includes('HEADLESS_JWT_PRIVATE_KEY is not set'));
    assert.equal(
      told,
      `HEADLESS_JWT_PRIVATE_KEY is not set: signing with the development key in ${path}. Production requires its own key. To generate one, run \`allauth keys generate --algorithm EdDSA\`.`,
    );
    chmodSync(path, 0o640);
    const again = await open();
    assert.equal(again.keys.ring().signing.kid, keys.ring().signing.kid);
    assert.ok(messages().includes(`${path} holds a signing key, and other users of this machine can read it. Run: chmod 600 ${path}`));
    assert.equal(messages().filter((each) => each.includes('other users of this machine')).length, 1);
    writeFileSync(path, 'nonsense');
    await assert.rejects(inspectKeys(kit), {
      message: /^The development key in .* \(it may be deleted, then a new one is made\) is not a private key/,
    });
  });

  test('a development server that can write no key has one for its own time', async (t) => {
    const { folder, open, messages } = await keyKit(t);
    const path = join(folder, 'allauth-dev-key-EdDSA.pem');
    mkdirSync(path);
    const { keys } = await open();
    assert.deepEqual(
      keys.list().map(({ state }) => state),
      ['signing'],
    );
    assert.equal(
      messages().find((each) => each.includes('no key can be stored')),
      `HEADLESS_JWT_PRIVATE_KEY is not set, and no key can be stored in ${path}: tokens become invalid when this process ends. Production requires its own key. To generate one, run \`allauth keys generate --algorithm EdDSA\`.`,
    );
    assert.equal(await keys.refreshFor('x'), false);
    assert.deepEqual(await keys.withdraw({ kid: 'x' }), {
      withdrawn: false,
      instruction:
        'Remove the key x from HEADLESS_JWT_PRIVATE_KEY, or from the file that it names, replace it if it is the signing key, and restart.',
    });
    assert.equal((await keys.rotate({})).rotated, false);
    rmSync(path, { recursive: true });
  });

  test('a token of a key that came in between is checked again; others cause no read', async (t) => {
    const setup = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: 'database' });
    const [one, two] = [await setup.open(), await setup.open()];
    const claims = { iat: 1, exp: 2, sid: 's', jti: 'j', token_use: 'access' as const, sub: 'u' };
    assert.equal(await two.keys.refreshFor(await signToken(two.keys.ring(), claims)), false, 'a known key');
    assert.ok((await one.keys.rotate({ immediately: true })).rotated);
    const fresh = await signToken(one.keys.ring(), claims);
    assert.equal(await two.keys.refreshFor('no token'), false);
    const header = Buffer.from('{"alg":"RS256","kid":"x"}').toString('base64url');
    assert.equal(await two.keys.refreshFor(`${header}.e30.x`), false, 'another algorithm');
    assert.equal(two.keys.list().length, 1);
    assert.equal(await two.keys.refreshFor(fresh), true);
    assert.equal(two.keys.list().length, 2);
    assert.equal(await two.keys.refreshFor(fresh), false);
  });

  test('the first key that a file gets notes of serves as long as the longest token that is out', async (t) => {
    const { kit, folder, open } = await keyKit(t, { HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem' });
    writeFileSync(join(folder, 'key.pem'), await newPem(), { mode: 0o600 });
    const { keys } = await open();
    assert.ok((await keys.rotate({ immediately: true })).rotated);
    assert.equal(keys.list()[1]?.verifiesUntil, 1_000_000 + 600 + longestTokenLife(kit.settings));
  });
});
