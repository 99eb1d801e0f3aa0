import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import type { Algorithm } from '../../../src/contracts/algorithms.ts';
import { defer } from '../../support/cleanup.ts';
import { testDatabase } from '../../support/database.ts';
import { secret, secretKey } from '../../support/secrets.ts';
import { Clock } from '../../support/server.ts';
import { newKey } from './jwt.ts';
import { tokenServer, type TokenServer } from './server.ts';

const SECRET_KEY = 'places-secret-key-of-at-least-32-characters';
secret(SECRET_KEY);

/** Settings and clock that several servers share, which keep their keys in one place. */
export interface Place {
  settings: Config;
  clock: Clock;
  /** Of the key file; '' for the database. */
  path: string;
  /** One more server. */
  open(more?: Config): Promise<TokenServer>;
  servers(count: number): Promise<TokenServer[]>;
}

/** The places in which a server can change its keys. */
export const PLACES = ['file', 'database'] as const;

/** A place with keys of its own; a file has one key, as its owner made it. */
export async function keyPlace(t: TestContext, where: (typeof PLACES)[number], algorithm: Algorithm = 'ES256'): Promise<Place> {
  const DATABASE = await testDatabase(t);
  const folder = mkdtempSync(join(tmpdir(), 'allauth-key-file-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  const path = where === 'file' ? join(folder, 'key.pem') : '';
  if (path !== '') writeFileSync(path, await newKey(algorithm), { mode: 0o600 });
  const HEADLESS_JWT_PRIVATE_KEY = where === 'file' ? `file:${path}` : 'database';
  const settings: Config = { DATABASE, SECRET_KEY, HEADLESS_JWT_ALGORITHM: algorithm, HEADLESS_JWT_PRIVATE_KEY };
  const clock = new Clock();
  const open = (more: Config = {}): Promise<TokenServer> => tokenServer(t, { ...settings, ...more }, { clock });
  const servers = async (count: number): Promise<TokenServer[]> => {
    const opened: TokenServer[] = [];
    while (opened.length < count) opened.push(await open());
    return opened;
  };
  return { settings, clock, path, open, servers };
}

/** The text of a key file, whose keys no log may have. */
export function readKeys(path: string): string {
  const text = readFileSync(path, 'utf8');
  secretKey(text.replace(/^#.*$/gm, ''));
  return text;
}
