import assert from 'node:assert/strict';
import { claimMails, giveUpMail, insertMail, postponeMail, retryMails, stuckMails } from '../../src/store/outbox.ts';
import { NOW, onEach } from './databases.ts';

const LEASE = 120;

onEach('mails that were given up or put off are tried now, those in somebody’s hands are not', async (db) => {
  for (const id of ['a', 'b', 'c']) await insertMail(db, { id, payload: id }, NOW);
  const claimed = await claimMails(db, NOW, NOW + LEASE, 3);
  assert.equal(await retryMails(db, NOW), 0, 'all three are being sent for the first time');
  for (const mail of claimed.filter(({ id }) => id !== 'c')) await postponeMail(db, mail, NOW + 3600, 'ESOCKET');
  for (const mail of claimed.filter(({ id }) => id === 'c')) await giveUpMail(db, mail, NOW, 'EENVELOPE 550');
  const counts = await Promise.all([retryMails(db, NOW + 1), retryMails(db, NOW + 1)]);
  assert.deepEqual(counts.sort(), [0, 3], 'who comes second finds none');
  const again = await claimMails(db, NOW + 1, NOW + 1 + LEASE, 3);
  assert.deepEqual(again.map(({ id, attempts }) => `${id}${attempts}`).sort(), ['a2', 'b2', 'c1'], 'one that was given up starts anew');
  assert.equal(await retryMails(db, NOW + 2), 0, 'they have failed before, and are being sent');
});

onEach('mails are stuck once they fail for ten minutes, or for a day after they were given up', async (db) => {
  for (const id of ['a', 'b']) await insertMail(db, { id, payload: id }, NOW);
  assert.equal(await stuckMails(db, NOW + 3600), null, 'nobody has tried yet');
  const [first, second] = await claimMails(db, NOW, NOW + LEASE, 2);
  assert.ok(first && second);
  await postponeMail(db, first, NOW + 3600, 'ECONNREFUSED');
  assert.equal(await stuckMails(db, NOW + 599), null);
  const waiting = { waiting: 1, failed: 0, oldestAt: NOW, lastError: 'ECONNREFUSED' };
  assert.deepEqual(await stuckMails(db, NOW + 600), waiting);
  await giveUpMail(db, second, NOW + 600, 'EENVELOPE 550');
  assert.deepEqual(await stuckMails(db, NOW + 600), { ...waiting, failed: 1 });
  assert.deepEqual(await stuckMails(db, NOW + 600 + 86_400), waiting);
});
