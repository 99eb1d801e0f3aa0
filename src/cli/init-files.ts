import type { Algorithm } from '../contracts/algorithms.ts';

/** What `allauth init` asks. */
export interface Choices {
  /** A value of setting DATABASE. */
  database: string;
  stateful: boolean;
  algorithm: Algorithm;
}

/** What it takes without asking. */
export const STANDARD: Choices = { database: 'sqlite://./allauth.sqlite3', stateful: true, algorithm: 'RS256' };

/** The config, with a comment for each line. `strategy` is the line that names the sample plugin. */
export function configText({ database, stateful, algorithm }: Choices, strategy: string): string {
  return `import { defineConfig } from 'allauth-kit';

// An environment variable of the same name wins over a line here; NAME_FILE reads the value from a file.
// \`npx allauth config\` shows all settings that are in force, or everything that is wrong with them.
export default defineConfig({
  // Users, sessions and tokens. Several servers share a PostgreSQL: 'postgresql://user:password@host/name', and \`npm install pg\`.
  // Keep a password out of this file: leave the line out and set the environment variable DATABASE.
  DATABASE: ${quote(database)},

  // Asks the database at each check of an access token whether its session is live, so that logging out counts at once.
  // With false a token is good until it expires, whatever happened to its session; that saves one indexed read per request.
  HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED: ${stateful},

  // Life of an access token, in seconds.
  HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: 300,

  // Life of a refresh token, in seconds; each refresh gives a new one.
  HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: 86400,

  // Seconds for which a refresh token that was used gives the same pair again: two tabs that refresh at once, or a retry after an answer
  // that got lost, log nobody out. What it trades: a stolen token is as good for as long. 0, the default, is the strictest.
  HEADLESS_JWT_REFRESH_TOKEN_GRACE_PERIOD: 10,

  // Signs the tokens. RS256 is what every verifier knows; ES256 signs faster and has shorter tokens.
  HEADLESS_JWT_ALGORITHM: ${quote(algorithm)},

  // Makes the tokens. The sample adds your own claims; without this line there are none.
  ${strategy},

  // Where the server listens.
  // HOST: '127.0.0.1',
  // PORT: 8000,

  // Single-page apps on other origins.
  // CORS_ALLOWED_ORIGINS: ['https://app.example.org'],

  // Whether anybody may sign up; where not, \`npx allauth users create-admin\` makes the first account.
  // ACCOUNT_ALLOW_SIGNUP: true,

  // Production (NODE_ENV=production) asks for these. Secrets belong into the environment: SECRET_KEY has at least 32 characters.
  // ALLOWED_HOSTS: ['auth.example.org'],
  // HEADLESS_JWT_PRIVATE_KEY: 'file:jwt-key.pem', // npx allauth keys generate --algorithm ${algorithm} > jwt-key.pem

  // Behind a proxy that ends TLS.
  // SECURE_PROXY_SSL_HEADER: ['X-Forwarded-Proto', 'https'],
  // ALLAUTH_TRUSTED_PROXY_COUNT: 1,
});
`;
}

/** Files that must not be committed: the database, and the generated development key. */
export const IGNORED = ['*.sqlite3*', '*-dev-key-*'];

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
