import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';
import { INPUTS, INSIDES } from './endpoints.ts';
import { connectRaw, exchangeRaw } from './raw.ts';

const LOGIN = ['POST /_allauth/app/v1/auth/login HTTP/1.1', 'Host: localhost'];

test('what is no JSON is refused everywhere, for browsers too', async (t) => {
  const server = await testServer(t);
  const [app, browser] = [server.app(), server.browser()];
  await app.signup(newEmail());
  await browser.signup(newEmail());
  const bodies: (string | Buffer)[] = [
    '{',
    '{"email":}',
    "{'email': 'a@example.org'}",
    '{"email":"a@example.org",}',
    'email=a%40example.org&password=x',
    '<x/>',
    'NaN',
    '{"a":1}{"b":2}',
    '\u0000',
    '{"email":"a\nb"}',
    Buffer.from([0x7b, 0xff, 0x7d]),
    Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    Buffer.concat([Buffer.from('{"email":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]),
    `${'['.repeat(100_000)}`,
  ];
  for (const { method, path } of [...INPUTS, { method: 'DELETE', path: 'auth/session' }]) {
    for (const rawBody of bodies) {
      for (const client of [app, browser]) {
        if (client === browser && path === 'tokens/refresh') continue;
        const reply = await client.send(method, path, undefined, { rawBody });
        assert.deepEqual([reply.status, reply.errorCodes], [400, [':invalid_json']], `${path}: ${rawBody.toString().slice(0, 30)}`);
        assert.doesNotMatch(reply.text, INSIDES);
      }
    }
  }
  assert.equal((await app.session()).status, 200);
});

test('JSON that is no object is refused; nothing, blanks and null are an empty object', async (t) => {
  const app = (await testServer(t)).app();
  for (const rawBody of ['[]', '"x"', '1', 'true', '[{"email":"a"}]', `${'['.repeat(100_000)}${']'.repeat(100_000)}`]) {
    const reply = await app.post('auth/login', undefined, { rawBody });
    assert.deepEqual([reply.status, reply.errorCodes], [400, [':invalid_json']], rawBody.slice(0, 20));
  }
  for (const rawBody of ['', ' \n', 'null', '{}', '\ufeff{}']) {
    const reply = await app.post('auth/login', undefined, { rawBody });
    assert.deepEqual(reply.errorCodes, ['email:required', 'password:required'], JSON.stringify(rawBody));
  }
});

test('members of the prototype are data, and say nothing', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const rawBody = `{"__proto__":{"email":"${email}","password":"${PASSWORD}","isAdmin":true},"constructor":{"prototype":{"email":1}},"toString":5}`;
  for (const { method, path, forUsers } of INPUTS) {
    const app = server.app();
    if (forUsers) await app.signup(newEmail());
    const reply = await app.send(method, path, undefined, { rawBody });
    assert.equal(reply.status, 400, path);
    for (const code of reply.errorCodes) assert.match(code, /:required$/, path);
  }
  assert.equal(dig({}, 'isAdmin'), undefined);
  const known = await server.app().post('auth/signup', undefined, {
    rawBody: `{"email":"x","email":"${email}","password":"${PASSWORD}","__proto__":null,"hasOwnProperty":1}`,
  });
  assert.equal(known.status, 200, 'the last of two members counts, as JSON.parse has it');
});

test('the content type is not looked at, a charset neither', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  await server.app().signup(email);
  for (const type of [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'x',
    'application/json; charset=utf-16',
  ]) {
    const reply = await server.app().post('auth/login', { email, password: PASSWORD }, { headers: { 'Content-Type': type } });
    assert.equal(reply.status, 200, type);
  }
});

test('a compressed body is refused with 415', async (t) => {
  const app = (await testServer(t)).app();
  const body = JSON.stringify({ email: newEmail(), password: PASSWORD });
  for (const encoding of ['gzip', 'br', 'deflate', 'nonsense', 'gzip, gzip']) {
    const rawBody = encoding === 'gzip' ? gzipSync(body) : body;
    const reply = await app.post('auth/signup', undefined, { rawBody, headers: { 'Content-Encoding': encoding } });
    assert.deepEqual([reply.status, dig(reply.json, 'status')], [415, 415], encoding);
  }
  assert.equal((await app.post('auth/signup', undefined, { rawBody: body, headers: { 'Content-Encoding': 'identity' } })).status, 200);
});

test('a body over 256 KiB is refused with 413, told beforehand or found out on the way', async (t) => {
  const { url } = await testServer(t);
  const body = Buffer.from(`{"email":"${'x'.repeat(400_000)}"}`);
  const told = await exchangeRaw(url, [...LOGIN, `Content-Length: ${body.length}`], body);
  assert.equal(told.status, 413);
  assert.match(told.text, /\{"status":413/);
  assert.match(told.text, /connection: close/i);
  const promised = await exchangeRaw(url, [...LOGIN, 'Content-Length: 99999999999']);
  assert.equal(promised.status, 413, 'before any of it came');
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  const chunked = await exchangeRaw(url, [...LOGIN, 'Transfer-Encoding: chunked'], chunk.repeat(6));
  assert.equal(chunked.status, 413, 'also where it has no end');
});

test('the largest body is still read', async (t) => {
  const app = (await testServer(t)).app();
  const login = { email: newEmail(), password: 'wrong' };
  const frame = JSON.stringify({ ...login, more: '' });
  const rawBody = JSON.stringify({ ...login, more: 'x'.repeat(256 * 1024 - frame.length) });
  assert.equal(Buffer.byteLength(rawBody), 256 * 1024);
  assert.deepEqual((await app.post('auth/login', undefined, { rawBody })).errorCodes, ['password:email_password_mismatch']);
  assert.equal((await app.post('auth/login', undefined, { rawBody: ` ${rawBody}` })).status, 413);
});

test('lengths that are wrong or said twice are refused', async (t) => {
  const { url } = await testServer(t);
  for (const lengths of [
    ['Content-Length: x'],
    ['Content-Length: -1'],
    ['Content-Length: 2', 'Content-Length: 3'],
    ['Content-Length: 2', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked, identity'],
  ]) {
    assert.equal((await exchangeRaw(url, [...LOGIN, ...lengths], '{}')).status, 400, lengths.join());
  }
});

test('clients that go away in the middle of a body do no harm', async (t) => {
  const server = await testServer(t);
  for (const head of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
    const connection = await connectRaw(server.url);
    connection.write(`${[...LOGIN, head].join('\r\n')}\r\n\r\n`);
    connection.write(head.startsWith('C') ? '{"email"' : '8\r\n{"email"\r\n');
    connection.socket.destroy();
    await connection.untilClosed();
  }
  assert.equal((await server.app().signup(newEmail())).status, 200);
  await server.close();
  assert.ok(!server.log.some((line) => line.includes('a request failed')));
});

test('a chunked body is read whole', async (t) => {
  const server = await testServer(t);
  const chunks = ['{"email":"', `${newEmail()}","pass`, `word":"${PASSWORD}"}`];
  const text = `${chunks.map((each) => `${each.length.toString(16)}\r\n${each}\r\n`).join('')}0\r\n\r\n`;
  assert.equal(
    (await exchangeRaw(server.url, ['POST /_allauth/app/v1/auth/signup HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: chunked'], text))
      .status,
    200,
  );
});
