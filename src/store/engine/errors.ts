/**
 * The database cannot be reached, or is full, locked or damaged. If the connection was lost during a COMMIT, the transaction may or may not
 * have been committed. Answered with 503, never with 400 or 401, since clients sign their user out on those.
 */
export class DatabaseUnavailable extends Error {
  /** The status that Koa and other frameworks answer with, if a guard throws this inside another app. */
  readonly status = 503;
  /** Tells those frameworks not to send the message to clients. */
  readonly expose = false;
  readonly headers = RETRY;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }
}

/** Seconds. Longer outages need an operator. */
const RETRY = { 'Retry-After': '2' };

/** A row with the same unique value exists. Contains no value, since drivers quote the row in their messages. */
export class UniqueViolation extends Error {
  /** 'email', 'username' or 'phone'; for any other constraint, the name that the dialect gives it. */
  readonly what: string;

  constructor(what: string) {
    super(`not unique: ${what}`);
    this.name = 'UniqueViolation';
    this.what = what;
  }
}

/** The row that this one refers to no longer exists: its user was deleted at the same time. Answered with 409. */
export class OwnerGone extends Error {
  constructor() {
    super('a foreign key constraint failed: the row that this one refers to was deleted');
    this.name = 'OwnerGone';
  }
}

/** Text that the database cannot store (on PostgreSQL, U+0000 and invalid UTF-8). Input is checked before it reaches the store. */
export class InvalidText extends Error {
  constructor() {
    super('the database cannot hold this text');
    this.name = 'InvalidText';
  }
}

/** The unique constraints with a name of our own, and what each dialect calls them. */
const UNIQUE_NAMES = new Map([
  ['users.username_key', 'username'],
  ['users_username_key', 'username'],
  ['emails.claimed_email', 'email'],
  ['emails_claimed_email', 'email'],
  ['emails.user_id, emails.email', 'email'],
  ['emails_user_id_email', 'email'],
  ['phones.claimed_phone', 'phone'],
  ['phones_claimed_phone', 'phone'],
]);

const SQLITE_UNAVAILABLE = new Set(
  ['BUSY', 'LOCKED', 'IOERR', 'FULL', 'CANTOPEN', 'CORRUPT', 'READONLY', 'NOTADB', 'NOMEM', 'PROTOCOL', 'PERM', 'INTERRUPT', 'MISUSE'].map(
    (name) => `SQLITE_${name}`,
  ),
);

/**
 * SQLSTATE classes 08 connection (except 08P01, a protocol error of ours), 28 login refused, 53 resources, 57P shutdown, 58 system; and
 * single codes: 25006 the server is a standby, 25P03 idle in transaction, 3D000 no such database, 55P03 lock timeout, 57014 statement
 * timeout, XX001 and XX002 damaged data.
 */
const POSTGRESQL_UNAVAILABLE = /^(?:08[^P]..|28...|53...|57P..|58...|25006|25P03|3D000|55P03|57014|XX001|XX002)$/;

/** 22021 and 22P05: characters that the database's encoding does not have. */
const POSTGRESQL_INVALID_TEXT = /^(?:22021|22P05)$/;

/** Serialization failure and deadlock: a retry is likely to succeed. */
const POSTGRESQL_CONFLICT = /^(?:40001|40P01)$/;

const SOCKET_ERROR =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOENT|EACCES|EMFILE|ENFILE)$/;

/** pg's messages for lost connections, which have no code. */
const CONNECTION_MESSAGE =
  /Connection terminated|connection timeout|timeout expired|timeout exceeded when trying to connect|Query read timeout|not queryable|Client was closed|aborted|Connection ended/i;

/**
 * Converts what a driver or knex threw to an error of the store: `DatabaseUnavailable`, `UniqueViolation`, `OwnerGone` or `InvalidText`.
 * Any other error is returned without the properties in which PostgreSQL quotes rows, since they may contain hashes. Only for errors of a
 * driver: a plugin's ECONNREFUSED is not the database's.
 */
export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || isTranslated(error)) return error;
  const code = codeOf(error);
  if (code.startsWith('SQLITE_')) return translateSqlite(error, code);
  if (code === '23503') return new OwnerGone();
  if (code === '23505') return new UniqueViolation(uniqueName(String(Reflect.get(error, 'constraint'))));
  if (POSTGRESQL_INVALID_TEXT.test(code)) return new InvalidText();
  if (POSTGRESQL_UNAVAILABLE.test(code) || SOCKET_ERROR.test(code)) return unavailable(error);
  if (code === '' && CONNECTION_MESSAGE.test(error.message)) return unavailable(error);
  for (const quoting of ['detail', 'where', 'internalQuery']) Reflect.deleteProperty(error, quoting);
  return error;
}

/** Whether the work failed only because of concurrent transactions (PostgreSQL 40001, 40P01). */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && POSTGRESQL_CONFLICT.test(codeOf(error));
}

/** Whether a statement failed on a constraint. SQLite then rolls back that statement but keeps the transaction. */
export function isConstraint(error: unknown): boolean {
  return (
    error instanceof UniqueViolation || error instanceof OwnerGone || (error instanceof Error && codeOf(error) === 'SQLITE_CONSTRAINT')
  );
}

function isTranslated(error: Error): boolean {
  return (
    error instanceof DatabaseUnavailable || error instanceof UniqueViolation || error instanceof OwnerGone || error instanceof InvalidText
  );
}

function translateSqlite(error: Error, code: string): Error {
  const unique = /UNIQUE constraint failed: (.*)$/.exec(error.message);
  if (unique) return new UniqueViolation(uniqueName(unique[1] ?? ''));
  if (error.message.includes('FOREIGN KEY constraint failed')) return new OwnerGone();
  return SQLITE_UNAVAILABLE.has(code) ? unavailable(error) : error;
}

function unavailable(error: Error): DatabaseUnavailable {
  // An AggregateError (a host with several addresses) has no message of its own.
  return new DatabaseUnavailable(`the database is not available: ${error.message || codeOf(error)}`, { cause: error });
}

function uniqueName(constraint: string): string {
  return UNIQUE_NAMES.get(constraint) ?? constraint;
}

function codeOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : '';
}
