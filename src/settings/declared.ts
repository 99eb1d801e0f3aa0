import type { z } from 'zod';
import { account, type aliases } from './account.ts';
import { headless } from './headless.ts';
import { mfa } from './mfa.ts';
import { server } from './server.ts';
import { isPluginSetting, type PluginSetting } from './plugin-setting.ts';
import type { AnyPlugPoint } from '../contracts/plug-points/plug-point.ts';
import type { Setting } from './setting.ts';
import { socialaccount } from './socialaccount.ts';

/** Every setting of the product, by name. */
export const declared = { ...server, ...headless, ...account, ...mfa, ...socialaccount };

/** The settings in the groups of the docs: title → names. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  'Headless API and tokens': Object.keys(headless),
  'Sessions, cookies, server': Object.keys(server),
  Accounts: Object.keys(account),
  'Multi-factor authentication': Object.keys(mfa),
  'Social accounts': Object.keys(socialaccount),
};

type Declared = typeof declared;
type Aliases = typeof aliases;

export type SettingName = keyof Declared;

/** The settings in effect, validated, with defaults. */
export type Settings = { readonly [Name in SettingName]: z.output<Declared[Name]['schema']> };

/** The plugin instances, by the name of the setting that names their module. */
export type Plugins = {
  readonly [Name in SettingName as Effective<Declared[Name]> extends never ? never : Name]: Effective<Declared[Name]>;
};

type Effective<Each> = Each extends PluginSetting<z.ZodType, infer Loaded> ? Loaded : never;

/** A plug point and the setting that names its implementations. */
export interface DeclaredPlugPoint {
  setting: keyof Plugins;
  /** Whether the setting names a list. */
  many: boolean;
  point: AnyPlugPoint;
}

/** Every plug point, in the order of the settings. */
export function eachPlugPoint(): DeclaredPlugPoint[] {
  return eachDeclared().flatMap(([name, each]) => {
    if (!isPluginSetting(each) || each.point === null) return [];
    // `Plugins` has exactly the settings with a plug point.
    return [{ setting: name as keyof Plugins, many: each.plugin === 'many', point: each.point }];
  });
}

/** The type of a config. A member that is `undefined` counts as absent. */
export type Config = { [Name in SettingName]?: z.input<Declared[Name]['schema']> | undefined } & {
  [Name in keyof Aliases]?: z.input<Declared[Aliases[Name]]['schema']> | undefined;
};

/** Returns the config unchanged; gives types and completion to the default export of `allauth.config.ts`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** The declarations as a list, for code that treats all settings the same way. */
export function eachDeclared(): [SettingName, Setting][] {
  // Object.entries loses the type of the names; they are those of `declared`.
  return Object.entries(declared) as [SettingName, Setting][];
}
