import { signal } from '@preact/signals';
import { ApiError, isAbort, OfflineError } from '../api/client.ts';
import { texts } from './language.ts';

export interface Toast {
  id: number;
  kind: 'done' | 'failed';
  text: string;
}

export const toasts = signal<readonly Toast[]>([]);

/** Milliseconds that a toast stays; what failed stays longer. */
const STAY = { done: 6000, failed: 12_000 };

let lastId = 0;

/** Says what happened, also to screen readers. */
export function say(text: string, kind: Toast['kind'] = 'done'): void {
  const id = ++lastId;
  toasts.value = [...toasts.value.slice(-3), { id, kind, text }];
  setTimeout(() => dismiss(id), STAY[kind]);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

/** Says what failed, in words. */
export function sayFailure(error: unknown): void {
  if (!isAbort(error)) say(describe(error), 'failed');
}

/** An error in words. */
export function describe(error: unknown): string {
  const t = texts();
  if (error instanceof OfflineError) return t.states.offline;
  if (!(error instanceof ApiError)) return t.states.unknown;
  if (error.status === 429) return t.states.tooMany;
  if (error.status === 404) return t.states.gone;
  if (error.status === 403 && error.errors.length === 0) return t.states.forbidden;
  if (error.errors.length > 0) return error.errors.map(({ message }) => message).join(' ');
  return error.status >= 500 ? t.states.server : t.states.refused(error.status);
}
