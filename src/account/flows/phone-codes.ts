import { z } from 'zod';
import type { PendingCode, UserRecord } from '../../contracts/records.ts';
import type { Request } from '../../http/area.ts';
import { newCode, pendingCodeSchema, type CodeRules } from '../../kit/credentials/codes.ts';
import type { Kit } from '../../kit/kit.ts';
import { consumeRate } from '../../kit/rate-limits.ts';
import type { Writing } from '../../kit/write.ts';
import { loginState } from '../../login/pending-login.ts';
import { composeSms } from '../../mail/sms.ts';
import { deleteCodesOfUser, insertCode } from '../../store/codes.ts';
import { findPhoneClaim } from '../../store/phones.ts';

/** Id of the flow, key of the stage, and purpose of the codes. */
export const VERIFY_PHONE = 'verify_phone';

/** What the stage keeps in the login; `changes`: how often the number was corrected. */
export const phoneState = loginState(VERIFY_PHONE, z.object({ code: pendingCodeSchema, phone: z.string(), changes: z.number() }));

/** What a signup leaves for the stage: its SMS was counted before the account was made. */
export const COUNTED = 'counted';

/** Whether the SMS of the stage was counted already. */
export const smsCounted = loginState(VERIFY_PHONE, z.literal(COUNTED));

export interface PreparedSms {
  pending: PendingCode;
  /** Stores the code and posts its SMS; those sent to the user before are void. */
  store: (writing: Writing) => Promise<void>;
}

/** Counts an SMS that verifies a number. @throws {RateLimited} 429 `verify_phone` */
export async function countPhoneSms({ kit, ip }: Request, phone: string): Promise<void> {
  await consumeRate(kit, VERIFY_PHONE, { ip, key: phone });
}

/** When claims to numbers that nobody verified lapse: with the login that made them; never where numbers are not verified. Unix seconds. */
export function claimsLapseAt({ settings, now }: Kit): number {
  return settings.ACCOUNT_PHONE_VERIFICATION_ENABLED ? now() - settings.ACCOUNT_LOGIN_TIMEOUT : -1;
}

/** Whether somebody else has the number. @param userId `null`: nobody, so anybody is somebody else */
export async function isPhoneTaken(kit: Kit, phone: string, userId: string | null): Promise<boolean> {
  const owner = await findPhoneClaim(kit.db, phone, claimsLapseAt(kit));
  return owner !== null && owner !== userId;
}

/**
 * A code for a number and the SMS with it. `user` null: nobody, which the asker must not learn. It costs the same; who has the number gets the code
 * too, and it leads no further than to the next stage, unless the number `isTaken`: then its owner hears of it (`tellsOwner`) and nobody gets a code.
 */
export async function preparePhoneCode(
  request: Request,
  { user, phone, isTaken = false, tellsOwner = false }: { user: UserRecord | null; phone: string; isTaken?: boolean; tellsOwner?: boolean },
): Promise<PreparedSms> {
  const { kit } = request;
  const rules = rulesOf(kit);
  const code = await kit.plugins.ACCOUNT_ADAPTER.generatePhoneVerificationCode({ user, phone });
  const { record, pending } = newCode(kit, code, rules, { purpose: VERIFY_PHONE, userId: user?.id ?? null, target: phone });
  const sms = await composeSms(request, {
    name: isTaken ? 'account_already_exists' : 'code',
    to: isTaken && !tellsOwner ? '' : phone,
    values: { code, minutes: String(Math.ceil(rules.timeout / 60)) },
    expiresAt: record.expiresAt,
  });
  return {
    pending,
    async store({ db, post }) {
      if (user) await deleteCodesOfUser(db, user.id, VERIFY_PHONE);
      await insertCode(db, record);
      post(sms);
    },
  };
}

function rulesOf({ settings }: Kit): CodeRules {
  return {
    maxAttempts: settings.ACCOUNT_PHONE_VERIFICATION_MAX_ATTEMPTS,
    timeout: settings.ACCOUNT_PHONE_VERIFICATION_TIMEOUT,
  };
}
