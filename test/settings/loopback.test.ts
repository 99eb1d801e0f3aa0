import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackAddress, isLoopbackHost } from '../../src/settings/loopback.ts';

test('loopback addresses, in every form of the socket and of the Host header', () => {
  for (const address of ['127.0.0.1', '127.1.2.3', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', '::ffff:7f00:1']) {
    assert.ok(isLoopbackAddress(address), address);
    assert.ok(isLoopbackHost(address), address);
    assert.ok(isLoopbackHost(`[${address}]`), address);
  }
  for (const address of ['', '0.0.0.0', '128.0.0.1', '126.255.255.255', '::', '::2', '::ffff:128.0.0.1', '::ffff:10.0.0.1', 'fe80::1']) {
    assert.ok(!isLoopbackAddress(address), address);
    assert.ok(!isLoopbackHost(address), address);
  }
});

test('what only looks like a loopback address is none', () => {
  for (const text of ['127.1', '127.999.1.1', '0x7f.0.0.1', '127.0.0.1.example.org', '127.0.0.1 ', '2130706433', '[127.0.0.1', '::1]x']) {
    assert.ok(!isLoopbackAddress(text), text);
    assert.ok(!isLoopbackHost(text), text);
  }
});

test('names of this computer', () => {
  for (const name of ['localhost', 'LocalHost', 'localhost.', 'app.localhost', 'a.b.LOCALHOST']) {
    assert.ok(isLoopbackHost(name), name);
    assert.ok(!isLoopbackAddress(name), name);
  }
  for (const name of ['localhost.example.org', 'notlocalhost', 'example.org', 'localhost:8000', 'localhosts']) {
    assert.ok(!isLoopbackHost(name), name);
  }
});
