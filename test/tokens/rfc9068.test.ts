import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import express, { type NextFunction, type Request, type Response } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createVerifier, TokenRefused } from 'allauth-kit/verify';
import { listening } from '../guards/support/listening.ts';
import { send } from '../support/http.ts';
import { settingsOf } from '../support/settings.ts';
import { byRsa, decode, forge, keyFor } from './support/jwt.ts';
import { signedUp, tokenServer } from './support/server.ts';

const ISSUER = 'https://auth.example.org';
const SETTINGS = { HEADLESS_JWT_PROFILE: 'rfc9068' as const, HEADLESS_JWT_ISSUER: ISSUER, HEADLESS_JWT_AUDIENCE: 'api' };

test('HEADLESS_JWT_PROFILE "rfc9068": typ and claims of its access tokens, at login and at refresh', async (t) => {
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  for (const time of ['login', 'refresh']) {
    const { header, claims } = decode(app.accessToken);
    assert.equal(header['typ'], 'at+jwt', time);
    assert.deepEqual([claims['iss'], claims['aud'], claims['client_id']], [ISSUER, 'api', 'app']);
    const authTime = Number(claims['auth_time']);
    assert.ok(authTime <= claims.iat && authTime > claims.iat - 60);
    assert.ok(['sub', 'jti', 'sid'].every((name) => typeof claims[name] === 'string'));
    assert.equal(decode(app.refreshToken).header['typ'], 'JWT');
    assert.equal((await server.me(app.accessToken)).status, 200);
    assert.equal((await app.session({ auth: 'bearer' })).status, 200);
    assert.equal((await app.refresh()).status, 200);
  }
});

test('strict verifiers take them unchanged: jose by the key set, and our own elsewhere', async (t) => {
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  const jwksUrl = `${server.url}/.well-known/jwks.json`;
  const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'auth_time'];
  const options = { typ: 'at+jwt', issuer: ISSUER, audience: 'api', algorithms: ['RS256'], requiredClaims };
  assert.ok(await jwtVerify(app.accessToken, createRemoteJWKSet(new URL(jwksUrl)), options));
  await assert.rejects(jwtVerify(app.refreshToken, createRemoteJWKSet(new URL(jwksUrl)), options));
  const verifier = createVerifier({ jwksUrl, issuer: ISSUER, audience: 'api', profile: 'rfc9068' });
  assert.ok(await verifier.verify(app.accessToken));
  await assert.rejects(verifier.verify(app.refreshToken), TokenRefused);
});

test("another maker's strict middleware takes them unchanged, by the key set, and nothing else of ours", async (t) => {
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  const api = express();
  const jwksUri = `${server.url}/.well-known/jwks.json`;
  api.use(auth({ jwksUri, issuer: ISSUER, audience: 'api', tokenSigningAlg: 'RS256', strict: true }));
  api.get('/', (request, response) => void response.json(request.auth?.payload));
  api.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
    response.status(error.status ?? 500).json({});
  });
  const url = await listening(t, createServer(api));
  const get = (token: string) => send(url, { path: '/', headers: { Authorization: `Bearer ${token}` } });
  const good = await get(app.accessToken);
  assert.deepEqual([good.status, good.json], [200, decode(app.accessToken).claims]);
  assert.equal((await app.refresh()).status, 200);
  assert.equal((await get(app.accessToken)).status, 200);
  assert.equal((await get(app.refreshToken)).status, 401);
  const plain = await tokenServer(t, { ...SETTINGS, HEADLESS_JWT_PROFILE: 'allauth' });
  assert.equal((await get((await signedUp(plain)).accessToken)).status, 401, 'it is strict: that typ it refuses');
});

test('the typ is strict on the server too, whichever the profile', async (t) => {
  const key = await keyFor('RS256');
  const server = await tokenServer(t, SETTINGS);
  const app = await signedUp(server);
  const { header, claims } = decode(app.accessToken);
  assert.equal((await server.me(forge(header, claims, byRsa(key)))).status, 200);
  for (const typ of ['JWT', undefined]) assert.equal((await server.me(forge({ ...header, typ }, claims, byRsa(key)))).status, 401);
  assert.equal((await server.me(app.refreshToken)).status, 401);
  const plain = await tokenServer(t, { ...SETTINGS, HEADLESS_JWT_PROFILE: 'allauth' });
  assert.equal((await plain.me(app.accessToken)).status, 401);
});

test('issuer and audience have to be set for it', async () => {
  await assert.rejects(settingsOf({ HEADLESS_JWT_PROFILE: 'rfc9068' }), /HEADLESS_JWT_ISSUER[\s\S]*HEADLESS_JWT_AUDIENCE/);
  assert.ok(await settingsOf(SETTINGS));
});
