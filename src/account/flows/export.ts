import type { EventRecord } from '../../contracts/records.ts';
import type { UserRequest } from '../../http/area.ts';
import type { Kit } from '../../kit/kit.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import { write } from '../../kit/write.ts';
import { demandRecentAuthentication } from '../../login/reauthentication.ts';
import { listEvents } from '../../store/events.ts';
import { findPhoneOf } from '../../store/phones.ts';
import { listEmails } from '../../store/users.ts';

/** How many events are read at once. */
const BATCH = 500;

/**
 * Returns all data that the areas store about the user, in the envelope of the headless API, in pieces. No secrets and no hashes.
 * @throws {ReauthenticationRequired} 401; {RateLimited} `account`
 */
export async function exportAccount(request: UserRequest): Promise<AsyncIterable<string>> {
  const { kit, user, ip, areas } = request;
  demandRecentAuthentication(request);
  await consumeRate(kit, 'account', { ip, userId: user.id });
  await write(kit, request, async ({ record }) => record('account_exported', { userId: user.id }));
  const parts = await Promise.all(areas.flatMap((area) => area.personalData?.(request) ?? []));
  return envelope(Object.assign({}, ...parts) as Record<string, unknown>); // of what the areas returned
}

/** The data of the account itself, and the events of the audit log about it. */
export async function accountData({ kit, user }: UserRequest): Promise<Record<string, unknown>> {
  const [emails, phone] = await Promise.all([listEmails(kit.db, user.id), findPhoneOf(kit.db, user.id)]);
  return {
    user: {
      id: user.id,
      username: user.username,
      has_usable_password: user.hasPassword,
      is_staff: user.isStaff,
      date_joined: user.createdAt,
      last_login: user.lastLoginAt,
      extra: user.extra,
    },
    emails: emails.map(({ email, verified, primary }) => ({ email, verified, primary })),
    phones: phone ? [{ phone: phone.phone, verified: phone.verified }] : [],
    events: events(kit, user.id),
  };
}

async function* events({ db }: Kit, userId: string): AsyncGenerator<object> {
  let beforeId: number | undefined;
  for (;;) {
    const batch: EventRecord[] = await listEvents(db, { userId, limit: BATCH, ...(beforeId !== undefined && { beforeId }) });
    for (const event of batch) yield serializeEvent(event, userId);
    beforeId = batch.at(-1)?.id;
    if (batch.length < BATCH) return;
  }
}

/** Does not reveal who an admin is, or from where and why the admin acted. */
function serializeEvent({ type, createdAt, actorId, ip, details }: EventRecord, userId: string): object {
  const event = { event: type, created_at: createdAt };
  if (actorId === userId) return { ...event, by: 'user', ip, details };
  if (actorId !== null) return { ...event, by: 'admin' };
  return ip === '' ? { ...event, by: 'server' } : { ...event, by: 'visitor', ip, details };
}

async function* envelope(members: Readonly<Record<string, unknown>>): AsyncGenerator<string> {
  yield '{"status":200,"data":{';
  let isFirst = true;
  for (const [name, value] of Object.entries(members)) {
    yield `${isFirst ? '' : ','}${JSON.stringify(name)}:`;
    isFirst = false;
    if (isList(value)) yield* list(value);
    else yield JSON.stringify(value);
  }
  yield '}}';
}

async function* list(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  yield '[';
  let isFirst = true;
  for await (const item of items) {
    yield `${isFirst ? '' : ','}${JSON.stringify(item)}`;
    isFirst = false;
  }
  yield ']';
}

function isList(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
