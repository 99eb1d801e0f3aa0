import assert from 'node:assert/strict';
import test from 'node:test';
import { defineConfig, settingsFrom, type Config } from '../../src/settings/index.ts';
import { problemOf, problemsOf } from './folder.ts';

const from = (config: Record<string, unknown>, environment: NodeJS.ProcessEnv = {}) =>
  settingsFrom(config, { folder: '/srv/app', environment });

test('rate limits that are not named keep their default', async () => {
  const { settings } = await from({ ACCOUNT_RATE_LIMITS: { login: '5/10s/ip, 1/m/key', signup: false } });
  assert.ok(settings.ACCOUNT_RATE_LIMITS);
  const { login, signup, refresh } = settings.ACCOUNT_RATE_LIMITS;
  assert.deepEqual([login, signup, refresh], ['5/10s/ip, 1/m/key', false, '300/m/ip']);
  assert.equal((await from({ ACCOUNT_RATE_LIMITS: false })).settings.ACCOUNT_RATE_LIMITS, false);
  for (const login of ['5/m', '5/w/ip', '0/m/ip', '5/m/ip;1/m/key', '']) {
    assert.notEqual(await problemOf(from({ ACCOUNT_RATE_LIMITS: { login } }), 'ACCOUNT_RATE_LIMITS'), '', login);
  }
});

test('the other name of a setting is understood, but not beside the first', async () => {
  const format = { length: 6 };
  const { settings } = await from({ ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT: format });
  assert.deepEqual(settings.ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT, format);
  const both = from({ ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT: format, ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT: format });
  assert.match((await problemsOf(both))[0]?.message ?? '', /another name/);
  const { settings: overridden } = await from(
    { ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT: format },
    { ACCOUNT_PASSWORD_RESET_BY_CODE_FORMAT: '{"length": 7}' },
  );
  assert.deepEqual(overridden.ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT, { length: 7 });
});

test('origins are brought into the form in which browsers send them', async () => {
  const { settings } = await from({
    CORS_ALLOWED_ORIGINS: ['https://App.Example.org:443/'],
    CSRF_TRUSTED_ORIGINS: ['https://*.Example.org'],
  });
  assert.deepEqual(settings.CORS_ALLOWED_ORIGINS, ['https://app.example.org']);
  assert.deepEqual(settings.CSRF_TRUSTED_ORIGINS, ['https://*.example.org']);
  for (const origin of [
    '*',
    'null',
    'app.example.org',
    'https://a.org/x',
    'https://a.org?x',
    'ftp://a.org',
    'https://u:p@a.org',
    'https://*.a.org',
  ]) {
    assert.notEqual(await problemOf(from({ CORS_ALLOWED_ORIGINS: [origin] }), 'CORS_ALLOWED_ORIGINS'), '', origin);
  }
});

test("Django's names are understood", async () => {
  const { settings } = await from({
    HEADLESS_ONLY: true,
    HEADLESS_TOKEN_STRATEGY: 'allauth.headless.tokens.strategies.sessions.SessionTokenStrategy',
    PASSWORD_HASHERS: ['django.contrib.auth.hashers.PBKDF2PasswordHasher', ['argon2id', { timeCost: 3 }], './mine.ts#Mine'],
    AUTH_PASSWORD_VALIDATORS: [
      { NAME: 'django.contrib.auth.password_validation.MinimumLengthValidator', OPTIONS: { min_length: 9 } },
      { NAME: 'django.contrib.auth.password_validation.NumericPasswordValidator' },
      './mine.ts#Validator',
    ],
  });
  assert.equal(settings.HEADLESS_TOKEN_STRATEGY, 'allauth-kit/plugin#SessionTokenStrategy');
  assert.deepEqual(settings.PASSWORD_HASHERS, [
    'allauth-kit/plugins/pbkdf2-sha256-password-hasher#Pbkdf2Sha256PasswordHasher',
    ['allauth-kit/plugins/argon2id-password-hasher#Argon2idPasswordHasher', { timeCost: 3 }],
    './mine.ts#Mine',
  ]);
  assert.deepEqual(settings.AUTH_PASSWORD_VALIDATORS, [
    ['allauth-kit/plugins/password-validators#MinimumLengthValidator', { min_length: 9 }],
    'allauth-kit/plugins/password-validators#NumericPasswordValidator',
    './mine.ts#Validator',
  ]);
  assert.match(await problemOf(from({ HEADLESS_ONLY: false }), 'HEADLESS_ONLY'), /no other pages/);
  assert.match(await problemOf(from({ PASSWORD_HASHERS: [] }), 'PASSWORD_HASHERS'), /one or more "argon2id", "pbkdf2_sha256"/);
});

test('defineConfig knows the settings and their types', () => {
  class Plain {}
  const config: Config = { PORT: 1 };
  assert.equal(defineConfig(config), config);
  defineConfig({
    SECRET_KEY: process.env['SECRET_KEY'],
    ACCOUNT_LOGIN_METHODS: ['email'],
    SESSION_COOKIE_SAMESITE: 'Lax',
    PLUGINS: [Plain],
  });
  // @ts-expect-error: unknown
  defineConfig({ HEADLESS_JWT_ACCES_TOKEN_EXPIRES_IN: 300 });
  // @ts-expect-error: a number
  defineConfig({ HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: '300' });
  // @ts-expect-error: not of the list
  defineConfig({ ACCOUNT_LOGIN_METHODS: ['mail'] });
  // @ts-expect-error: no token strategy
  defineConfig({ HEADLESS_TOKEN_STRATEGY: Plain });
  // @ts-expect-error: options are an object
  defineConfig({ HEADLESS_TOKEN_STRATEGY: ['./x.ts', 3] });
});
