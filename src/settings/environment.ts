import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { Problem } from './problems.ts';

/** A value from an environment variable. */
export interface Variable {
  /** The variable: the name of the setting, optionally followed by `_FILE`. */
  source: string;
  text: string;
}

/**
 * The values of the settings `names` in the environment: from the variable `NAME`, or from the file that `NAME_FILE` names, without its
 * final newline. Relative paths start from `folder`.
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

/** Parses a text: as JSON if the schema accepts the result, otherwise as the text itself. */
export function parseText<Schema extends z.ZodType>(schema: Schema, text: string): z.ZodSafeParseResult<z.output<Schema>> {
  const asText = schema.safeParse(text);
  const json = readJson(text);
  if (json === undefined) return asText;
  const asJson = schema.safeParse(json);
  return asJson.success || !asText.success ? asJson : asText;
}

/** Whether the schema accepts any text, so that the variable need not be JSON. */
export function takesText(schema: z.ZodType): boolean {
  const result = schema.safeParse(TRIAL);
  return result.success || !result.error.issues.every(isAboutType);
}

/** A text that no setting with a format accepts. */
const TRIAL = '\n';

function isAboutType(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') return issue.errors.every((errors) => errors.every(isAboutType));
  return issue.code === 'invalid_type' || (issue.code === 'invalid_value' && issue.values.every((value) => typeof value !== 'string'));
}

/** The value of a JSON text; `undefined` for other text. */
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
