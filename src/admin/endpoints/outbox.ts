import { z } from 'zod';
import { outboxState } from '../../store/outbox.ts';
import { adminEndpoint } from '../endpoint.ts';
import { retryStuckMails } from '../flows/outbox.ts';

/** How many mails wait, and what the last one that failed did so with; never whom they are to. */
export const getOutbox = adminEndpoint({
  route: 'GET /outbox',
  input: z.strictObject({}),
  async handle({ kit }) {
    const { waiting, retrying, failed, oldestAt, lastError } = await outboxState(kit.db);
    return { status: 200, data: { waiting, retrying, failed, oldest_at: oldestAt, last_error: lastError } };
  },
});

/** Has the mails that were given up, and those that were put off after a failure, tried now. */
export const retryOutbox = adminEndpoint({
  route: 'POST /outbox/retry',
  input: z.strictObject({}),
  handle: async (request) => ({ status: 200, data: { retried: await retryStuckMails(request) } }),
});
