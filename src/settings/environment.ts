import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Problem } from './problems.ts';

/** A value as an environment variable has it. */
export interface Variable {
  /** The variable: the name of the setting, or that with `_FILE`. */
  source: string;
  text: string;
}

/**
 * The values of the settings `names` that the environment has: of the variable `NAME`, or of the file that `NAME_FILE` names, without the
 * newline at its end. Relative paths start from `folder`.
 */
export async function readEnvironment(
  environment: NodeJS.ProcessEnv,
  names: Iterable<string>,
  folder: string,
): Promise<{ variables: Map<string, Variable>; problems: Problem[] }> {
  const variables = new Map<string, Variable>();
  const problems: Problem[] = [];
  for (const name of names) {
    const text = environment[name];
    const source = `${name}_FILE`;
    const file = environment[source];
    if (text !== undefined && file !== undefined) {
      problems.push({ name, source: 'environment', message: `${name} and ${source} are both set; unset one of them` });
    } else if (text !== undefined) variables.set(name, { source: name, text });
    else if (file !== undefined) {
      const path = resolve(folder, file);
      try {
        variables.set(name, { source, text: (await readFile(path, 'utf8')).replace(/\r?\n$/, '') });
      } catch (error) {
        problems.push({ name, source, message: `cannot read ${path} (${codeOf(error)})` });
      }
    }
  }
  return { variables, problems };
}

/** What the schema makes of a text: of the JSON in it where that fits, else of the text itself. */
export function parseText<Schema extends z.ZodType>(schema: Schema, text: string): z.ZodSafeParseResult<z.output<Schema>> {
  const asText = schema.safeParse(text);
  const json = readJson(text);
  if (json === undefined) return asText;
  const asJson = schema.safeParse(json);
  return asJson.success || !asText.success ? asJson : asText;
}

/** Whether a value that is text fits the schema in general, so that its variable may be plain text. */
export function takesText(schema: z.ZodType): boolean {
  const result = schema.safeParse(TRIAL);
  return result.success || !result.error.issues.every(isAboutType);
}

/** No setting of a certain form takes it, and it is text. */
const TRIAL = '\n';

function isAboutType(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.every((errors) => errors.every(isAboutType));
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && issue.values.every((value) => typeof value !== 'string'));
}

/** The value that a JSON text stands for; `undefined` for other text. */
export function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
