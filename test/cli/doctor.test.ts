import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outboxState } from '../../src/store/outbox.ts';
import { newEmail } from '../support/clients.ts';
import { smtpSink } from '../support/mail.ts';
import { secret } from '../support/secrets.ts';
import { testServer } from '../support/server.ts';
import { configOf, Project } from './cli.ts';
import { until } from '../support/until.ts';

const SECRET_KEY = 'q8Zr1LxW_0tYk3Jm5Vb7Nc9Pd2Fg4Hj6Kl8Mn0Bv';
secret(SECRET_KEY);

interface Report {
  ok: boolean;
  findings: { area: string; level: string; message: string; advice: string }[];
}

async function examine(
  project: Project,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; report: Report; text: string }> {
  const { code, stdout } = await project.run(['doctor', '--json'], { env });
  return { code, report: JSON.parse(stdout) as Report, text: stdout };
}

test('doctor names what is not fit for production, with what to do, and tells no secret', async (t) => {
  const project = new Project(t, { 'allauth.config.ts': configOf({ SECRET_KEY, ALLOWED_HOSTS: ['*'], SESSION_COOKIE_HTTPONLY: false }) });
  const bad = await examine(project, { NODE_ENV: 'development' });
  assert.equal(bad.code, 1);
  assert.equal(bad.report.ok, false);
  const errors = bad.report.findings.filter(({ level }) => level === 'error').map(({ area }) => area);
  assert.deepEqual([...new Set(errors)].sort(), ['cookies', 'keys', 'mail', 'mode']);
  assert.ok(bad.report.findings.every(({ message, advice }) => message && advice));
  assert.ok(
    bad.report.findings.some(
      ({ area, level, message }) => area === 'https' && level === 'warning' && /ALLOWED_HOSTS contains "\*"/.test(message),
    ),
  );
  assert.ok(!bad.text.includes(SECRET_KEY));
  const text = await project.run(['doctor'], { env: { NODE_ENV: 'development' } });
  assert.equal(text.code, 1);
  assert.match(text.stdout, /^ERROR {3}cookies: SESSION_COOKIE_HTTPONLY is false.*\n +Leave it true\.$/m);
});

test('what keeps the server from starting is a finding', async (t) => {
  const project = new Project(t, { 'allauth.config.ts': configOf({}) });
  const { code, report } = await examine(project, { NODE_ENV: 'production' });
  assert.equal(code, 1);
  assert.ok(report.findings.some(({ message }) => message.includes('SECRET_KEY')));
  assert.ok(report.findings.some(({ message }) => message.includes('ALLOWED_HOSTS')));
});

test('a server that is set up for production has warnings at most', async (t) => {
  const project = new Project(t);
  const { stdout } = await project.run(['keys', 'generate', '--algorithm', 'ES256']);
  project.write('key.pem', stdout);
  const settings = {
    SECRET_KEY,
    ALLOWED_HOSTS: ['auth.example.org'],
    HEADLESS_JWT_ALGORITHM: 'ES256',
    HEADLESS_JWT_PRIVATE_KEY: 'file:key.pem',
    SECURE_PROXY_SSL_HEADER: ['X-Forwarded-Proto', 'https'],
    ALLAUTH_TRUSTED_PROXY_COUNT: 1,
    SESSION_COOKIE_SECURE: true,
    EMAIL_HOST: 'localhost',
    DEFAULT_FROM_EMAIL: 'auth@example.org',
    HEADLESS_FRONTEND_URLS: { account_signup: 'https://example.org/signup' },
  };
  project.write('allauth.config.ts', configOf(settings));
  const { code, report } = await examine(project, { NODE_ENV: 'production' });
  assert.deepEqual(
    report.findings.filter(({ level }) => level === 'error'),
    [],
  );
  assert.equal(code, 0);
  assert.ok(report.findings.some(({ area, message }) => area === 'database' && message.includes('SQLite')));
  assert.ok(report.findings.some(({ area, message }) => area === 'accounts' && message.includes('staff')));
});

test('mails that were given up are a finding, with what the mail server said and no address', async (t) => {
  const { port } = await smtpSink(t, {
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no such mailbox'), { responseCode: 550 })),
  });
  const project = new Project(t);
  const settings = {
    SECRET_KEY,
    DATABASE: `sqlite://${project.folder}/mails.sqlite3`,
    EMAIL_HOST: '127.0.0.1',
    EMAIL_PORT: port,
    DEFAULT_FROM_EMAIL: 'auth@example.org',
  };
  project.write('allauth.config.ts', configOf(settings));
  const server = await testServer(t, settings);
  const email = newEmail();
  await server.app().signup(email);
  await until(async () => (await outboxState(server.kit.db)).failed > 0);
  const { report, text } = await examine(project, { NODE_ENV: 'development' });
  const found = report.findings.find(({ area, message }) => area === 'mail' && message.includes('failed for good'));
  assert.match(found?.message ?? '', /^0 mails failed and are retried; 1 failed for good within a day \(EENVELOPE 550\)\.$/);
  assert.match(found?.advice ?? '', /mail server/);
  assert.ok(!text.includes(email));
});
