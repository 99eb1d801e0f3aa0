import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeHashing } from 'allauth-kit/plugin';
import { Argon2idPasswordHasher } from '../../plugins/argon2id-password-hasher.ts';
import { kitOf } from './hashing-kit.ts';

const kit = kitOf({});
const hasher = new Argon2idPasswordHasher(kit);
const cheap = new Argon2idPasswordHasher(kit, { memoryCost: 64, timeCost: 2 });

after(closeHashing);

test("hashes with OWASP's costs by default, each time with another salt", async () => {
  const [one, other] = await Promise.all([hasher.hash('correct horse'), hasher.hash('correct horse')]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(one, other);
  assert.ok(hasher.recognizes(one));
  assert.equal(hasher.needsRehash(one), false);
  assert.equal(await hasher.verify('correct horse', one), true);
  assert.equal(await hasher.verify('correct horse ', one), false);
});

test('verifies what the reference implementation and Django make', async () => {
  // echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 (test vector of the reference implementation)
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await hasher.verify('password', reference), true);
  assert.equal(await hasher.verify('Password', reference), false);
  assert.equal(hasher.needsRehash(reference), false);

  const django = `argon2${reference}`;
  assert.ok(hasher.recognizes(django));
  assert.equal(await hasher.verify('password', django), true);
  assert.equal(await hasher.verify('passwort', django), false);
  assert.equal(hasher.needsRehash(django), true);
});

test('asks for a new hash where a cost is lower than its own, not where it is higher', async () => {
  const hash = await cheap.hash('x');
  assert.equal(new Argon2idPasswordHasher(kit, { memoryCost: 65 }).needsRehash(hash), true);
  assert.equal(new Argon2idPasswordHasher(kit, { memoryCost: 64, timeCost: 3 }).needsRehash(hash), true);
  assert.equal(new Argon2idPasswordHasher(kit, { memoryCost: 32, timeCost: 1 }).needsRehash(hash), false);
});

test('takes passwords of any length and content whole', async () => {
  const long = 'é'.repeat(120_000);
  const hash = await cheap.hash(`${long}a`);
  assert.equal(await cheap.verify(`${long}a`, hash), true);
  assert.equal(await cheap.verify(`${long}b`, hash), false);
  const nul = await cheap.hash('a\u0000b');
  assert.equal(await cheap.verify('a\u0000b', nul), true);
  assert.equal(await cheap.verify('a\u0000c', nul), false);
  assert.equal(await cheap.verify('', await cheap.hash('')), true);
});

test('a malformed or unaffordable hash is not recognized and matches nothing', async () => {
  const good = await cheap.hash('x');
  const [salt, key] = good.split('$').slice(4);
  const bad = [
    '',
    '$argon2id$',
    good.slice(0, -30),
    `${good}$`,
    `${good}\n`,
    ` ${good}`,
    good.replace('v=19', 'v=16'),
    good.replace('argon2id', 'argon2i'),
    good.replace('m=64', 'm=7'),
    good.replace('p=1', 'p=0'),
    good.replace('t=2', 't=0'),
    good.replace('m=64', 'm=4294967295'),
    good.replace('m=64', 'm=1048577'),
    good.replace('m=64,t=2', 'm=1048576,t=5'),
    `$argon2id$v=19$m=64,t=2,p=1$$${key}`,
    `$argon2id$v=19$m=64,t=2,p=1$${salt}$`,
    'pbkdf2_sha256$1$a$b',
  ];
  for (const hash of bad) {
    assert.equal(cheap.recognizes(hash), false, hash);
    assert.equal(await cheap.verify('x', hash), false, hash);
    assert.equal(cheap.needsRehash(hash), true, hash);
  }
  // well-formed, yet no base64 that any encoder writes
  assert.equal(await cheap.verify('x', `$argon2id$v=19$m=64,t=2,p=1$${'/'.repeat(13)}$${'/'.repeat(23)}`), false);
});

test('refuses options that are unknown or out of range', () => {
  for (const options of [
    { memoryCost: 4 },
    { memoryCost: 1.5 },
    { memoryCost: 8, parallelism: 2 },
    { memoryCost: 2 ** 20, timeCost: 5 },
    { timeCost: 0 },
  ]) {
    assert.throws(() => new Argon2idPasswordHasher(kit, options), JSON.stringify(options));
  }
  const misspelt: object = { memory: 8 };
  assert.throws(() => new Argon2idPasswordHasher(kit, misspelt), /memory/);
});
