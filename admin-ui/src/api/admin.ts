import { authenticateAgain, signedOut } from '../state/session.ts';
import { ADMIN, ApiError, send, type Envelope } from './client.ts';
import type { Pagination } from './types.ts';

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Page<Row> {
  rows: Row[];
  pagination: Pagination;
}

/** Reads from the admin API. Who is signed out meanwhile is shown the sign-in. @throws as `send` does */
export async function read<Data>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Envelope<Data>> {
  try {
    return await send<Data>('GET', ADMIN + path + search(query), undefined, signal);
  } catch (error) {
    if (error instanceof ApiError && isSignedOut(error)) signedOut('ended');
    throw error;
  }
}

/** Reads a page of a list. */
export async function readPage<Row>(path: string, query: Query, signal?: AbortSignal): Promise<Page<Row>> {
  const { data, meta } = await read<Row[]>(path, query, signal);
  return { rows: data, pagination: meta['pagination'] as Pagination }; // every list of the API has it
}

/**
 * Changes something. Where the authentication is too old it is asked for, and then the change is done after all.
 * @returns null when that was cancelled. @throws as `send` does
 */
export async function change<Data>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown = {}): Promise<Data | null> {
  for (;;) {
    try {
      return (await send<Data>(method, ADMIN + path, body)).data;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (isSignedOut(error)) signedOut('ended');
      if (error.status !== 401 || !error.isAuthenticated) throw error;
      if (!(await authenticateAgain(error.flows))) return null;
    }
  }
}

/** `?a=b`; without what is null, undefined or ''. */
export function search(query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()}`;
}

function isSignedOut({ status, isAuthenticated }: ApiError): boolean {
  return status === 410 || (status === 401 && !isAuthenticated);
}
