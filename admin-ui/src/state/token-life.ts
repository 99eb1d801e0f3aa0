import { signal } from '@preact/signals';
import { read } from '../api/admin.ts';

/** Seconds for which access tokens outlive their session; 0 where each is looked up; null: not known yet. */
export const tokenLife = signal<number | null>(null);

/** Reads it from the settings, once. */
export async function loadTokenLife(): Promise<void> {
  if (tokenLife.value !== null) return;
  const { data } = await read('settings');
  const valueOf = (name: string): unknown => data.find((each) => each.name === name)?.value;
  const life = valueOf('HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN');
  tokenLife.value = valueOf('HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED') === true ? 0 : typeof life === 'number' ? life : null;
}
