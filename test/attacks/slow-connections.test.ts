import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { testServer } from '../support/server.ts';

// The attacker opens connections and leaves them idle. The longer timeouts are Node's own; the shortest shows that they are set.

test('a connection that is idle after an answer is closed', async (t) => {
  const { url } = await testServer(t);
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const chunks: string[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  await once(socket, 'close');
  assert.match(chunks.join(''), /^HTTP\/1\.1 200 .*keep-alive: timeout=5/is);
});
