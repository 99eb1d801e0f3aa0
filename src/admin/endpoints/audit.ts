import { z } from 'zod';
import { write } from '../../kit/write.ts';
import { countAudit, listAudit, type AuditFilter, type AuditPlace } from '../../store/lists/audit.ts';
import { file } from '../../http/reply.ts';
import { adminEndpoint } from '../endpoint.ts';
import { exportCsv, exportLines, serializeEvent } from '../flows/audit.ts';
import { pageInput, time } from '../inputs.ts';
import { pageReply, readCursor } from '../pages.ts';
import { AuditEvent, page } from '../schemas.ts';

/** Printable ASCII: no id or address holds anything else, and PostgreSQL takes no NUL. */
const word = z
  .string()
  .min(1)
  .regex(/^[\x21-\x7e]+$/);

const FILTER = {
  user: word.max(100).optional().describe('Id of whom it is about.'),
  session: word.max(100).optional().describe('Id of the session that it is about.'),
  event: z
    .string()
    .regex(/^[a-z_]{1,60}$/)
    .optional(),
  ip: word.max(45).optional(),
  after: time.optional(),
  before: time.optional(),
};

const ListInput = z.strictObject({ ...FILTER, ...pageInput });

const ExportInput = z.strictObject({ ...FILTER, format: z.enum(['csv', 'jsonl']) });

/** Names the order of the list in its cursors. */
const ORDER = 'audit';

/** The audit log, newest first. */
export const getAudit = adminEndpoint({
  route: 'GET /audit',
  summary: 'The audit log, newest first',
  input: ListInput,
  replies: page('AuditPage', AuditEvent),
  async handle({ kit }, { limit, cursor: text, count, ...given }) {
    const filter = toFilter(given);
    const cursor = readCursor(ORDER, z.tuple([z.int().min(0), z.int().min(0)]), text);
    const [createdAt, id] = cursor?.keys ?? [];
    const after = createdAt === undefined || id === undefined ? null : { createdAt, id };
    const found = await listAudit(kit.db, filter, { limit: limit + 1, after, descending: !cursor?.back });
    const keysOf = (entry: AuditPlace): number[] => [entry.createdAt, entry.id];
    const totals = count ? { count: await countAudit(kit.db, filter) } : {};
    return pageReply(found, { limit, order: ORDER, cursor, keysOf }, serializeEvent, totals);
  },
});

/** The audit log as a file. That it was taken away is an event itself. */
export const exportAudit = adminEndpoint({
  route: 'GET /audit/export',
  summary: 'The audit log as a file',
  input: ExportInput,
  replies: { 200: file('text/csv', 'application/jsonl') },
  async handle(request, { format, ...given }) {
    const { kit, user } = request;
    const filter = toFilter(given);
    await write(kit, request, async ({ record }) => {
      record('audit_exported', { userId: null, actorId: user.id, details: { format, filter } });
    });
    const body = format === 'csv' ? exportCsv(kit, filter) : exportLines(kit, filter);
    const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl; charset=utf-8';
    return { status: 200, content: { type, headers: { 'Content-Disposition': `attachment; filename="audit.${format}"` }, body } };
  },
});

function toFilter({ user, session, event, ip, after, before }: z.output<z.ZodObject<typeof FILTER>>): AuditFilter {
  return {
    ...(user !== undefined && { userId: user }),
    ...(session !== undefined && { sid: session }),
    ...(event !== undefined && { type: event }),
    ...(ip !== undefined && { ip }),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  };
}
