import { declared, eachDeclared, groups } from '../src/settings/declared.ts';
import { defaultOf } from '../src/settings/parse.ts';
import type { Setting } from '../src/settings/setting.ts';

/** The text of docs/settings.md, made from the declarations. */
export function settingsDocument(): string {
  const settings = new Map<string, Setting>(eachDeclared());
  const sections = Object.entries(groups).map(([title, names]) => {
    const rows = names.flatMap((name) => {
      const setting = settings.get(name);
      return setting ? [row(name, setting)] : [];
    });
    return [`## ${title}`, '', '| name | type | default | |', '|---|---|---|---|', ...rows, ''].join('\n');
  });
  return `${HEAD}\n<!-- prettier-ignore-start -->\n\n${sections.join('\n')}\n<!-- prettier-ignore-end -->\n`;
}

const HEAD = `# Settings

<!-- Written by \`npm run docs\` from src/settings. -->

All ${Object.keys(declared).length} settings. They are given in \`allauth.config.ts\` (or \`.mts\`, \`.js\`, \`.mjs\`, \`.cjs\`, \`.json\`), which is looked for from the
working directory up to the folder of the nearest package.json, or under the key \`allauth\` of package.json. An environment variable of the same
name wins over the file: JSON, or plain text for text; \`NAME_FILE\` names a file with the value. \`allauth config\` shows what is in force.

**no effect yet**: this version lacks the feature. The value is checked, and a value other than the default causes a warning at the start.
**secret**: the value is never shown. Settings that name modules take \`"./file.ts#Export"\` (from the folder of the config), \`"package#Export"\`, \`"package"\`
(default export), any of these as \`[path, options]\`, or, in a config in code, the class itself.
`;

function row(name: string, setting: Setting): string {
  const marks = [setting.hasEffect ? '' : '**no effect yet**', setting.secret ? '**secret**' : '']
    .filter(Boolean)
    .map((mark) => `${mark} `);
  const cells = [`\`${name}\``, setting.schema.description ?? '', standard(setting), `${marks.join('')}${setting.doc}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function standard(setting: Setting): string {
  const value = JSON.stringify(defaultOf(setting, { production: false }));
  return defaultOf(setting, { production: true }) === undefined ? `\`${value}\`; required in production` : `\`${value}\``;
}
