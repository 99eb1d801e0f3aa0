import { z } from 'zod';
import { invalid } from '../../kit/errors.ts';
import { write } from '../../kit/write.ts';
import { listAudit, type AuditFilter, type AuditPlace } from '../../store/audit.ts';
import { adminEndpoint } from '../endpoint.ts';
import { exportCsv, exportLines, serializeEvent } from '../flows/audit.ts';
import { time } from '../inputs.ts';

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

const ListInput = z.strictObject({
  ...FILTER,
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

const ExportInput = z.strictObject({ ...FILTER, format: z.enum(['csv', 'jsonl']) });

/** The audit log, newest first. */
export const getAudit = adminEndpoint({
  route: 'GET /audit',
  input: ListInput,
  async handle({ kit }, { limit, cursor, ...filter }) {
    const at = cursor === undefined ? null : readCursor(cursor);
    const place = at && (at.back ? { newerThan: at.place } : { olderThan: at.place });
    // One more than is shown tells whether there is more.
    const found = await listAudit(kit.db, toFilter(filter), { limit: limit + 1, ...place });
    const more = found.length > limit;
    const entries = at?.back ? found.slice(-limit) : found.slice(0, limit);
    const [first, last] = [entries.at(0), entries.at(-1)];
    const next = at?.back ? true : more;
    const previous = at?.back ? more : at !== null;
    return {
      status: 200,
      data: entries.map(serializeEvent),
      meta: {
        pagination: {
          next: next && last ? writeCursor(last, false) : null,
          previous: previous && first ? writeCursor(first, true) : null,
          limit,
        },
      },
    };
  },
});

/** The audit log as a file. That it was taken away is an event itself. */
export const exportAudit = adminEndpoint({
  route: 'GET /audit/export',
  input: ExportInput,
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

function writeCursor({ createdAt, id }: AuditPlace, back: boolean): string {
  return Buffer.from(`${back ? 'b' : 'f'}.${createdAt}.${id}`).toString('base64url');
}

/** @throws {Refusal} 400 for what this server has not made */
function readCursor(cursor: string): { back: boolean; place: AuditPlace } {
  const [, way, createdAt, id] = /^([bf])\.(\d{1,12})\.(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (way === undefined) throw invalid('cursor', 'invalid', 'This is no cursor of this list.');
  return { back: way === 'b', place: { createdAt: Number(createdAt), id: Number(id) } };
}
