import { loadSettings, settingsFrom, type Config } from './settings/index.ts';
import { listen, openAllauth, type Allauth, type ListenOptions, type OpenOptions, type Running } from './server.ts';

/** 'allauth-kit': runs the server, or mounts it in your own app. Plugins import 'allauth-kit/plugin' instead. */
export { defineConfig, loadSettings, SettingsError, type Config, type LoadedSettings, type Settings } from './settings/index.ts';
export { listen, openAllauth, SchemaOutdated, type Allauth, type ListenOptions, type OpenOptions, type Running } from './server.ts';
export { createUser, type Maker, type NewUser } from './account/flows/create-user.ts';
export { Refusal } from './kit/errors.ts';
export { DatabaseUnavailable } from './store/engine/database.ts';
export { migrate } from './store/engine/migrate.ts';

export interface CreateOptions extends OpenOptions {
  /** The folder that relative paths in the settings start from; default: the working directory. */
  folder?: string;
}

/**
 * Opens the auth server and returns it with a Koa middleware: `app.use(allauth.middleware)`.
 * @param config settings in code; default: those of the project's `allauth.config.*`
 * @throws {SettingsError} that lists all problems of the settings
 */
export async function createAllauth(config?: Config, { folder, ...options }: CreateOptions = {}): Promise<Allauth> {
  const at = folder ?? process.cwd();
  return openAllauth(config ? await settingsFrom(config, { folder: at }) : await loadSettings({ cwd: at }), options);
}

/** Calls `createAllauth` and `listen`. */
export async function serve(config?: Config, options: CreateOptions & ListenOptions = {}): Promise<Running & { allauth: Allauth }> {
  const allauth = await createAllauth(config, options);
  try {
    return Object.assign(await listen(allauth, options), { allauth });
  } catch (error) {
    await allauth.close();
    throw error;
  }
}
