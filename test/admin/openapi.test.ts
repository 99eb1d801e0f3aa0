import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { admin } from '../../src/admin/area.ts';
import { dig } from '../support/http.ts';
import { API, adminServer, newPerson } from './support.ts';

test('the admin API describes each of its endpoints, and answers as the description says', async (t) => {
  const server = await adminServer(t);
  const person = await newPerson(server);
  await person.app.refresh();
  const reply = await server.admin.get(`${API}/openapi.json`);
  assert.equal(reply.status, 200);
  const document = reply.json;
  const described = Object.entries(dig(document, 'paths') as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
  assert.deepEqual(described.sort(), admin.endpoints.map(({ route }) => route).sort());

  const ajv = new Ajv2020({ strict: false });
  ajv.addSchema({ $id: 'all', components: dig(document, 'components') });
  const compile = (schema: unknown) =>
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"all#/components/')) as object);
  const calls: [string, string, string, unknown?][] = [
    ['GET', '/sessions', '/sessions?count=true'],
    ['GET', '/sessions', '/sessions?state=revoked'],
    ['GET', '/sessions/{id}', `/sessions/${person.sid}`],
    ['GET', '/users', '/users?q=user'],
    ['GET', '/users/{id}', `/users/${person.id}`],
    ['POST', '/users', '/users', { email: 'made@example.org' }],
    ['POST', '/users', '/users', { email: 'invited@example.org', invite: true }],
    ['POST', '/users/{id}/send-reset', `/users/${person.id}/send-reset`, {}],
    ['PATCH', '/users/{id}', `/users/${person.id}`, { is_staff: false }],
    ['GET', '/audit', '/audit?limit=2'],
    ['GET', '/stats', '/stats'],
    ['GET', '/plugins', '/plugins'],
    ['GET', '/settings', '/settings'],
    ['GET', '/keys', '/keys'],
    ['POST', '/keys/rotate', '/keys/rotate', {}],
    ['DELETE', '/sessions/{id}', `/sessions/${person.sid}`, { reason: 'stolen' }],
    ['GET', '/sessions/{id}', `/sessions/${person.sid}`],
    ['POST', '/sessions/revoke', '/sessions/revoke', { ids: [person.sid] }],
    ['POST', '/users/{id}/revoke-sessions', `/users/${person.id}/revoke-sessions`, {}],
  ];
  for (const [method, path, real, body] of calls) {
    const { status, json, text } = await server.admin.send(method, `${API}${real}`, body);
    assert.equal(status, 200, `${method} ${real}: ${text}`);
    const schema = dig(document, 'paths', path, method.toLowerCase(), 'responses', '200', 'content', 'application/json', 'schema');
    const validate = compile(schema);
    assert.ok(validate(json), `${method} ${real}: ${ajv.errorsText(validate.errors)} in ${text.slice(0, 600)}`);
    assert.ok(!validate({ status: 200, data: { nothing: true } }), `${method} ${path}: the schema takes anything`);
  }
  const refused = await server.admin.get(`${API}/audit?limit=0`);
  const refusal = compile(dig(document, 'components', 'schemas', 'Refusal'));
  assert.ok(refusal(refused.json));
  const limit = (dig(document, 'paths', '/audit', 'get', 'parameters') as object[]).find((each) => dig(each, 'name') === 'limit');
  assert.equal(dig(limit, 'schema', 'maximum'), 200);
});

test('the description is for staff', async (t) => {
  const server = await adminServer(t, { ADMIN_BEARER_ENABLED: true });
  const { app } = await newPerson(server);
  assert.equal((await app.get(`${API}/openapi.json`)).status, 403);
  assert.equal((await server.app().get(`${API}/openapi.json`)).status, 401);
});
