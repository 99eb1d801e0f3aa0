import assert from 'node:assert/strict';
import test from 'node:test';
import { settingsFrom } from '../../src/settings/index.ts';
import { folderWith, problemOf, problemsOf } from './folder.ts';

const from = (environment: NodeJS.ProcessEnv, config: Record<string, unknown> = {}, folder = '/') =>
  settingsFrom(config, { folder, environment });

test('a variable wins over the config', async () => {
  const { settings, sources } = await from({ PORT: '9000', UNKNOWN: 'x' }, { PORT: 8001, HOST: '::1' });
  assert.deepEqual([settings.PORT, sources.get('PORT')], [9000, 'environment']);
  assert.deepEqual([settings.HOST, sources.get('HOST')], ['::1', 'code']);
});

test('variables are JSON, or plain text for text', async () => {
  const { settings } = await from({
    SECRET_KEY: '12345678',
    EMAIL_HOST_PASSWORD: 'true',
    DEFAULT_FROM_EMAIL: '"Ann" <ann@example.org>',
    HEADLESS_JWT_AUDIENCE: '["a", "b"]',
    HEADLESS_JWT_ISSUER: '"https://auth.example.org"',
    HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY: 'false',
    SESSION_ABSOLUTE_AGE: 'null',
    ACCOUNT_PREVENT_ENUMERATION: 'strict',
    ACCOUNT_LOGIN_METHODS: '["username"]',
    LOG_LEVEL: 'warn',
    HEADLESS_TOKEN_STRATEGY: '["./x.ts#X", {"tenant": "acme"}]',
  });
  assert.equal(settings.SECRET_KEY, '12345678');
  assert.equal(settings.EMAIL_HOST_PASSWORD, 'true');
  assert.equal(settings.DEFAULT_FROM_EMAIL, '"Ann" <ann@example.org>');
  assert.deepEqual(settings.HEADLESS_JWT_AUDIENCE, ['a', 'b']);
  assert.equal(settings.HEADLESS_JWT_ISSUER, 'https://auth.example.org');
  assert.equal(settings.HEADLESS_JWT_REFRESH_TOKEN_REUSE_LEEWAY, false);
  assert.equal(settings.SESSION_ABSOLUTE_AGE, null);
  assert.equal(settings.ACCOUNT_PREVENT_ENUMERATION, 'strict');
  assert.deepEqual(settings.ACCOUNT_LOGIN_METHODS, ['username']);
  assert.equal(settings.LOG_LEVEL, 'warn');
  assert.deepEqual(settings.HEADLESS_TOKEN_STRATEGY, ['./x.ts#X', { tenant: 'acme' }]);
});

test('a variable of another form is a problem that says whether JSON is expected', async () => {
  const call = from({ PORT: '', HEADLESS_CLIENTS: 'app', LOG_LEVEL: 'loud', SESSION_COOKIE_HTTPONLY: 'yes' });
  const messages = Object.fromEntries((await problemsOf(call)).map(({ name, source, message }) => [`${name} ${source}`, message]));
  assert.deepEqual(messages, {
    'PORT PORT': 'expected a whole number from 0 to 65535 (as JSON), got ""',
    'LOG_LEVEL LOG_LEVEL': 'expected one of "trace", "debug", "info", "warn", "error", "fatal", "silent", got "loud"',
    'SESSION_COOKIE_HTTPONLY SESSION_COOKIE_HTTPONLY': 'expected true or false (as JSON), got "yes"',
    'HEADLESS_CLIENTS HEADLESS_CLIENTS': 'expected a list of one or more of "app", "browser" (as JSON), got "app"',
  });
});

test('NAME_FILE names a file with the value; one newline at its end is not part of it', async (t) => {
  const folder = folderWith(t, { secret: 'from-a-file\n\n', port: '9001\r\n' });
  const { settings, sources } = await from({ SECRET_KEY_FILE: `${folder}/secret`, PORT_FILE: './port' }, { PORT: 1 }, folder);
  assert.deepEqual([settings.SECRET_KEY, settings.PORT], ['from-a-file\n', 9001]);
  assert.equal(sources.get('SECRET_KEY'), 'environment');
});

test('NAME_FILE of no file, or beside NAME, is a problem', async (t) => {
  const folder = folderWith(t, { bad: 'nope' });
  assert.equal(await problemOf(from({ SECRET_KEY_FILE: './none' }, {}, folder), 'SECRET_KEY'), `cannot read ${folder}/none (ENOENT)`);
  assert.match(await problemOf(from({ PORT: '1', PORT_FILE: './bad' }, {}, folder), 'PORT'), /both set/);
  const [problem] = await problemsOf(from({ PORT_FILE: './bad' }, {}, folder));
  assert.equal(problem?.source, 'PORT_FILE');
});
