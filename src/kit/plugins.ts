import type { AccountAdapter } from '../contracts/plug-points/account-adapter.ts';
import { importModule, ModuleError } from '../settings/modules.ts';
import { nearest } from '../settings/nearest.ts';
import { declared, type Plugins } from '../settings/index.ts';
import type { ModulePath } from '../settings/setting.ts';
import type { Kit } from './kit.ts';

/** Modules that the settings name cannot be used; the message has a line for each. */
export class PluginError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('\n'), options);
    this.name = 'PluginError';
    this.problems = problems;
  }
}

type PlugPoint = keyof Plugins;

/** The methods that a class must have to stand at each plug point; what an object without them would break is not found out by requests. */
const SHAPES: Readonly<Record<PlugPoint, { noun: string; methods: readonly string[] }>> = {
  HEADLESS_TOKEN_STRATEGY: {
    noun: 'a token strategy: derive it from AbstractTokenStrategy, SessionTokenStrategy or JWTTokenStrategy',
    methods: [
      'getSessionToken',
      'createSessionToken',
      'lookupSession',
      'getAccessToken',
      'createAccessTokenPayload',
      'validateAccessToken',
      'explainRefusal',
      'refreshToken',
      'publicKeys',
      'listKeys',
      'rotateKey',
      'withdrawKey',
    ],
  },
  ACCOUNT_ADAPTER: {
    noun: 'an account adapter: derive it from DefaultAccountAdapter',
    methods: [
      'isOpenForSignup',
      'checkVisitor',
      'cleanEmail',
      'cleanUsername',
      'cleanPhone',
      'cleanPassword',
      'cleanSignup',
      'populateUsername',
      'generateUniqueUsername',
      'isEmailVerified',
      'saveUser',
      'preAuthenticate',
      'authenticate',
      'authenticationFailed',
      'reauthenticate',
      'preLogin',
      'postLogin',
      'isLoginByCodeRequired',
      'confirmEmail',
      'canDeleteEmail',
      'generateLoginCode',
      'generateEmailVerificationCode',
      'generatePasswordResetCode',
      'generatePhoneVerificationCode',
      'shouldSendConfirmationMail',
      'shouldSendPasswordResetMail',
      'shouldSendNotificationMail',
      'renderMail',
      'renderSms',
      'formatEmailSubject',
      'getFromEmail',
      'getEmailConfirmationUrl',
      'getResetPasswordFromKeyUrl',
      'userDisplay',
      'getClientIp',
      'getHttpUserAgent',
    ] satisfies (keyof AccountAdapter)[],
  },
  HEADLESS_ADAPTER: {
    noun: 'a headless adapter: derive it from DefaultHeadlessAdapter',
    methods: ['serializeUser', 'getUserSchema', 'getFrontendUrl'],
  },
  PASSWORD_HASHERS: { noun: 'a password hasher', methods: ['hash', 'recognizes', 'verify', 'needsRehash'] },
  AUTH_PASSWORD_VALIDATORS: { noun: 'a password validator', methods: ['validate'] },
  PLUGINS: { noun: 'a plugin', methods: [] },
  RATE_LIMIT_STORE: { noun: 'a rate limit store', methods: ['consume', 'giveBack'] },
  ACCOUNT_USERNAME_VALIDATORS: { noun: 'a validator of user names', methods: ['validate'] },
  MAIL_SENDER: { noun: 'a mail sender', methods: ['send'] },
  SMS_SENDER: { noun: 'an SMS sender', methods: ['send'] },
};

/**
 * Imports every module that the settings name and makes one instance of each class.
 * @throws {PluginError} naming all that cannot be loaded
 */
export async function loadPlugins(kit: Kit): Promise<Plugins> {
  const problems: string[] = [];
  const causes: unknown[] = [];
  const make = async (name: PlugPoint, path: ModulePath): Promise<object | null> => {
    try {
      return await makeInstance(kit, name, path);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      problems.push(...error.problems);
      if (error.cause !== undefined) causes.push(error.cause);
      return null;
    }
  };
  const loaded = new Map<string, unknown>();
  for (const name of Object.keys(SHAPES) as PlugPoint[]) {
    const value = kit.settings[name] as ModulePath | null | readonly ModulePath[]; // so say the schemas of settings with `plugin`
    if (declared[name].plugin === 'one') {
      loaded.set(name, value === null ? null : await make(name, value as ModulePath));
      continue;
    }
    const instances = [];
    for (const path of value as readonly ModulePath[]) instances.push(await make(name, path));
    loaded.set(name, instances);
  }
  if (problems.length > 0) throw new PluginError(problems, causes.length > 0 ? { cause: causes[0] } : {});
  // Each instance was held against the shape of its plug point.
  return Object.fromEntries(loaded) as unknown as Plugins;
}

async function makeInstance(kit: Kit, name: PlugPoint, value: ModulePath): Promise<object> {
  const [path, options] = Array.isArray(value) ? value : [value, undefined];
  const { label, found } = typeof path === 'function' ? { label: path.name || 'a class', found: path } : await findExport(kit, name, path);
  const refuse = (what: string): PluginError => new PluginError([`${name}: ${label} ${what}`]);
  if (!isClass(found)) throw refuse('is not a class');
  const { noun, methods } = SHAPES[name];
  const prototype = found.prototype as object;
  const missing = methods.filter((method) => typeof Reflect.get(prototype, method) !== 'function');
  if (missing.length > 0) throw refuse(`is not ${noun} (it has no ${missing.join(', ')})`);
  try {
    return new found(kit, options);
  } catch (error) {
    throw new PluginError([`${name}: ${label} could not be made: ${messageOf(error)}`], { cause: error });
  }
}

async function findExport(kit: Kit, name: PlugPoint, path: string): Promise<{ label: string; found: unknown }> {
  const at = path.lastIndexOf('#');
  const [specifier, wanted] = at > 0 ? [path.slice(0, at), path.slice(at + 1)] : [path, 'default'];
  try {
    const { exports, file } = await importModule(specifier, kit.folder);
    const label = `${JSON.stringify(path)} (${wanted} of ${file})`;
    if (Object.hasOwn(exports, wanted)) return { label, found: exports[wanted] };
    throw new PluginError([`${name}: ${JSON.stringify(path)}: ${noSuchExport(wanted, file, Object.keys(exports))}`]);
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    throw new PluginError([`${name}: ${JSON.stringify(path)}: ${error.message}`], { cause: error });
  }
}

function noSuchExport(wanted: string, file: string, names: readonly string[]): string {
  const what = wanted === 'default' ? `${file} has no default export; name the export after a #` : `${file} has no export ${wanted}`;
  const close = nearest(wanted, names);
  const there = names.length > 0 ? `it has: ${names.join(', ')}` : 'it exports nothing';
  return `${what} (${there})${close ? `. Did you mean #${close}?` : ''}`;
}

function isClass(value: unknown): value is new (kit: Kit, options: unknown) => object {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
