import type { z } from 'zod';
import type { ClientKind } from '../contracts/records.ts';
import type { Kit } from '../kit/kit.ts';
import type { AnyEndpoint, Area, Method } from './area.ts';

/** All endpoints of one path, with what the dispatcher asks of them worked out once, at start. */
export interface Route {
  path: string;
  clients: readonly ClientKind[];
  endpoints: ReadonlyMap<string, AnyEndpoint>;
  methods: readonly Method[];
  /** Whether every method needs a user: a wrong method then gets 401 before 405. */
  forUsers: boolean;
  /** The endpoint whose input is looked at before the method is. */
  inputFirst: AnyEndpoint | null;
  inputs: ReadonlyMap<AnyEndpoint, z.ZodType>;
}

/** The routes of the areas' endpoints. @throws {Error} when two endpoints claim one method of one path */
export function layOutRoutes(kit: Kit, areas: readonly Area[]): Route[] {
  const byPath = new Map<string, AnyEndpoint[]>();
  for (const each of areas.flatMap((area) => area.endpoints)) {
    const path = splitRoute(each)[1];
    byPath.set(path, [...(byPath.get(path) ?? []), each]);
  }
  return [...byPath].map(([path, endpoints]) => toRoute(kit, path, endpoints));
}

function toRoute(kit: Kit, path: string, list: readonly AnyEndpoint[]): Route {
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
    clients: list[0]?.clients ?? ['app', 'browser'],
    endpoints,
    methods: list.map((each) => splitRoute(each)[0]),
    forUsers: list.every((each) => each.access !== 'anyone'),
    inputFirst: list.find((each) => each.inputFirst) ?? null,
    inputs,
  };
}

function splitRoute({ route }: AnyEndpoint): [Method, string] {
  const at = route.indexOf(' ');
  // The type of `route` says that what stands before the blank is a method.
  return [route.slice(0, at) as Method, route.slice(at + 1)];
}
