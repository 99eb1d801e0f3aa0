import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeHashing } from 'allauth-kit/plugin';
import { Pbkdf2Sha256PasswordHasher } from '../../plugins/pbkdf2-sha256-password-hasher.ts';
import { kitOf } from './hashing-kit.ts';

const kit = kitOf({});
const hasher = new Pbkdf2Sha256PasswordHasher(kit);
const cheap = new Pbkdf2Sha256PasswordHasher(kit, { iterations: 1000 });

// made by Django 5.2
const DJANGO = 'pbkdf2_sha256$1000000$abc$XlL8BguSvM7suBo3x1+IxZ9BdyRY7crRnlTUjGW3lDs=';
const DJANGO_NON_ASCII = 'pbkdf2_sha256$1000$seasalt22charsabcdefgh$YLeLutLWLp5DWUvyK6ZTigIvdUo86+eah9qjke1CsGw=';

after(closeHashing);

test('verifies what Django made', async () => {
  assert.ok(hasher.recognizes(DJANGO));
  assert.equal(await hasher.verify('correct horse', DJANGO), true);
  assert.equal(await hasher.verify('correct horsE', DJANGO), false);
  assert.equal(await hasher.verify('correct horse é', DJANGO_NON_ASCII), true);
  assert.equal(hasher.needsRehash(DJANGO), false);
  assert.equal(hasher.needsRehash(DJANGO_NON_ASCII), true);
});

test('hashes in the same form, each time with another salt', async () => {
  const [one, other] = await Promise.all([cheap.hash('pw'), cheap.hash('pw')]);
  assert.match(one, /^pbkdf2_sha256\$1000\$[\w-]{22}\$[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(one, other);
  assert.equal(await cheap.verify('pw', one), true);
  assert.equal(await cheap.verify('pw2', one), false);
  assert.match(await hasher.hash('pw'), /^pbkdf2_sha256\$1000000\$/);
});

test('a malformed hash, or one of absurdly many iterations, is not recognized and matches nothing', async () => {
  const key = DJANGO.split('$')[3];
  const bad = [
    '',
    'pbkdf2_sha256$',
    `pbkdf2_sha256$0$abc$${key}`,
    `pbkdf2_sha256$-1$abc$${key}`,
    `pbkdf2_sha256$1e3$abc$${key}`,
    `pbkdf2_sha256$10000001$abc$${key}`,
    `pbkdf2_sha256$99999999999999999999$abc$${key}`,
    `pbkdf2_sha256$1000$$${key}`,
    'pbkdf2_sha256$1000$abc$',
    'pbkdf2_sha256$1000$abc$AAAA',
    `pbkdf2_sha1$1000$abc$${key}`,
    `${DJANGO}\n`,
    `${DJANGO}$`,
  ];
  for (const hash of bad) {
    assert.equal(cheap.recognizes(hash), false, hash);
    assert.equal(await cheap.verify('correct horse', hash), false, hash);
    assert.equal(cheap.needsRehash(hash), true, hash);
  }
});

test('refuses options that are unknown or out of range', () => {
  for (const options of [{ iterations: 0 }, { iterations: 1.5 }, { iterations: 10_000_001 }]) {
    assert.throws(() => new Pbkdf2Sha256PasswordHasher(kit, options), JSON.stringify(options));
  }
  const misspelt: object = { rounds: 8 };
  assert.throws(() => new Pbkdf2Sha256PasswordHasher(kit, misspelt), /rounds/);
});
