import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import { closeKit, openKit } from '../../../src/kit/open.ts';
import type { Kit } from '../../../src/kit/kit.ts';
import { createLogger } from '../../../src/log/log.ts';
import { settingsFrom } from '../../../src/settings/index.ts';
import { migrate } from '../../../src/store/engine/migrate.ts';
import type { KeySource } from '../../../src/tokens/keys/key-source.ts';
import { openKeys } from '../../../src/tokens/keys/open-keys.ts';
import { defer } from '../../support/cleanup.ts';

export interface KeyKit {
  kit: Kit;
  /** The folder of the kit, for key files. */
  folder: string;
  /** `now`: Unix seconds. */
  clock: { now: number };
  /** Messages of the log so far. */
  messages: () => string[];
  /** Opens the keys of the settings; closed when the test ends. `withdrawn` counts how often keys were withdrawn. */
  open: () => Promise<{ keys: KeySource; withdrawn: () => number }>;
}

/** A kit with a database in memory, whose plugins are not opened: starts in a fraction of what a server takes. */
export async function keyKit(t: TestContext, settings: Config = {}): Promise<KeyKit> {
  const folder = mkdtempSync(join(tmpdir(), 'allauth-key-kit-'));
  defer(t, () => rmSync(folder, { recursive: true, force: true }));
  const clock = { now: 1_000_000 };
  const log: string[] = [];
  const given: Config = { DATABASE: 'sqlite://:memory:', HEADLESS_JWT_ALGORITHM: 'EdDSA', SECRET_KEY: 'k'.repeat(40), ...settings };
  const loaded = await settingsFrom(given, { folder, environment: {} });
  const kit = await openKit(loaded, {
    now: () => clock.now,
    log: createLogger({ LOG_LEVEL: 'trace' }, { write: (line: string) => void log.push(line) }),
  });
  defer(t, () => closeKit(kit));
  await migrate(kit.db);
  return {
    kit,
    folder,
    clock,
    messages: () => log.map((line) => (JSON.parse(line) as { msg: string }).msg),
    open: async () => {
      let count = 0;
      const keys = await openKeys(kit, () => void (count += 1));
      defer(t, () => keys.close());
      return { keys, withdrawn: () => count };
    },
  };
}
