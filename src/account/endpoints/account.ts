import { z } from 'zod';
import { endpoint } from '../../http/area.ts';
import { reply, streamed } from '../../http/reply.ts';
import { time } from '../../http/schemas.ts';
import { deleteAccount } from '../flows/deletion.ts';
import { exportAccount } from '../flows/export.ts';
import { exportReply } from '../export-reply.ts';

/** Returns all data stored about the user, as one JSON text. Requires a recent authentication. Not in django-allauth. */
export const accountExport = endpoint({
  route: 'GET /account/export',
  access: 'user',
  replies: { 200: streamed(exportReply) },
  async handle(request) {
    const body = await exportAccount(request);
    const headers = { 'Content-Disposition': 'attachment; filename="account.json"' };
    return { status: 200, content: { type: 'application/json', headers, body } };
  },
});

/** Deletes the user's own account. Requires a recent authentication. The reply names what is kept. Not in django-allauth. */
export const accountDelete = endpoint({
  route: 'DELETE /account',
  access: 'user',
  rateLimit: 'account',
  replies: {
    200: reply('AccountDeleted', () => ({
      data: z.object({ kept: z.array(z.object({ what: z.enum(['audit_log', 'sessions']), until: time(), holds: z.array(z.string()) })) }),
      meta: z.object({ is_authenticated: z.boolean() }),
    })),
  },
  async handle(request) {
    const kept = await deleteAccount(request);
    return { status: 200, data: { kept }, meta: { is_authenticated: false } };
  },
});
