import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from 'allauth-kit';
import { Child } from './child.ts';
import { Connection } from './connection.ts';
import type { FloorConfig } from './floor.ts';
import type { Ask } from './rounds.ts';

/** Kept-alive connections, each with one request in flight. */
export const CONNECTIONS = 8;

const PASSWORD = 'correct-horse-battery-staple-7';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** What one connection has of its login. */
export interface Login {
  connection: Connection;
  accessToken: string;
  refreshToken: string;
}

/** Where a server answers what. */
interface Paths {
  refresh: string;
  session: string;
}

/** A server under load, with the logins of its clients. */
export interface Server {
  child: Child;
  paths: Paths;
  logins: Login[];
  stop(): Promise<void>;
}

/** Settings that are not the benchmark's own. */
export interface ProductOptions extends Config {
  /** `?name=value` for the database's URL. */
  query?: string;
}

let folders: string | null = null;
let accounts = 0;

/** A folder for a server's database and log, gone with the process. */
export function newFolder(name: string): string {
  if (folders === null) {
    const made = mkdtempSync(join(tmpdir(), 'allauth-bench-'));
    folders = made;
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  const folder = join(folders, `${name}-${randomUUID().slice(0, 8)}`);
  mkdirSync(folder);
  return folder;
}

/** Starts the product on `folder`, which keeps its database; `query` goes on the database's URL. What `settings` does not say is the default. */
export function startProduct(scripts: string, folder: string, { query = '', ...settings }: ProductOptions = {}): Promise<Child> {
  const config: Config = {
    SECRET_KEY: 'a-secret-of-the-benchmark-and-no-other-server',
    ALLOWED_HOSTS: ['127.0.0.1'],
    HEADLESS_JWT_PRIVATE_KEY: PEM,
    ACCOUNT_LOGIN_METHODS: ['email'],
    ACCOUNT_SIGNUP_FIELDS: ['email*', 'password1*'],
    ACCOUNT_EMAIL_VERIFICATION: 'none',
    ACCOUNT_RATE_LIMITS: false,
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 86_400, // a long run must not outlive it
    PORT: 0,
    DATABASE: `sqlite://${folder}/allauth.sqlite3${query}`,
    ...settings,
  };
  return start(join(scripts, 'product.js'), folder, config);
}

/** Starts the floor on `folder`. */
export function startFloor(scripts: string, folder: string): Promise<Child> {
  const config: FloorConfig = { privateKey: PEM, file: join(folder, 'floor.sqlite3') };
  return start(join(scripts, 'floor.js'), folder, config);
}

/** The product with clients that are logged in. */
export async function openProduct(scripts: string, options: ProductOptions = {}): Promise<Server> {
  const folder = newFolder('product');
  const child = await startProduct(scripts, folder, options);
  const paths = { refresh: '/_allauth/app/v1/tokens/refresh', session: '/_allauth/app/v1/auth/session' };
  return withLogins(child, paths, async (connection) => {
    const data = { email: `account-${++accounts}@example.org`, password: PASSWORD };
    const { meta } = (await connection.ask('POST', '/_allauth/app/v1/auth/signup', { data })) as { meta: TokenPair };
    return meta;
  });
}

/** The floor with clients that are logged in. */
export async function openFloor(scripts: string): Promise<Server> {
  const folder = newFolder('floor');
  const child = await startFloor(scripts, folder);
  const paths = { refresh: '/refresh', session: '/session' };
  return withLogins(child, paths, async (connection) => (await connection.ask('POST', '/login')) as TokenPair);
}

interface TokenPair {
  access_token: string;
  refresh_token: string;
}

/** Refreshes with rotation: each request brings the token that the last one gave; `from` names the address that it comes from. */
export function refreshing({ logins, paths }: Server, from?: () => string): Ask[] {
  return logins.map((login) => async () => {
    const sent = { refresh_token: login.refreshToken };
    const answer = await login.connection.ask('POST', paths.refresh, { data: sent, ...(from && { from: from() }) });
    const { data } = answer as { data: TokenPair };
    login.accessToken = data.access_token;
    login.refreshToken = data.refresh_token;
  });
}

/** Asks for the session with the access token. */
export function checking({ logins, paths }: Server): Ask[] {
  return logins.map(
    ({ connection, accessToken: token }) =>
      async () =>
        void (await connection.ask('GET', paths.session, { token })),
  );
}

/** Calls the app's own path behind the guard, with the next of `tokens`. */
export function calling({ logins }: Server, tokens: readonly string[]): Ask[] {
  let next = 0;
  return logins.map(({ connection }) => async () => {
    const token = tokens[next++ % tokens.length] ?? '';
    await connection.ask('GET', '/api/me', { token });
  });
}

/** Logs in continuously, each connection to its own account. The first requests create the accounts. */
export async function loggingIn({ child }: Server): Promise<{ asks: Ask[]; close: () => void }> {
  const connections: Connection[] = [];
  const asks: Ask[] = [];
  for (let index = 0; index < CONNECTIONS; index++) {
    const connection = new Connection(child.url);
    const data = { email: `account-${++accounts}@example.org`, password: PASSWORD };
    await connection.ask('POST', '/_allauth/app/v1/auth/signup', { data });
    connections.push(connection);
    asks.push(async () => void (await connection.ask('POST', '/_allauth/app/v1/auth/login', { data })));
  }
  return { asks, close: () => connections.forEach((each) => each.close()) };
}

/** Distinct access tokens that both servers accept, of sessions that do not exist. */
export function accessTokens(count: number): string[] {
  const iat = Math.floor(Date.now() / 1000);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return Array.from({ length: count }, () => {
    const [sid, sub, jti] = [randomUUID(), randomUUID(), randomUUID()];
    const signed = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode({ iat, exp: iat + 86_400, sid, sub, jti, token_use: 'access' })}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  });
}

async function withLogins(child: Child, paths: Paths, logIn: (connection: Connection) => Promise<TokenPair>): Promise<Server> {
  const logins: Login[] = [];
  for (let index = 0; index < CONNECTIONS; index++) {
    const connection = new Connection(child.url);
    const { access_token: accessToken, refresh_token: refreshToken } = await logIn(connection);
    logins.push({ connection, accessToken, refreshToken });
  }
  const stop = async (): Promise<void> => {
    for (const { connection } of logins) connection.close();
    await child.stop();
  };
  return { child, paths, logins, stop };
}

function start(script: string, folder: string, config: object): Promise<Child> {
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(config));
  return Child.start(script, path, folder);
}
