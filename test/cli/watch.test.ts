import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:net';
import { test } from 'node:test';
import { AppClient, newEmail } from '../support/clients.ts';
import { dig, digText, send } from '../support/http.ts';
import { configOf, HOLDING_PLUGIN, Project, type Running } from './cli.ts';
import { until } from '../support/until.ts';

/** A strategy whose claim tells which save of it runs. */
function pluginOf(claim: string): string {
  return `
import { JWTTokenStrategy } from 'allauth-kit/plugin';
import { claim } from './parts/claim.ts';

export class Mine extends JWTTokenStrategy {
  override async getClaims() {
    return { save: claim(${JSON.stringify(claim)}) };
  }
}
`;
}

const FILES = {
  'allauth.config.ts': configOf({ HEADLESS_TOKEN_STRATEGY: './plugins/mine.ts#Mine' }),
  'plugins/mine.ts': pluginOf('first'),
  'plugins/parts/claim.ts': 'export const claim = (text: string): string => text;',
};

/** The claims of a new user's access token. */
async function claimsOf(url: string): Promise<unknown> {
  const reply = await new AppClient({ url }).signup(newEmail());
  const [, payload = ''] = digText(reply.meta, 'access_token').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown;
}

async function lifeOf(url: string): Promise<number> {
  const claims = await claimsOf(url);
  return Number(dig(claims, 'exp')) - Number(dig(claims, 'iat'));
}

/** Waits until a new server has taken over so many times. */
async function restarts(server: Running, count: number): Promise<void> {
  await until(() => server.stdout.split('Restarted').length - 1 >= count);
  assert.equal(server.stdout.split('Restarted').length - 1, count, server.stdout);
}

test('a save of the config, of a plugin and of what it imports starts a new server on the same port', async (t) => {
  const project = new Project(t, FILES);
  const server = project.start(t, ['serve', '--watch']);
  const url = await server.url();
  await server.said(/Watching/);
  assert.equal(dig(await claimsOf(url), 'save'), 'first');
  assert.equal(await lifeOf(url), 300);

  project.write(
    'allauth.config.ts',
    configOf({ HEADLESS_TOKEN_STRATEGY: './plugins/mine.ts#Mine', HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 77 }),
  );
  await restarts(server, 1);
  assert.equal(await lifeOf(url), 77);

  // What was touched and not changed starts nothing; the save after it would be one too many otherwise.
  utimesSync(join(project.folder, 'plugins/mine.ts'), new Date(), new Date());
  project.write('plugins/mine.ts', pluginOf('second'));
  await restarts(server, 2);
  assert.equal(dig(await claimsOf(url), 'save'), 'second');

  project.write('plugins/parts/claim.ts', 'export const claim = (text: string): string => text.toUpperCase();');
  await restarts(server, 3);
  assert.equal(dig(await claimsOf(url), 'save'), 'SECOND');

  server.signal('SIGINT');
  assert.equal(await server.ended, 0);
  assert.equal(server.stdout.match(/An admin was made/g)?.length, 1);
});

test('a broken save leaves the old server serving and says what is wrong; the next good one recovers', async (t) => {
  const project = new Project(t, FILES);
  const server = project.start(t, ['serve', '--watch'], { env: { LOG_LEVEL: 'silent' } });
  const url = await server.url();

  project.write('plugins/mine.ts', 'export class Mine {');
  await server.complained(/HEADLESS_TOKEN_STRATEGY: .*mine\.ts does not load.*\n.*goes on serving/);
  assert.equal(dig(await claimsOf(url), 'save'), 'first');

  project.write('allauth.config.ts', configOf({ PORTT: 1 }));
  await server.complained(/did you mean PORT/);
  assert.equal((await send(url, { path: '/healthz' })).status, 200);

  project.write('plugins/mine.ts', pluginOf('mended'));
  project.write('allauth.config.ts', FILES['allauth.config.ts']);
  await server.said(/Restarted/);
  assert.equal(dig(await claimsOf(url), 'save'), 'mended');
  assert.doesNotMatch(server.stderr, /\n {4}at /);
});

test('a first start that fails waits for a save', async (t) => {
  const project = new Project(t, { ...FILES, 'allauth.config.ts': 'export default {' });
  const server = project.start(t, ['serve', '--watch']);
  await server.complained(/does not load.*\n[^]*Waiting for the next save/);
  project.write('allauth.config.ts', FILES['allauth.config.ts']);
  const url = await server.url();
  assert.equal(dig(await claimsOf(url), 'save'), 'first');
  assert.match(server.stdout, /curl/, 'the first that starts greets');
});

test('a server that is replaced, and one that is stopped, finish their requests', async (t) => {
  const config = { HEADLESS_TOKEN_STRATEGY: './plugins/holding.ts#Holding' };
  const project = new Project(t, { 'allauth.config.ts': configOf(config), 'plugins/holding.ts': HOLDING_PLUGIN });
  const server = project.start(t, ['serve', '--watch']);
  const url = await server.url();
  await server.said(/Watching/);
  const signup = new AppClient({ url }).signup(newEmail());
  await until(() => project.has('held'));
  project.write('allauth.config.ts', configOf({ ...config, HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 77 }));
  await server.said(/Restarted/);
  server.signal('SIGINT');
  await until(() => isClosed(url));
  project.write('go', '');
  assert.equal((await signup).status, 200);
  assert.equal(await server.ended, 0);
});

/** Whether nothing listens there: asked without a request, which nobody might answer while a server stops. */
function isClosed(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket
      .once('error', () => resolve(true))
      .once('connect', () => {
        socket.destroy();
        resolve(false);
      });
  });
}
