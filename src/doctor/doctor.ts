import type { Kit } from '../kit/kit.ts';
import { databaseFindings } from './database.ts';
import type { Finding } from './finding.ts';
import { settingsFindings } from './settings.ts';

/** Finds what is unsafe in production about the settings, keys and database; errors first. Changes nothing. */
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
      message: 'HEADLESS_JWT_PRIVATE_KEY is not set: tokens are signed with a development key.',
      advice:
        'Generate a key with `allauth keys generate`, and set HEADLESS_JWT_PRIVATE_KEY to it, or to "file:PATH" with a file of mode 0600.',
    });
  }
  if (settings.HEADLESS_JWT_ALGORITHM.startsWith('HS')) {
    findings.push({
      area: 'keys',
      level: 'warning',
      message: `HEADLESS_JWT_ALGORITHM is ${settings.HEADLESS_JWT_ALGORITHM}: every service that can verify tokens can also sign them.`,
      advice: 'Use RS256, ES256 or EdDSA, so that other services only need the public key.',
    });
  }
  return findings;
}
