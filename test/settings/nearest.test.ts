import assert from 'node:assert/strict';
import test from 'node:test';
import { nearest } from '../../src/settings/nearest.ts';

const NAMES = ['PORT', 'HOST', 'HEADLESS_CLIENTS', 'HEADLESS_JWT_ALGORITHM'];

test('the nearest name is found through slips of the pen', () => {
  const near = {
    PROT: 'PORT',
    port: 'PORT',
    HEADLES_CLIENT: 'HEADLESS_CLIENTS',
    HEADLESS_JWT_ALGORITM: 'HEADLESS_JWT_ALGORITHM',
    HEADLESS_JWT_ALGORITHMS: 'HEADLESS_JWT_ALGORITHM',
  };
  for (const [name, expected] of Object.entries(near)) assert.equal(nearest(name, NAMES), expected, name);
});

test('a name that is near to none has no nearest', () => {
  for (const name of ['', 'X', 'ROOT_URLCONF', 'JWT']) assert.equal(nearest(name, NAMES), null, name);
  assert.equal(nearest('PORT', []), null);
});

test('of several the nearest is taken', () => {
  assert.equal(nearest('abcdefgh', ['abcdefxx', 'abcdefgx', 'abcdxxxx']), 'abcdefgx');
});
