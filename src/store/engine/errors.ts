/**
 * The database is away, full, locked or damaged; what it was asked may or may not have been done where it went away in a COMMIT.
 * Becomes 503, never 400 or 401: clients sign their user out on those.
 */
export class DatabaseUnavailable extends Error {
  /** For the app that a guard stands in: Koa and other frameworks answer with it. */
  readonly status = 503;
  /** Nor is the message for clients. */
  readonly expose = false;
  readonly headers = RETRY;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnavailable';
  }
}

/** Seconds; a database that is away for longer is a matter for operators. */
const RETRY = { 'Retry-After': '2' };

/** A row with the same unique value is there already. Carries no value: drivers quote the row in their messages. */
export class UniqueViolation extends Error {
  /** 'email', 'username', or the name that the dialect gives to anything else. */
  readonly what: string;

  constructor(what: string) {
    super(`not unique: ${what}`);
    this.name = 'UniqueViolation';
    this.what = what;
  }
}

/** A row that this one belongs to is gone: its user was deleted at the same time. Becomes 409. */
export class OwnerGone extends Error {
  constructor() {
    super('a foreign key leads nowhere: the row that this one belongs to is gone');
    this.name = 'OwnerGone';
  }
}

/** Text that the database cannot hold (PostgreSQL: U+0000 and what is no UTF-8). Input is checked above the store. */
export class InvalidText extends Error {
  constructor() {
    super('the database cannot hold this text');
    this.name = 'InvalidText';
  }
}

/** Unique constraints that callers know by a name of their own; both dialects' words for them. */
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
 * SQLSTATE classes 08 connection (08P01 is a wrong message of ours), 28 refused login, 53 resources, 57P shutdown, 58 system, and single
 * codes: 25006 a standby answers, 25P03 idle in transaction, 3D000 no such database, 55P03 lock timeout, 57014 statement timeout,
 * XX001 and XX002 damaged data.
 */
const POSTGRESQL_UNAVAILABLE = /^(?:08[^P]..|28...|53...|57P..|58...|25006|25P03|3D000|55P03|57014|XX001|XX002)$/;

/** 22021 and 22P05: characters that the database's encoding does not have. */
const POSTGRESQL_INVALID_TEXT = /^(?:22021|22P05)$/;

/** Serialization failure and deadlock: the same work run again may well succeed. */
const POSTGRESQL_CONFLICT = /^(?:40001|40P01)$/;

const SOCKET_ERROR =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOENT|EACCES|EMFILE|ENFILE)$/;

/** What pg says of a lost connection without giving a code. */
const CONNECTION_MESSAGE =
  /Connection terminated|connection timeout|timeout expired|timeout exceeded when trying to connect|Query read timeout|not queryable|Client was closed|aborted|Connection ended/i;

/**
 * What a driver or knex threw, in the words of the store: `DatabaseUnavailable`, `UniqueViolation`, `OwnerGone`, `InvalidText`;
 * anything else comes back as it is, without the parts in which PostgreSQL quotes rows (they may hold hashes).
 * Only for errors of a driver: a plugin's ECONNREFUSED is not the database's.
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

/** Whether the work failed only because of what others did at the same time (PostgreSQL 40001, 40P01). */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && POSTGRESQL_CONFLICT.test(codeOf(error));
}

/** Whether a statement failed on a constraint: SQLite then undoes that statement and keeps the transaction. */
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
