import { eachDeclared } from './declared.ts';
import { isPluginSetting } from './plugin-setting.ts';
import { defaultOf, type LoadedSettings, type Source } from './parse.ts';
import { withoutOptions } from './values.ts';

/** One setting, as `allauth config` and the dashboard show it. */
export interface SettingRow {
  name: string;
  /** For a secret, whether it is set. For plugins, without the values of their options. */
  value: unknown;
  /** Also `null` if a value is required. */
  default: unknown;
  source: Source;
  secret: boolean;
  doc: string;
  /** Whether this version uses its value. */
  hasEffect: boolean;
}

/** All settings, in the order of their declaration. The rows contain no secrets. */
export function describeSettings({
  settings,
  sources,
  production,
}: Pick<LoadedSettings, 'settings' | 'sources' | 'production'>): SettingRow[] {
  return eachDeclared().map(([name, each]) => {
    const value: unknown = settings[name];
    return {
      name,
      value: each.secret ? isSet(value) : isPluginSetting(each) ? withoutOptions(value) : value,
      default: defaultOf(each, { production }) ?? null,
      source: sources.get(name) ?? 'default',
      secret: each.secret,
      doc: each.doc,
      hasEffect: each.hasEffect,
    };
  });
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
