// A service behind a guard as a child process: `node guard-servers.js CONFIG`, in one of the frameworks, with the guard or jose alone.
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { jwtAuth as expressAuth } from 'allauth-kit/express';
import { jwtAuth as fastifyAuth } from 'allauth-kit/fastify';
import { jwtAuth as fetchAuth } from 'allauth-kit/fetch';
import { jwtAuth as honoAuth, type AuthVariables } from 'allauth-kit/hono';
import { jwtAuth as koaAuth } from 'allauth-kit/koa';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { importJWK, jwtVerify } from 'jose';
import Koa from 'koa';
import { serveParent } from './served.ts';

/** What it is started with, as JSON in a file. */
export interface GuardedConfig {
  framework: 'koa' | 'express' | 'fastify' | 'hono' | 'fetch';
  /** `none`: a route that anybody may call, so that one sees what the framework itself costs. */
  guard: 'ours' | 'jose' | 'none';
  /** The public key. */
  jwk: { kty: string; kid: string; alg: string };
}

const { framework, guard, jwk } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as GuardedConfig;
const key = await importJWK(jwk, jwk.alg);
const options = { keys: { keys: [jwk] } };

/** What services do by themselves in the guard's place. */
async function subOf(header: string | undefined): Promise<string | undefined> {
  if (guard === 'none') return 'anybody';
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

/** Fastify makes its server itself. */
async function listenWithFastify(): Promise<string> {
  const app = fastify();
  if (guard === 'ours') {
    app.addHook('onRequest', fastifyAuth(options));
    app.get('/', async (request) => ({ sub: (request as unknown as { auth: { sub: string } }).auth.sub }));
  } else app.get('/', async (request) => ({ sub: await subOf(request.headers.authorization) }));
  return app.listen({ port: 0, host: '127.0.0.1' });
}

function withHono(): RequestListener {
  const app = new Hono<{ Variables: AuthVariables }>();
  if (guard === 'ours') {
    app.use(honoAuth(options));
    app.get('/', (context) => context.json({ sub: context.get('auth').sub }));
  } else app.get('/', async (context) => context.json({ sub: await subOf(context.req.header('authorization')) }));
  return listenerOf((request) => app.fetch(request));
}

function withFetch(): RequestListener {
  const authenticate = fetchAuth(options);
  if (guard !== 'ours')
    return listenerOf(async (request) => Response.json({ sub: await subOf(request.headers.get('authorization') ?? '') }));
  return listenerOf(async (request) => {
    const auth = await authenticate(request);
    return auth instanceof Response ? auth : Response.json({ sub: auth.sub });
  });
}

function listenerOf(handle: (request: Request) => Response | Promise<Response>): RequestListener {
  const listener = getRequestListener(handle);
  return (request, response) => void listener(request, response);
}

if (framework === 'fastify') serveParent(await listenWithFastify(), async () => undefined);
else {
  const listeners = { koa: withKoa, express: withExpress, hono: withHono, fetch: withFetch };
  const server = createServer(listeners[framework]());
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo; // a TCP server has one of this form
    serveParent(`http://127.0.0.1:${port}`, async () => undefined);
  });
}
