/** How long to wait after failures, in any unit. */
export interface BackOff {
  /** After the first failure; doubled with each further one. */
  readonly first: number;
  readonly longest: number;
}

/** The wait before the next try, after so many consecutive failures; 0 without any. */
export function backOff({ first, longest }: BackOff, failures: number): number {
  return failures <= 0 ? 0 : Math.min(first * 2 ** (failures - 1), longest);
}
