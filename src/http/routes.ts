import type { z } from 'zod';
import type { ClientKind } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import type { AcceptsToken, Access, AnyEndpoint, Area, Method } from './area.ts';

/** All endpoints of one path, with what the dispatcher asks of them worked out once, at start. */
export interface Route {
  path: string;
  /** The path that it lies below, for what is not part of the headless API; `null`: it is. */
  root: `/${string}` | null;
  clients: readonly ClientKind[];
  /** With a root: which access tokens count; `null`: none. */
  acceptsToken: AcceptsToken | null;
  endpoints: ReadonlyMap<string, AnyEndpoint>;
  methods: readonly Method[];
  /** The least that any of its methods asks for: who has not even that gets 401 or 403 before 405. */
  access: Access;
  /** The endpoint whose input is looked at before the method is. */
  inputFirst: AnyEndpoint | null;
  inputs: ReadonlyMap<AnyEndpoint, z.ZodType>;
}

/**
 * The routes of the areas' endpoints, those with parameters last: a path that one names in full is not another's parameter.
 * @throws {Error} when two endpoints claim one method of one path
 */
export function layOutRoutes(kit: Kit, areas: readonly Area[]): Route[] {
  const byPath = new Map<string, { root: Route['root']; path: string; list: AnyEndpoint[] }>();
  for (const each of areas.flatMap((area) => area.endpoints)) {
    const root = each.outside?.(kit) ?? null;
    if (each.outside && root === null) continue;
    const path = splitRoute(each)[1];
    const key = `${root ?? ''} ${path}`;
    const { list } = byPath.get(key) ?? { list: [] };
    byPath.set(key, { root, path, list: [...list, each] });
  }
  const routes = [...byPath.values()].map(({ root, path, list }) => toRoute(kit, root, path, list));
  return [...routes.filter(({ path }) => !path.includes('/:')), ...routes.filter(({ path }) => path.includes('/:'))];
}

/** From the weakest to the strongest. */
const ACCESS: readonly Access[] = ['anyone', 'user', 'staff'];

function toRoute(kit: Kit, root: Route['root'], path: string, list: readonly AnyEndpoint[]): Route {
  const endpoints = new Map<string, AnyEndpoint>();
  const inputs = new Map<AnyEndpoint, z.ZodType>();
  for (const each of list) {
    const [method] = splitRoute(each);
    if (endpoints.has(method)) throw new Error(`two endpoints for ${each.route}`);
    endpoints.set(method, each);
    if (each.input) inputs.set(each, typeof each.input === 'function' ? each.input(kit) : each.input);
  }
  return {
    path,
    root,
    clients: list[0]?.clients ?? ['app', 'browser'],
    acceptsToken: list[0]?.accessTokens ? list[0].accessTokens(kit) : () => true,
    endpoints,
    methods: list.map((each) => splitRoute(each)[0]),
    access: ACCESS.find((access) => list.some((each) => each.access === access)) ?? 'anyone',
    inputFirst: list.find((each) => each.inputFirst) ?? null,
    inputs,
  };
}

function splitRoute({ route }: AnyEndpoint): [Method, string] {
  const at = route.indexOf(' ');
  // The type of `route` says that what stands before the blank is a method.
  return [route.slice(0, at) as Method, route.slice(at + 1)];
}
