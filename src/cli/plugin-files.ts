import { readFile } from 'node:fs/promises';
import { errorCode } from '../log/error-code.ts';
import { eachPlugPoint, type DeclaredPlugPoint } from '../settings/index.ts';

/** A plugin to write into a project. */
export interface NewPlugin {
  /** Path from the folder of the config, such as `plugins/acme-mail.ts`. */
  file: string;
  source: string;
  /** The line in the config that names it, such as `MAIL_SENDER: './plugins/acme-mail.ts#AcmeMail'`. */
  config: string;
}

/** The plug points by the kind that `allauth plugin new` takes, sorted. */
export const PLUGIN_KINDS: ReadonlyMap<string, DeclaredPlugPoint> = new Map(
  eachPlugPoint()
    .map((each) => [each.point.kind, each] as const)
    .sort(([a], [b]) => a.localeCompare(b)),
);

/** A plugin of one of `PLUGIN_KINDS` with a class of this name, from plugins/templates/, or a skeleton if the kind has no template. */
export async function newPlugin(kindName: string, name: string): Promise<NewPlugin> {
  const kind = PLUGIN_KINDS.get(kindName);
  if (!kind) throw new Error(`there is no kind ${kindName}`);
  const source = ((await readTemplate(kind)) ?? skeleton(kind))
    .replaceAll(exampleName(kind), name)
    .replaceAll(kebab(exampleName(kind)), kebab(name));
  const config = /Config: `(.+)`/.exec(source)?.[1] ?? '';
  return { file: `plugins/${kebab(name)}.ts`, source, config };
}

/** The source of a class that compiles and whose methods throw. If the plug point has base classes, it extends one and overrides nothing. */
export function skeleton(kind: DeclaredPlugPoint): string {
  const { shape, methods, bases = [] } = kind.point;
  const name = exampleName(kind);
  const path = `'./plugins/${kebab(name)}.ts#${name}'`;
  const doc = `/** Config: \`${kind.setting}: ${kind.many ? `[${path}]` : path}\` */`;
  const base = bases.at(-1);
  if (base !== undefined) return `import { ${base} } from 'allauth-kit/plugin';\n\n${doc}\nexport class ${name} extends ${base} {}\n`;
  const bodies = Object.keys(methods).map(
    (method) => `  ${method}(..._args: Parameters<Required<${shape}>['${method}']>): ReturnType<Required<${shape}>['${method}']> {
    throw new Error('${method} is not implemented');
  }
`,
  );
  return `import type { ${shape} } from 'allauth-kit/plugin';\n\n${doc}\nexport class ${name} implements ${shape} {\n${bodies.join('\n')}}\n`;
}

/** "AcmeMail" → "acme-mail". */
export function kebab(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** The class of the template of a kind; its file has this name in kebab-case. */
function exampleName({ point }: DeclaredPlugPoint): string {
  return `Example${point.kind.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
}

async function readTemplate(kind: DeclaredPlugPoint): Promise<string | null> {
  // The package resolves itself, so that its templates are found from `src` and from `dist`.
  const root = import.meta.resolve('allauth-kit/package.json');
  try {
    return await readFile(new URL(`plugins/templates/${kebab(exampleName(kind))}.ts`, root), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
