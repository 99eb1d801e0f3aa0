import assert from 'node:assert/strict';
import test from 'node:test';
import { conflicts } from '../../src/settings/checks.ts';
import { settingsOf } from '../support/settings.ts';

test('production does not start with phone numbers and nobody to send SMS', async () => {
  for (const phones of [{ ACCOUNT_LOGIN_METHODS: ['phone' as const] }, { ACCOUNT_SIGNUP_FIELDS: ['email*' as const, 'phone' as const] }]) {
    const settings = await settingsOf({ ...phones, SMS_SENDER: null });
    assert.match(conflicts(settings, true).find(({ name }) => name === 'SMS_SENDER')?.message ?? '', /^must be set in production/);
    assert.deepEqual(conflicts(settings, false), []);
  }
  const without = await settingsOf({ SMS_SENDER: null });
  assert.ok(conflicts(without, true).every(({ name }) => name !== 'SMS_SENDER'));
});
