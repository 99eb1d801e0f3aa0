import { settingsFrom, type Config, type Settings } from '../../src/settings/index.ts';

/** The settings that a config gives, checked and filled up with the defaults. */
export async function settingsOf(config: Config): Promise<Settings> {
  return (await settingsFrom(config, { folder: process.cwd() })).settings;
}
