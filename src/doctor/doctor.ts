import type { Kit } from '../kit/kit.ts';
import { databaseFindings } from './database.ts';
import type { Finding } from './finding.ts';
import { settingsFindings } from './settings.ts';

/** Whether a server with these settings, keys and database is fit for production: what is not, errors first. Changes nothing. */
export async function examine(kit: Kit): Promise<Finding[]> {
  const findings = [...settingsFindings(kit), ...(await keyFindings(kit)), ...(await databaseFindings(kit))];
  return [...findings.filter(({ level }) => level === 'error'), ...findings.filter(({ level }) => level === 'warning')];
}

async function keyFindings({ plugins, settings }: Kit): Promise<Finding[]> {
  const keys = await plugins.HEADLESS_TOKEN_STRATEGY.listKeys();
  if (keys.length === 0) return [];
  const findings: Finding[] = [];
  const given = settings.HEADLESS_JWT_PRIVATE_KEY;
  const isGiven = Array.isArray(given) ? given.length > 0 : Boolean(given);
  if (!isGiven && !settings.HEADLESS_JWT_ALGORITHM.startsWith('HS')) {
    findings.push({
      area: 'keys',
      level: 'error',
      message: 'HEADLESS_JWT_PRIVATE_KEY is not set: tokens are signed with a key made for development.',
      advice: 'Make one with `allauth keys generate`, and set HEADLESS_JWT_PRIVATE_KEY to it, or to "file:PATH" with a file of mode 0600.',
    });
  }
  if (settings.HEADLESS_JWT_ALGORITHM.startsWith('HS')) {
    findings.push({
      area: 'keys',
      level: 'warning',
      message: `HEADLESS_JWT_ALGORITHM is ${settings.HEADLESS_JWT_ALGORITHM}: whoever can verify tokens can make them.`,
      advice: 'Use RS256, ES256 or EdDSA, so that other services verify with the public key alone.',
    });
  }
  return findings;
}
