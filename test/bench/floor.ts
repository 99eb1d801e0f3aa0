// The floor as a child process: `node floor.js CONFIG`. The least that a Koa server can do for the same answers: no accounts, no rows of refresh
// tokens, no headers, no log. What the product costs more is what it does more.
import { createPrivateKey, createPublicKey, randomUUID, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Router } from '@koa/router';
import { jwtVerify } from 'jose';
import Koa, { type Middleware } from 'koa';
import sqlite3 from 'sqlite3';
import { serveParent } from './served.ts';

/** What the floor is started with, as JSON in a file. */
export interface FloorConfig {
  /** PEM. */
  privateKey: string;
  /** Path of the database. */
  file: string;
}

interface Claims {
  sid: string;
  sub: string;
  jti: string;
  exp: number;
  token_use: string;
}

type Values = (string | number)[];

const { privateKey, file } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as FloorConfig;

const signing = createPrivateKey(privateKey);
const verifying = createPublicKey(signing);
const HEADER = encode({ alg: 'RS256', typ: 'JWT' });

const SCHEMA = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, email TEXT);
  CREATE TABLE IF NOT EXISTS logins (id TEXT PRIMARY KEY, person TEXT, jti TEXT, since INTEGER, until INTEGER)`;

const database = await new Promise<sqlite3.Database>((resolve, reject) => {
  const opened = new sqlite3.Database(file, (error) => (error ? reject(error) : resolve(opened)));
});
await new Promise<void>((resolve, reject) => database.exec(SCHEMA, (error) => (error ? reject(error) : resolve())));

const addPerson = prepare('INSERT INTO people VALUES (?, ?)');
const addLogin = prepare('INSERT INTO logins VALUES (?, ?, ?, ?, ?)');
const replaceToken = prepare('UPDATE logins SET jti = ?, until = ? WHERE id = ? AND jti = ?');
const findLogin = prepare('SELECT l.since, p.id, p.email FROM logins AS l JOIN people AS p ON p.id = l.person WHERE l.id = ?');

const router = new Router();

router.post('/login', async (context) => {
  const [sid, sub, jti] = [randomUUID(), randomUUID(), randomUUID()];
  await run(addPerson, [sub, `${sub}@example.org`]);
  await run(addLogin, [sid, sub, jti, now(), now() + 86_400]);
  context.body = pair(sid, sub, jti);
});

router.post('/refresh', async (context) => {
  const given = JSON.parse(await text(context.req)) as { refresh_token: string };
  const claims = open(given.refresh_token, 'refresh');
  const jti = randomUUID();
  if (!claims || (await run(replaceToken, [jti, now() + 86_400, claims.sid, claims.jti])) !== 1) return context.throw(400);
  context.body = { status: 200, data: pair(claims.sid, claims.sub, jti) };
});

router.get('/session', async (context) => {
  const claims = open(bearer(context.get('Authorization')), 'access');
  const row = claims && (await first(findLogin, [claims.sid]));
  if (!row) return context.throw(401);
  const { id, email, since } = row;
  const user = { id, display: email, email, has_usable_password: true };
  context.body = { status: 200, data: { user, methods: [{ method: 'password', at: since, email }] }, meta: { is_authenticated: true } };
});

// What an app would do itself instead of using the guard.
router.get('/api/me', async (context) => {
  const { payload } = await jwtVerify(bearer(context.get('Authorization')), verifying, { algorithms: ['RS256'] });
  context.body = { sub: payload.sub };
});

const app = new Koa();
app.silent = true;
app.use(router.routes() as unknown as Middleware); // puts what its type asks for into the context by itself
const handle = app.callback();
const server = createServer((request, response) => void handle(request, response));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // a TCP server has one of this form
  serveParent(`http://127.0.0.1:${port}`, async () => undefined);
});

function pair(sid: string, sub: string, jti: string): { access_token: string; refresh_token: string } {
  const iat = now();
  return {
    access_token: seal({ iat, exp: iat + 86_400, sid, sub, jti: randomUUID(), token_use: 'access' }),
    refresh_token: seal({ iat, exp: iat + 86_400, sid, sub, jti, token_use: 'refresh' }),
  };
}

function seal(claims: object): string {
  const signed = `${HEADER}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), signing).toString('base64url')}`;
}

function open(token: string, use: string): Claims | null {
  const [header, payload = '', signature = ''] = token.split('.');
  if (!verify('sha256', Buffer.from(`${header}.${payload}`), verifying, Buffer.from(signature, 'base64url'))) return null;
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claims;
  return claims.exp > now() && claims.token_use === use ? claims : null;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function bearer(header: string): string {
  return header.slice('Bearer '.length);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

function text(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let all = '';
    request.setEncoding('utf8').on('data', (part: string) => (all += part));
    request.on('end', () => resolve(all)).on('error', reject);
  });
}

function prepare(sql: string): sqlite3.Statement {
  return database.prepare(sql);
}

/** How many rows it changed. */
function run(statement: sqlite3.Statement, values: Values): Promise<number> {
  return new Promise((resolve, reject) => {
    statement.run(values, function (this: sqlite3.RunResult, error: Error | null) {
      if (error) reject(error);
      else resolve(this.changes);
    });
  });
}

function first(statement: sqlite3.Statement, values: Values): Promise<Record<string, unknown> | undefined> {
  return new Promise((resolve, reject) => {
    statement.all(values, (error: Error | null, rows: Record<string, unknown>[]) => (error ? reject(error) : resolve(rows[0])));
  });
}
