// knex types its public entry only; its dialects are meant to be derived from (knexjs.org, "Custom client"), but have no types.

declare module 'knex/lib/dialects/sqlite3/index.js' {
  import { Knex } from 'knex';
  export default class SqliteDialect extends Knex.Client {
    acquireConnection(): Promise<unknown>;
    releaseConnection(connection: unknown): Promise<void>;
    _driver(): unknown;
    _query(connection: unknown, query: unknown): Promise<unknown>;
    transaction(container: unknown, config: unknown, outer: unknown): Knex.Transaction;
  }
}

declare module 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js' {
  export default class SqliteTransaction {
    constructor(client: unknown, container: unknown, config: unknown, outer: unknown);
    begin(connection: unknown): Promise<unknown>;
    query(connection: unknown, sql: string): Promise<unknown>;
  }
}

declare module 'knex/lib/dialects/postgres/index.js' {
  import { Knex } from 'knex';
  export default class PostgresqlDialect extends Knex.Client {
    acquireConnection(): Promise<unknown>;
    releaseConnection(connection: unknown): Promise<void>;
    destroy(): Promise<void>;
    _driver(): unknown;
    _query(connection: unknown, query: unknown): Promise<unknown>;
  }
}
