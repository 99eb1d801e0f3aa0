import type { Kit } from 'allauth-kit/plugin';

/** A kit of which only the given members are there: hashers and validators need no more. */
export function kitOf(members: Partial<Kit>): Kit {
  return members as Kit; // what is missing must not be used
}
