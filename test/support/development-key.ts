import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED_FOLDER, secretKey } from './secrets.ts';

let pem: string | undefined;

/** Puts the RS256 key where a development server keeps the one of its database `NAME.sqlite3`: making one costs more than most tests. */
export function layDevelopmentKey(folder: string, name: string): void {
  pem ??= developmentKey();
  writeFileSync(join(folder, `${name}-dev-key-RS256.pem`), pem, { mode: 0o600 });
}

/** Made once for the run, or for a process outside a run. */
function developmentKey(): string {
  const kept = SHARED_FOLDER === null ? null : join(SHARED_FOLDER, 'development-key.pem');
  if (kept !== null && existsSync(kept)) return readFileSync(kept, 'utf8');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  secretKey(privateKey);
  if (kept !== null) {
    const draft = `${kept}.${process.pid}`;
    writeFileSync(draft, privateKey, { mode: 0o600 });
    renameSync(draft, kept);
  }
  return privateKey;
}
