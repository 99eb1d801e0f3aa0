import { loadSettings, settingsFrom, type Config } from './settings/index.ts';
import { listen, openAllauth, type Allauth, type ListenOptions, type OpenOptions, type Running } from './server.ts';

/** 'allauth-kit': to run the server, or to mount it in an app of one's own. Plugins import 'allauth-kit/plugin' instead. */
export { defineConfig, loadSettings, SettingsError, type Config, type LoadedSettings, type Settings } from './settings/index.ts';
export { listen, openAllauth, SchemaOutdated, type Allauth, type ListenOptions, type OpenOptions, type Running } from './server.ts';
export { createUser, type Maker, type NewUser } from './account/flows/create-user.ts';
export { Refusal } from './kit/errors.ts';
export { DatabaseUnavailable } from './store/engine/database.ts';
export { migrate } from './store/engine/migrate.ts';

export interface CreateOptions extends OpenOptions {
  /** Where relative paths in the settings start; default: the working directory. */
  folder?: string;
}

/**
 * The auth server as a handle with a Koa middleware: `app.use(allauth.middleware)`.
 * @param config settings in code; without it, those of the project's `allauth.config.*`
 * @throws {SettingsError} naming everything that is wrong with the settings
 */
export async function createAllauth(config?: Config, { folder, ...options }: CreateOptions = {}): Promise<Allauth> {
  const at = folder ?? process.cwd();
  return openAllauth(config ? await settingsFrom(config, { folder: at }) : await loadSettings({ cwd: at }), options);
}

/** `createAllauth` and `listen` in one. */
export async function serve(config?: Config, options: CreateOptions & ListenOptions = {}): Promise<Running & { allauth: Allauth }> {
  const allauth = await createAllauth(config, options);
  try {
    return Object.assign(await listen(allauth, options), { allauth });
  } catch (error) {
    await allauth.close();
    throw error;
  }
}
