import { z } from 'zod';
import { outboxState } from '../../store/outbox.ts';
import { named, reply } from '../../http/reply.ts';
import { adminEndpoint } from '../endpoint.ts';
import { retryStuckMails } from '../flows/outbox.ts';
import { count, time } from '../schemas.ts';

const Outbox = named('Outbox', () =>
  z.strictObject({
    waiting: count().describe('Will be tried, or tried again'),
    retrying: count().describe('Those of them that have failed before'),
    failed: count().describe('Given up'),
    oldest_at: time().nullable().describe('When the oldest waiting mail was written'),
    last_error: z.string().nullable(),
  }),
);

/** How many mails wait, and what the last one that failed did so with; never whom they are to. */
export const getOutbox = adminEndpoint({
  route: 'GET /outbox',
  summary: 'How many mails wait, and how many were given up',
  input: z.strictObject({}),
  replies: { 200: reply('OutboxReply', () => ({ data: Outbox() })) },
  async handle({ kit }) {
    const { waiting, retrying, failed, oldestAt, lastError } = await outboxState(kit.db);
    return { status: 200, data: { waiting, retrying, failed, oldest_at: oldestAt, last_error: lastError } };
  },
});

/** Has the mails that were given up, and those that were put off after a failure, tried now. */
export const retryOutbox = adminEndpoint({
  route: 'POST /outbox/retry',
  summary: 'Has mails that failed tried now',
  input: z.strictObject({}),
  replies: { 200: reply('MailsRetried', () => ({ data: z.strictObject({ retried: count() }) })) },
  handle: async (request) => ({ status: 200, data: { retried: await retryStuckMails(request) } }),
});
