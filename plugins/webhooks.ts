import { createHmac } from 'node:crypto';
import { sha256, type EventRecord, type EventType, type Kit, type Plugin } from 'allauth-kit/plugin';
import { faultOf, readUrl } from './outgoing.ts';

export interface WebhooksOptions {
  /** Where the events are posted. Plain http only to this machine. */
  url: string;
  /**
   * At least 24 bytes: `whsec_` and base64, or plain text. A list signs with each, so that a receiver can change over: the new one and the old one.
   */
  secret: string | readonly string[];
  /** The types that are posted; default: all. */
  events?: readonly EventType[];
  /** Seconds that the receiver may take to answer; default: 10. */
  timeout?: number;
  /** Under which the database keeps how far it got; default: made from the address, so that a new address starts anew. */
  name?: string;
}

/** Bytes of a secret. Source: Standard Webhooks, "Signature scheme". */
const LEAST_SECRET = 24;
const MOST_SECRET = 64;

/**
 * Posts events to a receiver, signed as Standard Webhooks (https://www.standardwebhooks.com) says: `webhook-id`, `webhook-timestamp` and
 * `webhook-signature` = `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. Anything but a 2xx is a failure, and comes again, with the
 * same id, later each time: see `Plugin`. Config: `PLUGINS: [['allauth-kit/plugins/webhooks#Webhooks', { url, secret }]]`
 */
export class Webhooks implements Plugin {
  readonly name: string;
  readonly #kit: Kit;
  readonly #url: URL;
  readonly #keys: readonly Buffer[];
  readonly #events: ReadonlySet<string> | null;
  readonly #timeout: number;
  readonly #stopping = new AbortController();

  /** @throws {Error} for options that cannot be used */
  constructor(kit: Kit, { url, secret, events, timeout = 10, name }: WebhooksOptions) {
    this.#kit = kit;
    this.#url = readUrl(url, 'webhooks', 'events tell who did what from where');
    this.#keys = [secret].flat().map(readSecret);
    if (this.#keys.length === 0) throw new Error('webhooks: secret is missing');
    if (!(timeout > 0 && timeout <= 25)) throw new Error('webhooks: timeout must be from 0 to 25 seconds');
    this.#events = events ? new Set(events) : null;
    this.#timeout = timeout * 1000;
    // The address may hold a secret, so only its host is told.
    this.name = name ?? `webhooks ${this.#url.host} ${sha256(this.#url.href).slice(0, 8)}`;
  }

  async onEvent(event: EventRecord): Promise<void> {
    if (this.#events && !this.#events.has(event.type)) return;
    const id = `evt_${event.id}`;
    const timestamp = String(this.#kit.now());
    const body = JSON.stringify(payloadOf(event));
    const response = await fetch(this.#url, {
      method: 'POST',
      redirect: 'manual', // a signed body is for the receiver that was named
      headers: {
        'content-type': 'application/json',
        'user-agent': 'allauth-kit',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': this.#keys.map((key) => sign(key, `${id}.${timestamp}.${body}`)).join(' '),
      },
      body,
      signal: AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(this.#timeout)]),
    }).catch((error: unknown) => {
      throw new Error(`${this.#url.host} ${faultOf(error)}`);
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`${this.#url.host} answered ${response.status}`);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
  }
}

function payloadOf({ id, type, createdAt, userId, actorId, sid, ip, details }: EventRecord): object {
  return {
    type,
    timestamp: new Date(createdAt * 1000).toISOString(),
    data: { id, created_at: createdAt, user_id: userId, actor_id: actorId, session_id: sid, ip, details },
  };
}

function sign(key: Buffer, text: string): string {
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

function readSecret(text: unknown): Buffer {
  const key =
    typeof text !== 'string' ? Buffer.alloc(0) : text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text);
  if (key.length < LEAST_SECRET || key.length > MOST_SECRET) {
    throw new Error(
      `webhooks: secret must have ${LEAST_SECRET} to ${MOST_SECRET} bytes; this makes one: node -p "'whsec_' + crypto.randomBytes(32).toString('base64')"`,
    );
  }
  return key;
}
