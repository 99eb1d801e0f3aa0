import { PluginError } from '../kit/plugins.ts';
import { SchemaOutdated } from '../server.ts';
import { SettingsError } from '../settings/index.ts';
import { ModuleError } from '../settings/modules.ts';
import { DatabaseUnavailable } from '../store/engine/database.ts';
import { KeysUnusable } from '../tokens/keys/configured-keys.ts';

/** A command failed; the message says why, and what to do. */
export class CommandFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandFailed';
  }
}

/** The user has to change their own setup, so a stack trace does not help. */
const EXPECTED = [CommandFailed, SettingsError, PluginError, KeysUnusable, SchemaOutdated, DatabaseUnavailable, ModuleError];

/** Errors that the store throws as a plain Error, in words for the operator: a wrong DATABASE, a missing driver, a newer schema. */
const WORDED = /^DATABASE\b|^the database was made by a newer version/;

/** What to print on stderr: only the message of an expected error, otherwise the stack trace. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Failed: ${String(error)}`;
  const expected = EXPECTED.some((kind) => error instanceof kind) || WORDED.test(error.message);
  return expected ? error.message : (error.stack ?? error.message);
}
