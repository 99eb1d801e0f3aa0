import type { Page, PageReply, PageRequest } from '../http/area.ts';
import type { Kit } from '../kit/kit.ts';
import { listRevocations, readFeedState, type RevocationRecord } from '../store/revocations.ts';
import { isCrowded, waitBeyond } from './revocation-readers.ts';
import { jsonReply, oauthError, oauthRefusal, refuseService } from './service-access.ts';

/** Maximum entries of a reply; about 1.2 MB of JSON. */
const PAGE = 10_000;

/** Maximum seconds that a request may wait. */
const MAX_WAIT = 30;

/**
 * The revocation feed: ended sessions, for verifiers without a database. Without `cursor` it returns all sessions whose access tokens may not have
 * expired yet, with it those that ended afterwards. `wait`: seconds to wait for the first one. After a full reply there may be more.
 */
export const revocationFeed: Page = {
  path: '/_allauth/revocations',
  refused: oauthRefusal,
  async handle(kit, request) {
    const refusal = await refuseService(kit, request);
    if (refusal) return refusal;
    const asked = readRequest(request.query);
    if ('status' in asked) return asked;
    const { feedId, purgedTo, head } = await readFeedState(kit.db);
    if (asked.cursor && (asked.cursor.feedId !== feedId || asked.cursor.position < purgedTo || asked.cursor.position > head)) {
      return oauthError(410, 'cursor_gone', 'The cursor is too old, or belongs to another database. Send the request without a cursor.');
    }
    // Everything up to `head` was committed before, so this read includes it.
    const after = asked.cursor?.position ?? 0;
    const found = await readAfter(kit, after);
    if (found.length > 0 || !asked.cursor || head > after) return answer(feedId, found, head);
    if (asked.wait === 0) return answer(feedId, [], after);
    return waitForMore(kit, { feedId, after, wait: asked.wait }, request);
  },
};

interface FeedRequest {
  /** `null` to read from the start. */
  cursor: { feedId: string; position: number } | null;
  wait: number;
}

async function waitForMore(
  kit: Kit,
  { feedId, after, wait }: { feedId: string; after: number; wait: number },
  { gone }: PageRequest,
): Promise<PageReply> {
  if (isCrowded(kit)) return oauthError(503, 'temporarily_unavailable', 'Too many requests are waiting.', { 'Retry-After': '5' });
  const head = await waitBeyond(kit, after, { seconds: wait, gone });
  return head === after ? answer(feedId, [], after) : answer(feedId, await readTogether(kit, after, head), head);
}

function readAfter(kit: Kit, after: number): Promise<RevocationRecord[]> {
  return listRevocations(kit.db, { after, now: kit.now(), limit: PAGE });
}

const underWay = new WeakMap<Kit, Map<string, Promise<RevocationRecord[]>>>();

/** As `readAfter`, once for all readers that are woken together. Not shared between heads: a read for another one may have started too early. */
function readTogether(kit: Kit, after: number, head: number): Promise<RevocationRecord[]> {
  const reads = underWay.get(kit) ?? new Map<string, Promise<RevocationRecord[]>>();
  underWay.set(kit, reads);
  const key = `${after}-${head}`;
  const read = reads.get(key) ?? readAfter(kit, after).finally(() => reads.delete(key));
  reads.set(key, read);
  return read;
}

/** @param head a position up to which everything was committed when the entries were read */
function answer(feedId: string, found: readonly RevocationRecord[], head: number): PageReply {
  const last = found.at(-1)?.position ?? 0;
  const position = found.length === PAGE ? last : Math.max(last, head);
  return jsonReply(200, {
    cursor: Buffer.from(`${feedId}:${position}`).toString('base64url'),
    revocations: found.map(({ sid, revokedAt, expiresAt }) => ({ sid, revoked_at: revokedAt, expires_at: expiresAt })),
  });
}

function readRequest(query: URLSearchParams): FeedRequest | PageReply {
  const [[cursor, ...moreCursors], [wait = '0', ...moreWaits]] = [query.getAll('cursor'), query.getAll('wait')];
  if (!/^\d{1,2}$/.test(wait) || Number(wait) > MAX_WAIT || moreWaits.length > 0) {
    return oauthError(400, 'invalid_request', `The parameter wait is a whole number of seconds from 0 to ${MAX_WAIT}.`);
  }
  const read = cursor === undefined ? null : readCursor(cursor);
  if (read === undefined || moreCursors.length > 0) {
    return oauthError(400, 'invalid_request', 'The parameter cursor is not a cursor of this feed.');
  }
  return { cursor: read, wait: Number(wait) };
}

function readCursor(cursor: string): FeedRequest['cursor'] | undefined {
  const [, feedId, position] = /^([0-9a-f]{16}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  return feedId !== undefined && position !== undefined ? { feedId, position: Number(position) } : undefined;
}
