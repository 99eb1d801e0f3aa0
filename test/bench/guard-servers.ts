// A service behind a guard as a child process: `node guard-servers.js CONFIG`, with Koa, or Express, and the guard or jose alone.
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtAuth as expressAuth } from 'allauth-kit/express';
import { jwtAuth as koaAuth } from 'allauth-kit/koa';
import express from 'express';
import { importJWK, jwtVerify } from 'jose';
import Koa from 'koa';
import { serveParent } from './served.ts';

/** What it is started with, as JSON in a file. */
export interface GuardedConfig {
  framework: 'koa' | 'express';
  guard: 'ours' | 'jose';
  /** The public key. */
  jwk: { kty: string; kid: string; alg: string };
}

const { framework, guard, jwk } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as GuardedConfig;
const key = await importJWK(jwk, jwk.alg);
const options = { keys: { keys: [jwk] } };

/** What services do by themselves in the guard's place. */
async function subOf(header: string | undefined): Promise<string | undefined> {
  const { payload } = await jwtVerify((header ?? '').slice('Bearer '.length), key, { algorithms: [jwk.alg] });
  return payload.sub;
}

function withKoa(): RequestListener {
  const app = new Koa();
  app.silent = true;
  if (guard === 'ours') {
    app.use(koaAuth(options));
    app.use((context) => void (context.body = { sub: (context.state as { auth: { sub: string } }).auth.sub }));
  } else app.use(async (context) => void (context.body = { sub: await subOf(context.headers.authorization) }));
  const handle = app.callback();
  return (request, response) => void handle(request, response);
}

function withExpress(): RequestListener {
  const app = express();
  if (guard === 'ours') {
    app.use(expressAuth(options));
    app.use((request, response) => void response.json({ sub: (request as unknown as { auth: { sub: string } }).auth.sub }));
  } else app.use(async (request, response) => void response.json({ sub: await subOf(request.headers.authorization) }));
  return app;
}

const server = createServer(framework === 'koa' ? withKoa() : withExpress());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo; // a TCP server has one of this form
  serveParent(`http://127.0.0.1:${port}`, async () => undefined);
});
