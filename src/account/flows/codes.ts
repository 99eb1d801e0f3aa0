import type { CodeRecord } from '../../contracts/records.ts';
import { tryCode } from '../../kit/credentials/codes.ts';
import { conflict, invalid } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { fault } from '../../texts/faults.ts';
import type { CodePurpose } from './pending-codes.ts';

export interface GivenCode {
  purpose: CodePurpose;
  /** Id of the code that the session waits for, if any. */
  id: string | null | undefined;
  given: string;
  /** The member of the input that contains it. */
  param: 'code' | 'key';
  /** As in `tryCode`. */
  nobody?: boolean;
}

/**
 * Returns the code if the given one is correct, without using it up.
 * @param giveUp called if the last attempt was wrong
 * @throws {Refusal} 400 `incorrect_code`; 409 if nothing is pending (any more)
 */
export async function requireCode(
  kit: Kit,
  { purpose, id, given, param, nobody = false }: GivenCode,
  giveUp: () => Promise<void>,
): Promise<CodeRecord> {
  const check = await tryCode(kit, purpose, id ?? null, given, { nobody });
  if (check.outcome === 'right') return check.record;
  // The session is not changed here: another request of it may be using the code right now, and changes the session itself.
  if (check.outcome === 'gone') throw conflict();
  if (check.outcome === 'last') await giveUp();
  throw invalid(param, fault('incorrect_code'));
}
