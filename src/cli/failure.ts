import { PluginError } from '../kit/plugins.ts';
import { SchemaOutdated } from '../server.ts';
import { SettingsError } from '../settings/index.ts';
import { ModuleError } from '../settings/modules.ts';
import { DatabaseUnavailable } from '../store/engine/database.ts';
import { KeysUnusable } from '../tokens/keys/configured-keys.ts';

/** A command cannot do what it was asked to; the message says why, and what to do. */
export class CommandFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailed';
  }
}

/** Whoever reads their messages has to change something of his own: where they were thrown tells him nothing. */
const EXPECTED = [CommandFailed, SettingsError, PluginError, KeysUnusable, SchemaOutdated, DatabaseUnavailable, ModuleError];

/** What the store throws as a plain Error, in words for whoever set it up: a wrong DATABASE, a missing driver, a newer schema. */
const WORDED = /^DATABASE\b|^the database was made by a newer version/;

/** What to print on stderr: of what can be expected the message alone, of anything else the stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Failed: ${String(error)}`;
  const expected = EXPECTED.some((kind) => error instanceof kind) || WORDED.test(error.message);
  return expected ? error.message : (error.stack ?? error.message);
}
