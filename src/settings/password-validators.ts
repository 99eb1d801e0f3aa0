import { z } from 'zod';
import { passwordValidator, type PasswordValidator } from '../contracts/plug-points/password-validator.ts';
import { options } from './schemas.ts';
import { manyPlugins, modulePath, type ModulePath } from './plugin-setting.ts';

const NAMES = ['UserAttributeSimilarityValidator', 'MinimumLengthValidator', 'CommonPasswordValidator', 'NumericPasswordValidator'];

const PATHS: Readonly<Record<string, string>> = Object.fromEntries(
  NAMES.map((name) => [`django.contrib.auth.password_validation.${name}`, `allauth-kit/plugins/password-validators#${name}`]),
);

const path = modulePath<PasswordValidator>(PATHS);

/** Django's format. */
const named = z
  .strictObject({ NAME: path.refine((value) => typeof value === 'string'), OPTIONS: options.optional() })
  .transform(({ NAME, OPTIONS }): ModulePath<PasswordValidator> => (typeof NAME === 'string' && OPTIONS ? [NAME, OPTIONS] : NAME));

/** The setting AUTH_PASSWORD_VALIDATORS. The default is Django's four validators, in Django's order. */
export function passwordValidators(doc: string) {
  const schema = z.array(z.union([path, named])).describe('a list of module paths, [path, options], or {NAME, OPTIONS} as in Django');
  return manyPlugins(passwordValidator, schema, Object.keys(PATHS), doc);
}
