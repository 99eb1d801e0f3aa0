/** The exports of this folder for the rest of the server. */
export {
  declared,
  defineConfig,
  eachPlugPoint,
  type Config,
  type DeclaredPlugPoint,
  type Plugins,
  type SettingName,
  type Settings,
} from './declared.ts';
export { describeSettings, type SettingRow } from './describe.ts';
export { loadSettings, type LoadOptions } from './load.ts';
export { settingsFrom, type FromOptions, type LoadedSettings, type Source } from './parse.ts';
export { SettingsError, type Problem } from './problems.ts';
