import type { Lifecycle } from './lifecycle.ts';

/** What the server, the command line and the docs know about a plug point in addition to its TypeScript interface. */
export interface PlugPoint<Shape> extends AnyPlugPoint {
  readonly methods: Methods<Shape>;
}

/** A plug point of any shape. */
export interface AnyPlugPoint {
  /** Name of the interface; the file that declares it has the same name in kebab-case. */
  readonly shape: string;
  /** `allauth plugin new KIND`. */
  readonly kind: string;
  /** How error messages refer to an implementation, such as `a mail sender`. */
  readonly noun: string;
  /** What an implementation does, in a few words. */
  readonly summary: string;
  /** Classes of 'allauth-kit/plugin' to extend, the most complete one last. If there are none, implement the interface. */
  readonly bases?: readonly string[];
  readonly methods: Readonly<Record<string, Presence>>;
}

type Presence = 'required' | 'optional';

/** Every method of a shape, and whether it is required; a list that lacks a method does not compile. */
export type Methods<Shape> = {
  readonly [Name in MethodName<Shape>]: Record<never, never> extends Pick<Shape, Name> ? 'optional' : 'required';
};

/** The methods of `Lifecycle` are optional at every plug point. */
type MethodName<Shape> = Exclude<
  { [Name in keyof Shape]-?: NonNullable<Shape[Name]> extends (...args: never[]) => unknown ? Name : never }[keyof Shape],
  keyof Lifecycle
>;
