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

/** Id of the flow, key of the stage and purpose of the codes. */
export const VERIFY_PHONE = 'verify_phone';

/** The state of the stage; `changes`: how often the number was corrected. */
export const phoneState = loginState(VERIFY_PHONE, z.object({ code: pendingCodeSchema, phone: z.string(), changes: z.number() }));

/** State that a signup sets for the stage: its SMS was counted before the account was stored. */
export const COUNTED = 'counted';

/** Whether the SMS of the stage is counted already. */
export const smsCounted = loginState(VERIFY_PHONE, z.literal(COUNTED));

export interface PreparedSms {
  pending: PendingCode;
  /** Stores the code and queues its SMS; codes sent to the user before become void. */
  store: (writing: Writing) => Promise<void>;
}

/** Counts an SMS that verifies a number. @throws {RateLimited} 429 `verify_phone` */
export async function countPhoneSms({ kit, ip }: Request, phone: string): Promise<void> {
  await consumeRate(kit, VERIFY_PHONE, { ip, key: phone });
}

/** Unverified claims set at this time (Unix seconds) or before have lapsed: they last as long as a pending login. -1: claims never lapse. */
export function claimsLapseAt({ settings, now }: Kit): number {
  return settings.ACCOUNT_PHONE_VERIFICATION_ENABLED ? now() - settings.ACCOUNT_LOGIN_TIMEOUT : -1;
}

/** Whether another user claims the number. @param userId `null`: any user counts as another */
export async function isPhoneTaken(kit: Kit, phone: string, userId: string | null): Promise<boolean> {
  const owner = await findPhoneClaim(kit.db, phone, claimsLapseAt(kit));
  return owner !== null && owner !== userId;
}

/**
 * Prepares a code for a number and its SMS. `user` null: there is no account, which the caller must not learn. It takes the same time, and the code is
 * sent too, but leads only to the next stage. If the number `isTaken`, no code is sent, and with `notifiesOwner` its owner is notified.
 */
export async function preparePhoneCode(
  request: Request,
  {
    user,
    phone,
    isTaken = false,
    notifiesOwner = false,
  }: { user: UserRecord | null; phone: string; isTaken?: boolean; notifiesOwner?: boolean },
): Promise<PreparedSms> {
  const { kit } = request;
  const rules = rulesOf(kit);
  const code = await kit.plugins.ACCOUNT_ADAPTER.generatePhoneVerificationCode({ user, phone });
  const { record, pending } = newCode(kit, code, rules, { purpose: VERIFY_PHONE, userId: user?.id ?? null, target: phone });
  const sms = await composeSms(request, {
    name: isTaken ? 'account_already_exists' : 'code',
    to: isTaken && !notifiesOwner ? '' : phone,
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
