import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { PasswordProblem } from 'allauth-kit/plugin';
import {
  CommonPasswordValidator,
  MinimumLengthValidator,
  NumericPasswordValidator,
  UserAttributeSimilarityValidator,
} from '../../plugins/password-validators.ts';
import { fault } from '../../src/texts/faults.ts';
import { kitOf } from './hashing-kit.ts';

const kit = kitOf({ folder: tmpdir() });

test('MinimumLengthValidator counts characters', () => {
  const validator = new MinimumLengthValidator(kit);
  assert.deepEqual(validator.validate('1234567'), fault('password_too_short', { min: 8 }));
  assert.equal(validator.validate('12345678'), null);
  assert.equal(validator.validate('😀'.repeat(7))?.code, 'password_too_short');
  assert.equal(validator.validate('😀'.repeat(8)), null);
  assert.equal(new MinimumLengthValidator(kit, { min_length: 12 }).validate('12345678901')?.code, 'password_too_short');
  assert.deepEqual(new MinimumLengthValidator(kit, { min_length: 1 }).validate(''), fault('password_too_short.one'));
  assert.throws(() => new MinimumLengthValidator(kit, { min_length: -1 }));
  const misspelt: object = { minLength: 12 };
  assert.throws(() => new MinimumLengthValidator(kit, misspelt), /minLength/);
});

test('CommonPasswordValidator knows common passwords, in any case, and only whole ones', () => {
  const validator = new CommonPasswordValidator(kit);
  assert.deepEqual(validator.validate('password'), fault('password_too_common'));
  for (const common of ['PassWord1', ' letmein123 ', 'qwertyuiop', 'iloveyou', '12345678', 'xpcrew', '123456']) {
    assert.equal(validator.validate(common)?.code, 'password_too_common', common);
  }
  for (const fine of [
    'correct horse battery staple',
    'xpasswordx',
    'sswor',
    'password\nqwerty',
    '123456\npassword',
    '',
    'a'.repeat(200_000),
  ]) {
    assert.equal(validator.validate(fine), null, fine.slice(0, 50));
  }
});

test('CommonPasswordValidator takes a list of its own, plain or gzipped', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'passwords-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'list.txt'), 'acme2026\r\nhunter2');
  writeFileSync(join(folder, 'list.gz'), gzipSync('acme2026\nhunter2\n'));
  for (const path of ['list.txt', './list.gz', join(folder, 'list.txt')]) {
    const validator = new CommonPasswordValidator(kitOf({ folder }), { password_list_path: path });
    assert.equal(validator.validate('Acme2026')?.code, 'password_too_common', path);
    assert.equal(validator.validate('hunter2')?.code, 'password_too_common', path);
    assert.equal(validator.validate('password'), null, path);
  }
  assert.throws(() => new CommonPasswordValidator(kitOf({ folder }), { password_list_path: 'none.txt' }), /none\.txt/);
});

test('UserAttributeSimilarityValidator compares with username, address and their parts', () => {
  const validator = new UserAttributeSimilarityValidator(kit);
  const user = { username: 'maryjane', email: 'mary.watson@bugle.example' };
  const problem = (password: string): PasswordProblem | null => validator.validate(password, user);
  for (const password of ['maryjane', 'MaryJane', 'maryjane1', 'enajyram'])
    assert.deepEqual(problem(password), fault('password_too_similar.username'), password);
  for (const password of ['mary.watson', 'Watson12', 'mary.watson@bugle.example', 'bugle99', 'mary.watson!']) {
    assert.deepEqual(problem(password), fault('password_too_similar.email'), password);
  }
  for (const password of ['zebra-crossing-7', 'x'.repeat(100_000), '']) assert.equal(problem(password), null, password.slice(0, 50));
  assert.equal(validator.validate('maryjane', {}), null);
  assert.equal(validator.validate('anything', { username: '', email: '' }), null);
});

test('UserAttributeSimilarityValidator goes by its options', () => {
  const user = { username: 'abcdefgh', email: 'someone@shop.example' };
  const half = 'abcdwxyz'; // 4 of 8 characters: 0.5
  assert.equal(new UserAttributeSimilarityValidator(kit).validate(half, user), null);
  assert.equal(new UserAttributeSimilarityValidator(kit, { max_similarity: 0.5 }).validate(half, user)?.code, 'password_too_similar');
  const emailOnly = new UserAttributeSimilarityValidator(kit, { user_attributes: ['email', 'first_name'] });
  assert.equal(emailOnly.validate('abcdefgh', user), null);
  assert.equal(emailOnly.validate('someone', user)?.code, 'password_too_similar');
  assert.throws(() => new UserAttributeSimilarityValidator(kit, { max_similarity: 0.05 }));
});

test('NumericPasswordValidator refuses digits alone', () => {
  const validator = new NumericPasswordValidator();
  assert.deepEqual(validator.validate('8675309424242'), fault('password_entirely_numeric'));
  assert.equal(validator.validate('٠١٢٣٤٥٦٧٨٩')?.code, 'password_entirely_numeric');
  for (const fine of ['8675309a', '867-5309', '8675 309', '']) assert.equal(validator.validate(fine), null, fine);
});
