import { z } from 'zod';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf } from './key-kinds.ts';
import type { Fault } from './read-key.ts';

/** What the server notes of a key beside it. Times are Unix seconds. */
export type KeyNotes = z.infer<typeof Notes>;

/** A key as it stands in a file; `notes` null: the owner put it there, and the server has not changed the file since. */
export interface FileEntry {
  readonly text: string;
  readonly notes: KeyNotes | null;
}

const Notes = z.strictObject({
  generation: z.int().positive(),
  created_at: z.int().nonnegative().nullable(),
  signs_from: z.int().nonnegative(),
  /** Seconds. */
  longest_life: z.int().nonnegative(),
});

/** PEM allows text outside its blocks (RFC 7468 section 2), so other programs read the file as they did before. */
const NOTE = '# allauth-kit ';

const BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g;
const BEGIN = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g;

/**
 * The keys of a file: PEM blocks, or for HS* secrets, each behind a line with what the server notes of it. A file without such lines that
 * holds one key is that key, in any of its forms.
 */
export function parseKeyFile(content: string, algorithm: Algorithm): FileEntry[] | Fault {
  try {
    return keyKindOf(algorithm).type === 'secret' ? parseSecrets(content) : parseBlocks(content);
  } catch {
    return { fault: `holds a line "${NOTE.trim()} …" that says nothing this version understands` };
  }
}

/** The text of a file; the newest key stands first. */
export function formatKeyFile(entries: readonly FileEntry[], algorithm: Algorithm): string {
  const secret = keyKindOf(algorithm).type === 'secret';
  return entries
    .map(
      ({ text, notes }) => `${notes ? `${NOTE}${JSON.stringify(notes)}\n` : ''}${secret && notes ? JSON.stringify(text) : text.trim()}\n`,
    )
    .join('');
}

function parseBlocks(content: string): FileEntry[] | Fault {
  const blocks = [...content.matchAll(BLOCK)];
  if (!content.includes(`${NOTE}{`) && (content.match(BEGIN) ?? []).length <= 1) return [{ text: content, notes: null }];
  if ((content.match(BEGIN) ?? []).length !== blocks.length || blocks.length === 0) {
    return { fault: 'holds no whole private key: its BEGIN and END lines do not match' };
  }
  let before = 0;
  return blocks.map((block) => {
    const line = content.slice(before, block.index).trimEnd().split(/\r?\n/).at(-1) ?? '';
    before = block.index + block[0].length;
    return { text: block[0], notes: line.startsWith(NOTE) ? readNotes(line) : null };
  });
}

function parseSecrets(content: string): FileEntry[] {
  if (!content.startsWith(`${NOTE}{`)) return [{ text: content, notes: null }];
  const lines = content.split(/\r?\n/).filter((line) => line.trim() !== '');
  const pairs = Array.from({ length: Math.ceil(lines.length / 2) }, (_, index) => lines.slice(2 * index, 2 * index + 2));
  return pairs.map(([note = '', text = '']) => ({ text: z.string().parse(JSON.parse(text)), notes: readNotes(note) }));
}

function readNotes(line: string): KeyNotes {
  return Notes.parse(JSON.parse(line.slice(NOTE.length)));
}
