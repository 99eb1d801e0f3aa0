import type { CodeRecord } from '../../contracts/records.ts';
import { tryCode } from '../../kit/credentials/codes.ts';
import { conflict, invalid } from '../../kit/errors.ts';
import type { Kit } from '../../kit/kit.ts';
import { fault } from '../../texts/faults.ts';
import type { CodePurpose } from './pending-codes.ts';

export interface GivenCode {
  purpose: CodePurpose;
  /** Of the code that the session waits for; `null`, undefined: none. */
  id: string | null | undefined;
  given: string;
  /** The member of the input that has it. */
  param: 'code' | 'key';
  /** As in `tryCode`. */
  nobody?: boolean;
}

/**
 * The code that was given, where it is right; it is not used up yet.
 * @param forget what to do when the last attempt was wrong
 * @throws {Refusal} 400 `incorrect_code`; 409 where nothing is pending (any more)
 */
export async function requireCode(
  kit: Kit,
  { purpose, id, given, param, nobody = false }: GivenCode,
  forget: () => Promise<void>,
): Promise<CodeRecord> {
  const check = await tryCode(kit, purpose, id ?? null, given, { nobody });
  if (check.outcome === 'right') return check.record;
  // Nothing is forgotten when it is gone: another request of this session may be using it right now, and changes the session itself.
  if (check.outcome === 'gone') throw conflict();
  if (check.outcome === 'last') await forget();
  throw invalid(param, fault('incorrect_code'));
}
