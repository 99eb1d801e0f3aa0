import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { kebab } from '../src/cli/plugin-files.ts';
import { declared, eachPlugPoint, type DeclaredPlugPoint } from '../src/settings/index.ts';
import { defaultOf } from '../src/settings/parse.ts';

/** The text of docs/plug-points.md, made from src/contracts/plug-points/ and the settings. */
export function plugPointsDocument(): string {
  const points = eachPlugPoint();
  const rows = points.map(
    ({ setting, many, point }) =>
      `| [\`${setting}\`](#${setting.toLowerCase()}) | ${many ? 'list' : 'one'} | \`${point.shape}\` | ${point.summary} | \`${point.kind}\` |`,
  );
  const table = ['| setting | names | interface | an implementation | kind |', '|---|---|---|---|---|', ...rows];
  return `${HEAD}\n<!-- prettier-ignore-start -->\n\n${table.join('\n')}\n\n${points.map(section).join('\n')}\n<!-- prettier-ignore-end -->\n`;
}

const HEAD = `# Plug points

<!-- Written by \`npm run docs\` from src/contracts/plug-points. -->

A plug point is a setting that names your own code: a class in a file of your project or in a package. \`npx allauth plugin new KIND NAME\` writes one to
start from. The class is constructed once, at boot, with \`(kit, options)\`; a missing method stops the start with a message. \`open()\`, if it has
one, is called when all plugins are constructed, \`close()\` when the server stops. Everything it needs comes from \`allauth-kit/plugin\`.
`;

function section({ setting, point }: DeclaredPlugPoint): string {
  const { bases = [], methods } = point;
  const optional = Object.keys(methods).filter((name) => methods[name] === 'optional');
  const lines = [
    `Default: \`${JSON.stringify(defaultOf(declared[setting], { production: true }))}\`.`,
    bases.length > 0 ? `Extend ${bases.map((base) => `\`${base}\``).join(', ')}.` : '',
    optional.length > 0 ? `Optional: ${optional.map((name) => `\`${name}\``).join(', ')}.` : '',
    declared[setting].doc,
  ];
  return `## ${setting}\n\n${lines.filter(Boolean).join(' ')}\n\n\`\`\`ts\n${declarations(point.shape)}\n\`\`\`\n`;
}

/** The interfaces and types of the file that declares a shape, with their comments. */
function declarations(shape: string): string {
  const file = new URL(`../src/contracts/plug-points/${kebab(shape)}.ts`, import.meta.url);
  const source = ts.createSourceFile(file.pathname, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const types = source.statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node));
  return types
    .map((node) =>
      node
        .getFullText()
        .trim()
        .replace(/^export /m, ''),
    )
    .join('\n\n');
}
