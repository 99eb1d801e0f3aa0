import assert from 'node:assert/strict';
import test from 'node:test';
import { declared, describeSettings, settingsFrom, SettingsError } from '../../src/settings/index.ts';
import { problemOf, problemsOf } from './folder.ts';

const from = (config: Record<string, unknown>, environment: NodeJS.ProcessEnv = {}) =>
  settingsFrom(config, { folder: '/srv/app', environment });

test('the defaults are those of the contract', async () => {
  const { settings, sources, warnings, production, folder, file } = await from({});
  const expected = {
    ACCOUNT_EMAIL_MAX_LENGTH: 254,
    ACCOUNT_EMAIL_VERIFICATION: 'optional',
    ACCOUNT_LOGIN_METHODS: ['email'],
    ACCOUNT_LOGIN_TIMEOUT: 900,
    ACCOUNT_REAUTHENTICATION_TIMEOUT: 300,
    ACCOUNT_SESSION_REMEMBER: null,
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'password1*'],
    ALLAUTH_USER_CODE_FORMAT: { numeric: false, dashed: true, length: 8 },
    ALLOWED_HOSTS: ['localhost', '127.0.0.1', '[::1]'],
    CSRF_HEADER_NAME: 'X-CSRFToken',
    HEADLESS_CLIENTS: ['app', 'browser'],
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 300,
    HEADLESS_JWT_ALGORITHM: 'RS256',
    HEADLESS_JWT_PRIVATE_KEY: '',
    HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 86_400,
    HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 0,
    HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 10,
    HEADLESS_JWT_ROTATE_REFRESH_TOKEN: true,
    HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: false,
    HEADLESS_TOKEN_STRATEGY: 'allauth-kit/plugin#JWTTokenStrategy',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    MFA_SUPPORTED_TYPES: ['recovery_codes', 'totp'],
    MFA_TRUST_COOKIE_AGE: 1_209_600,
    MFA_TRUST_COOKIE_NAME: 'mfa_trusted',
    PORT: 8000,
    SECRET_KEY: null,
    SESSION_ABSOLUTE_AGE: 7_776_000,
    SESSION_COOKIE_AGE: 1_209_600,
    SESSION_COOKIE_SAMESITE: 'lax',
    SESSION_COOKIE_SECURE: null,
  } as const;
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, Reflect.get(settings, name)]));
  assert.deepEqual(found, expected);
  assert.equal(settings.ACCOUNT_RATE_LIMITS && settings.ACCOUNT_RATE_LIMITS.login_failed, '10/m/ip,5/5m/key');
  assert.deepEqual({ warnings, production, folder, file }, { warnings: [], production: false, folder: '/srv/app', file: null });
  assert.deepEqual(new Set(sources.values()), new Set(['default']));
  assert.deepEqual(Object.keys(settings).sort(), Object.keys(declared).sort());
});

test('each setting says in words what it takes, and in a line what it is for', () => {
  for (const [name, { schema, doc }] of Object.entries(declared)) {
    assert.ok(schema.description, name);
    assert.match(doc, /^[A-Z`][^\n]*[.]$/, name);
  }
});

test('settings cannot be changed', async () => {
  const { settings } = await from({});
  assert.throws(() => Reflect.apply(Object.assign, null, [settings, { PORT: 1 }]), TypeError);
});

test('everything that is wrong is told at once, with its source and what is expected', async () => {
  const problems = await problemsOf(
    from({ port: 1, PORT: 70_000, HEADLESS_JWT_ALGORITHM: 'RS1', ACCOUNT_LOGIN_METHODS: [] }, { HOST: '' }),
  );
  assert.deepEqual(problems, [
    { name: 'port', source: 'given in code', message: 'is not a setting; did you mean PORT?' },
    { name: 'HOST', source: 'HOST', message: 'expected a host name or IP address, such as "127.0.0.1" or "::", got ""' },
    { name: 'PORT', source: 'given in code', message: 'expected a whole number from 0 to 65535, got 70000' },
    {
      name: 'HEADLESS_JWT_ALGORITHM',
      source: 'given in code',
      message: `expected ${declared.HEADLESS_JWT_ALGORITHM.schema.description}, got "RS1"`,
    },
    {
      name: 'ACCOUNT_LOGIN_METHODS',
      source: 'given in code',
      message: 'expected a list of one or more of "email", "username", "phone", got []',
    },
  ]);
  assert.equal(new SettingsError(problems).message.split('\n').length, problems.length);
});

test('secrets are in no message and no row', async () => {
  const secret = 'hunter2-hunter2';
  const wrong = from(
    {
      DATABASE: `mysql://root:${secret}@db/app`,
      SECRET_KEY_FALLBACKS: secret,
      SERVICE_TOKENS: [secret],
      HEADLESS_TOKEN_STRATEGY: ['./x.ts#', { key: secret }],
      SOCIALACCOUNT_PROVIDERS: { oidc: { APPS: [{ secret }] } },
      AUTH_PASSWORD_VALIDATORS: [{ NAME: './v.ts', OPTIONS: { key: secret }, MORE: secret }],
    },
    { PLUGINS: `[["./p.ts#", {"key": "${secret}"}]]` },
  );
  const problems = await problemsOf(wrong);
  assert.equal(problems.length, 7, problems.map(({ name }) => name).join());
  assert.doesNotMatch(JSON.stringify(problems), /hunter2/);

  const loaded = await from({
    SECRET_KEY: secret,
    DATABASE: `postgresql://app:${secret}@db/app`,
    PLUGINS: [['./p.ts#P', { key: secret }]],
    HEADLESS_TOKEN_STRATEGY: class Mine {},
  });
  const rows = new Map(describeSettings(loaded).map((row) => [row.name, row]));
  assert.doesNotMatch(JSON.stringify([...rows.values()]), /hunter2/);
  assert.deepEqual(
    ['SECRET_KEY', 'EMAIL_HOST_PASSWORD', 'SECRET_KEY_FALLBACKS'].map((name) => rows.get(name)?.value),
    [true, false, false],
  );
  assert.deepEqual(rows.get('PLUGINS')?.value, [['./p.ts#P', { key: '…' }]]);
  assert.equal(rows.get('HEADLESS_TOKEN_STRATEGY')?.value, 'class Mine');
  assert.deepEqual([rows.get('PLUGINS')?.source, rows.get('PORT')?.source], ['code', 'default']);
  assert.deepEqual([rows.get('MFA_TOTP_DIGITS')?.hasEffect, rows.get('PORT')?.hasEffect], [false, true]);
});

test('values are shortened in messages', async () => {
  const message = await problemOf(from({ HOST: 'x y'.repeat(1000) }), 'HOST');
  assert.match(message, /… \(text of 3000 characters\)$/);
  assert.ok(message.length < 250);
});

test('a fault within a value is located', async () => {
  assert.match(
    await problemOf(from({ CORS_ALLOWED_ORIGINS: ['https://a.example', '*'] }), 'CORS_ALLOWED_ORIGINS'),
    /the fault is at \[1\]$/,
  );
  assert.match(await problemOf(from({ ACCOUNT_RATE_LIMITS: { login: '20/m' } }), 'ACCOUNT_RATE_LIMITS'), /the fault is at \.login$/);
  assert.match(await problemOf(from({ ALLAUTH_USER_CODE_FORMAT: { size: 3 } }), 'ALLAUTH_USER_CODE_FORMAT'), /there is no member "size"$/);
});

test('names of members of every object are no settings', async () => {
  for (const name of ['toString', 'constructor', '__proto__']) {
    const config: unknown = JSON.parse(`{"${name}": 1}`);
    assert.deepEqual(
      (await problemsOf(from(config as Record<string, unknown>))).map((problem) => problem.name),
      [name],
    );
  }
});

test('a config that is no object is refused as a whole', async () => {
  for (const config of [[], null, 'x', () => ({})]) {
    const [problem] = await problemsOf(Reflect.apply(settingsFrom, null, [config, { folder: '/', environment: {} }]) as Promise<unknown>);
    assert.match(problem?.message ?? '', /must be an object of settings/);
  }
});

test('undefined counts as not given', async () => {
  const { settings, sources } = await from({ PORT: undefined });
  assert.deepEqual([settings.PORT, sources.get('PORT')], [8000, 'default']);
});

test('production asks for SECRET_KEY and ALLOWED_HOSTS, and for a long key', async () => {
  const environment = { NODE_ENV: 'production' };
  const missing = await problemsOf(from({}, environment));
  assert.deepEqual(
    missing.map(({ name }) => name),
    ['SECRET_KEY', 'ALLOWED_HOSTS'],
  );
  assert.match(missing[0]?.message ?? '', /node -p/);
  const ALLOWED_HOSTS = ['auth.example.org'];
  assert.match(await problemOf(from({ ALLOWED_HOSTS, SECRET_KEY: null }, environment), 'SECRET_KEY'), /must be set in production/);
  assert.match(await problemOf(from({ ALLOWED_HOSTS, SECRET_KEY: 'x'.repeat(31) }, environment), 'SECRET_KEY'), /has 31 characters/);
  const { production } = await from({ ALLOWED_HOSTS, SECRET_KEY: 'x'.repeat(32) }, environment);
  assert.equal(production, true);
  assert.equal((await from({ SECRET_KEY: 'short' })).settings.SECRET_KEY, 'short');
});

test('values that do not go together are told', async () => {
  const insecure = { SESSION_COOKIE_SECURE: false };
  assert.match(await problemOf(from({ SESSION_COOKIE_SAMESITE: 'None', ...insecure }), 'SESSION_COOKIE_SAMESITE'), /secure cookies only/);
  assert.match(await problemOf(from({ CSRF_COOKIE_NAME: 'sessionid' }), 'CSRF_COOKIE_NAME'), /must differ/);
  assert.match(
    await problemOf(from({ SESSION_COOKIE_NAME: '__Host-s', SESSION_COOKIE_DOMAIN: 'a.org' }), 'SESSION_COOKIE_NAME'),
    /__Host-/,
  );
  assert.match(await problemOf(from({ SESSION_COOKIE_NAME: '__Secure-s', ...insecure }), 'SESSION_COOKIE_NAME'), /__Secure-/);
  assert.equal((await from({ SESSION_COOKIE_SAMESITE: 'None' })).settings.SESSION_COOKIE_SAMESITE, 'none');
});

test('a setting whose feature is not there yet is taken, with one warning', async () => {
  const { settings, warnings } = await from({ SOCIALACCOUNT_STORE_TOKENS: true, ACCOUNT_EMAIL_VERIFICATION: 'mandatory' });
  assert.equal(settings.SOCIALACCOUNT_STORE_TOKENS, true);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /^SOCIALACCOUNT_STORE_TOKENS has no effect yet: /);
  assert.match(await problemOf(from({ ACCOUNT_EMAIL_VERIFICATION: 'maybe' }), 'ACCOUNT_EMAIL_VERIFICATION'), /^expected one of/);
});

test('the part of a value that has no effect yet is named in a warning', async () => {
  const warningsOf = async (config: Record<string, unknown>): Promise<readonly string[]> => (await from(config)).warnings;
  assert.deepEqual(
    await warningsOf({ ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password'], HEADLESS_FRONTEND_URLS: { account_signup: '/s' } }),
    [],
  );
  const warnings = await warningsOf({
    ACCOUNT_LOGIN_BY_CODE_REQUIRED: ['password', 'mfa'],
    HEADLESS_FRONTEND_URLS: { socialaccount_login_error: '/e' },
  });
  assert.deepEqual(warnings.map((warning) => warning.split(':')[0]).sort(), [
    'ACCOUNT_LOGIN_BY_CODE_REQUIRED has no full effect yet',
    'HEADLESS_FRONTEND_URLS has no full effect yet',
  ]);
});
