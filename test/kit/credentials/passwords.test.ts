import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Argon2idPasswordHasher } from '../../../plugins/argon2id-password-hasher.ts';
import { MinimumLengthValidator, NumericPasswordValidator } from '../../../plugins/password-validators.ts';
import { Pbkdf2Sha256PasswordHasher } from '../../../plugins/pbkdf2-sha256-password-hasher.ts';
import type { PasswordHasher } from '../../../src/contracts/plug-points/password-hasher.ts';
import { closeHashing, Overloaded } from '../../../src/kit/credentials/hashing/pool.ts';
import type { Kit } from '../../../src/kit/kit.ts';
import { createLogger } from '../../../src/log/log.ts';
import { checkPassword, hashPassword, verifyPassword } from '../../../src/kit/credentials/passwords.ts';

after(closeHashing);

/** Notes what it is asked to do, and does it. */
class WatchedHasher extends Argon2idPasswordHasher {
  readonly hashed: string[] = [];
  readonly verified: string[] = [];
  failures = 0;

  override async hash(password: string): Promise<string> {
    this.hashed.push(password);
    if (this.failures-- > 0) throw new Overloaded();
    return super.hash(password);
  }

  override async verify(password: string, hash: string): Promise<boolean> {
    this.verified.push(hash);
    return super.verify(password, hash);
  }
}

function setUp(plugins: { hashers?: PasswordHasher[] } = {}): {
  kit: Kit;
  first: WatchedHasher;
  old: Pbkdf2Sha256PasswordHasher;
  lines: string[];
} {
  const lines: string[] = [];
  const log = createLogger({ LOG_LEVEL: 'info' }, { write: (line) => void lines.push(line) });
  const bare = {} as Kit; // the plugins need nothing of it
  const first = new WatchedHasher(bare, { memoryCost: 64, timeCost: 2 });
  const old = new Pbkdf2Sha256PasswordHasher(bare, { iterations: 1000 });
  const validators = [new MinimumLengthValidator(bare), new NumericPasswordValidator()];
  const kit = {
    log,
    plugins: { PASSWORD_HASHERS: plugins.hashers ?? [first, old], AUTH_PASSWORD_VALIDATORS: validators },
  } as unknown as Kit; // all that passwords.ts uses
  return { kit, first, old, lines };
}

test('the first hasher hashes, and what it made needs no rehash', async () => {
  const { kit } = setUp();
  const hash = await hashPassword(kit, 'correct horse');
  assert.match(hash, /^\$argon2id\$/);
  assert.deepEqual(await verifyPassword(kit, 'correct horse', hash), { ok: true, rehash: false });
  assert.deepEqual(await verifyPassword(kit, 'wrong horse', hash), { ok: false, rehash: false });
});

test('a right password is to be rehashed when its hash is of another hasher or of lower costs', async () => {
  const { kit, old } = setUp();
  const legacy = await old.hash('correct horse');
  assert.deepEqual(await verifyPassword(kit, 'correct horse', legacy), { ok: true, rehash: true });
  assert.deepEqual(await verifyPassword(kit, 'wrong horse', legacy), { ok: false, rehash: false });
  const weak = await new Argon2idPasswordHasher({} as Kit, { memoryCost: 64, timeCost: 1 }).hash('correct horse'); // it uses nothing of the kit
  assert.deepEqual(await verifyPassword(kit, 'correct horse', weak), { ok: true, rehash: true });
});

test('without a hash the work of one verification is done, on a dummy that is made once', async () => {
  const { kit, first } = setUp();
  await Promise.all([verifyPassword(kit, 'a', null), verifyPassword(kit, 'b', null)]);
  assert.deepEqual(await verifyPassword(kit, '', null), { ok: false, rehash: false });
  assert.equal(first.hashed.length, 1);
  assert.equal(first.verified.length, 3);
  assert.equal(new Set(first.verified).size, 1);
  assert.equal(first.needsRehash(first.verified[0] ?? ''), false); // of today's costs
});

test('a dummy that could not be made is made the next time', async () => {
  const { kit, first } = setUp();
  first.failures = 1;
  await assert.rejects(verifyPassword(kit, 'a', null), Overloaded);
  assert.deepEqual(await verifyPassword(kit, 'a', null), { ok: false, rehash: false });
});

test('a hash that nobody recognizes is wrong, takes as long, and is logged without the hash', async () => {
  const { kit, first, lines } = setUp();
  for (const hash of [
    '',
    '!unusable',
    'bcrypt_sha256$$2b$12$SecretSaltAndHash',
    '$argon2id$v=19$m=4000000000,t=2,p=1$SecretSaltAndHash$x',
  ]) {
    lines.length = 0;
    first.verified.length = 0;
    assert.deepEqual(await verifyPassword(kit, 'correct horse', hash), { ok: false, rehash: false });
    assert.equal(first.verified.length, 1);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /"level":"warn".*PASSWORD_HASHERS/);
    assert.doesNotMatch(lines.join(''), /SecretSaltAndHash|unusable|correct horse/);
  }
});

test('a password is compared whole, however long', async () => {
  const { kit } = setUp();
  const long = 'x'.repeat(200_000);
  const hash = await hashPassword(kit, `${long}1`);
  assert.equal((await verifyPassword(kit, `${long}1`, hash)).ok, true);
  assert.equal((await verifyPassword(kit, `${long}2`, hash)).ok, false);
});

test('no hasher at all is a fault of the settings', async () => {
  const { kit } = setUp({ hashers: [] });
  await assert.rejects(hashPassword(kit, 'x'), /PASSWORD_HASHERS/);
});

test('all validators are asked, and their problems come in their order', async () => {
  const { kit } = setUp();
  assert.deepEqual(
    (await checkPassword(kit, '1234', {})).map(({ code }) => code),
    ['password_too_short', 'password_entirely_numeric'],
  );
  assert.deepEqual(await checkPassword(kit, 'correct horse', { email: 'a@b.example' }), []);
});
