import { authenticateAgain, signedOut } from '../state/session.ts';
import type { routes } from './api.ts';
import { ADMIN, ApiError, send } from './client.ts';
import type { Pagination } from './types.ts';

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Page<Row> {
  rows: Row[];
  pagination: Pagination;
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** `sessions/${string}` for `sessions/:id`. */
type Filled<Path extends string> = Path extends `${infer Start}:${string}/${infer Rest}`
  ? `${Start}${string}/${Filled<Rest>}`
  : Path extends `${infer Start}:${string}`
    ? `${Start}${string}`
    : Path;

/** The routes of a method, by the paths that they match. */
type RoutesOf<By extends Method> = {
  [Route in keyof routes as Route extends `${By} /${infer Path}` ? Filled<Path> : never]: routes[Route];
};

/** The paths of a method. */
export type PathOf<By extends Method> = keyof RoutesOf<By> & string;

type ReplyAt<By extends Method, Path extends PathOf<By>> = Extract<RoutesOf<By>[Path], { reply: unknown }>['reply'];

type InputAt<By extends Method, Path extends PathOf<By>> = Extract<RoutesOf<By>[Path], { input: unknown }>['input'];

type DataOf<Reply> = Reply extends { data: infer Data } ? Data : never;

type RowOf<Reply> = Reply extends { data: (infer Row)[]; meta: { pagination: Pagination } } ? Row : never;

/** Reads from the admin API. If the session has ended, the sign-in is shown. @throws as `send` does */
export function read<Path extends PathOf<'GET'>>(path: Path, query: Query = {}, signal?: AbortSignal): Promise<ReplyAt<'GET', Path>> {
  return get(path, query, signal);
}

/** Reads a page of a list. */
export async function readPage<Path extends 'sessions' | 'users' | 'audit'>(
  path: Path,
  query: Query,
  signal?: AbortSignal,
): Promise<Page<RowOf<ReplyAt<'GET', Path>>>> {
  const { data, meta } = await get<{ data: RowOf<ReplyAt<'GET', Path>>[]; meta: { pagination: Pagination } }>(path, query, signal);
  return { rows: data, pagination: meta.pagination };
}

async function get<Reply>(path: string, query: Query, signal?: AbortSignal): Promise<Reply> {
  try {
    return await send<Reply>('GET', ADMIN + path + search(query), undefined, signal);
  } catch (error) {
    if (error instanceof ApiError && isSignedOut(error)) signedOut('ended');
    throw error;
  }
}

/**
 * Changes something. If the authentication is too old, the user is asked for it, and then the change is made.
 * @returns null if the user cancelled that. @throws as `send` does
 */
export async function change<By extends Exclude<Method, 'GET'>, Path extends PathOf<By>>(
  method: By,
  path: Path,
  body?: InputAt<By, Path>,
): Promise<DataOf<ReplyAt<By, Path>> | null> {
  for (;;) {
    try {
      return (await send<{ data: DataOf<ReplyAt<By, Path>> }>(method, ADMIN + path, body ?? {})).data;
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
