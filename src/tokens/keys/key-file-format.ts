import { z } from 'zod';
import type { Algorithm } from '../../contracts/algorithms.ts';
import { keyKindOf } from './key-kinds.ts';
import type { Fault } from './read-key.ts';

/** What the server notes next to a key. Times are Unix seconds. */
export type KeyNotes = z.infer<typeof Notes>;

/** A key in a file. `notes` is `null` if the server has not added any. */
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

/** PEM allows text outside its blocks (RFC 7468 section 2), so other programs can still read the file. */
const NOTE = '# allauth-kit ';

const BLOCK = /-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/g;
const BEGIN = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g;

/**
 * The keys of a file: PEM blocks, or secrets for HS*, each after a line with its notes. A file without notes that holds one key may have any form
 * that `readKey` accepts.
 */
export function parseKeyFile(content: string, algorithm: Algorithm): FileEntry[] | Fault {
  try {
    return keyKindOf(algorithm).type === 'secret' ? parseSecrets(content) : parseBlocks(content);
  } catch {
    return { fault: `holds a line "${NOTE.trim()} …" that this version cannot read` };
  }
}

/** The content of a file with these keys; the newest goes first. */
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
    return { fault: 'holds no complete private key: its BEGIN and END lines do not match' };
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
