import { signal } from '@preact/signals';
import { ADMIN, ApiError, HEADLESS, send, type Flow } from '../api/client.ts';
import type { Person } from '../api/types.ts';

/** Whom the dashboard is shown to. */
export type Viewer =
  | { kind: 'loading' }
  | { kind: 'unreachable' }
  | { kind: 'anonymous'; why: 'ended' | 'left' | null; flows: readonly Flow[] }
  | { kind: 'refused'; user: Person }
  | { kind: 'staff'; user: Person };

export const viewer = signal<Viewer>({ kind: 'loading' });

/** A reauthentication under way; the dialog answers it. */
export const pendingProof = signal<{ flows: readonly Flow[]; answer: (done: boolean) => void } | null>(null);

interface Authenticated {
  data: { user: Person };
}

/** Asks the server who this is, and whether they are staff. */
export async function loadViewer(): Promise<void> {
  try {
    const { data } = await send<Authenticated>('GET', `${HEADLESS}auth/session`);
    viewer.value = { kind: (await isStaff()) ? 'staff' : 'refused', user: data.user };
  } catch (error) {
    if (error instanceof ApiError && [401, 410].includes(error.status)) {
      viewer.value = { kind: 'anonymous', why: null, flows: error.flows };
    } else viewer.value = { kind: 'unreachable' };
  }
}

/** The session has ended: shows the sign-in form and keeps the URL. */
export function signedOut(why: 'ended' | 'left'): void {
  pendingProof.value?.answer(false);
  viewer.value = { kind: 'anonymous', why, flows: [] };
}

export async function signOut(): Promise<void> {
  try {
    await send('DELETE', `${HEADLESS}auth/session`);
  } catch (error) {
    // 401 is the response to a user who is signed out.
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  signedOut('left');
}

/**
 * One step of signing in. @returns the flows that wait when there is more to do; null when signed in.
 * @throws {ApiError} for what was refused
 */
export async function signInStep(path: string, body: object): Promise<readonly Flow[] | null> {
  try {
    await send('POST', HEADLESS + path, body);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401 && error.flows.some((flow) => flow.is_pending)) return error.flows;
    if (!(error instanceof ApiError) || error.status !== 409) throw error;
    // 409: signed in already, in another tab.
  }
  await loadViewer();
  return null;
}

/** Opens the reauthentication dialog. @returns whether the user reauthenticated */
export async function authenticateAgain(flows: readonly Flow[]): Promise<boolean> {
  const done = await new Promise<boolean>((answer) => {
    pendingProof.value = { flows, answer };
  });
  pendingProof.value = null;
  return done;
}

async function isStaff(): Promise<boolean> {
  try {
    await send('GET', `${ADMIN}plugins`);
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return false;
    throw error;
  }
}
