import { useState } from 'preact/hooks';
import { change } from '../api/admin.ts';
import { ApiError } from '../api/client.ts';
import type { Session } from '../api/types.ts';
import { signedOut } from '../state/session.ts';
import { tokenLife } from '../state/token-life.ts';
import { say } from '../state/toasts.ts';
import { useAction } from '../state/use-action.ts';
import { texts, useTexts } from '../state/language.ts';
import { ReasonField } from './ask-dialog.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { nameOf } from './session-bits.tsx';
import { exactTime } from './time.tsx';

/** What is to be revoked: one, some, or all that a filter matches. */
export type Target =
  | { kind: 'one'; session: Session }
  | { kind: 'some'; ids: string[]; users: number }
  | { kind: 'filter'; filter: Record<string, unknown>; count: number; users: number };

/** Above so many, the number has to be typed. */
const TYPED_ABOVE = 50;

export interface RevokeDialogProps {
  target: Target;
  onClose: () => void;
  /** The ids that are revoked now; null: whatever the filter matched. */
  onDone: (ids: string[] | null, reason: string) => void;
  /** What it was shown for is no longer so. */
  onStale: () => void;
}

/** Asks before sessions are revoked, says what comes of it, and does it. */
export function RevokeDialog({ target, onClose, onDone, onStale }: RevokeDialogProps) {
  const t = useTexts();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [ownToo, setOwnToo] = useState(false);
  const { count, users } = sizeOf(target);
  const own = target.kind === 'one' && target.session.is_current;
  const ready = (count <= TYPED_ABOVE || typed.replace(/\D/g, '') === String(count)) && (!own || ownToo);

  const action = useAction(async () => {
    try {
      const said = await revoke(target, reason.trim());
      if (said === null) return;
      say(said);
      if (own) return signedOut('left');
      onDone(target.kind === 'filter' ? null : target.kind === 'one' ? [target.session.id] : target.ids, reason.trim());
    } catch (failure) {
      if (!(failure instanceof ApiError) || failure.status !== 409) throw failure;
      say(t.revoke.differs, 'failed');
      onStale();
    }
  });

  return (
    <Dialog title={t.revoke.title(count)} button={t.revoke.button(count)} look="danger" {...{ action, ready, onClose }}>
      {target.kind === 'one' && <p class="wrap">{t.revoke.which(nameOf(target.session), target.session.client, target.session.ip)}</p>}
      <p>{t.revoke.what(t.revoke.whose(count, users))}</p>
      {tokenLife.value !== null && <p class="muted">{t.revoke.tokens(tokenLife.value)}</p>}
      {target.kind === 'filter' && <p class="muted">{t.revoke.ownLeft}</p>}
      {own && (
        <>
          <p class="warn">{t.revoke.own}</p>
          <label class="check">
            <input type="checkbox" checked={ownToo} onInput={(event) => setOwnToo(event.currentTarget.checked)} /> {t.revoke.ownConfirm}
          </label>
        </>
      )}
      <ReasonField value={reason} onValue={setReason} />
      {count > TYPED_ABOVE && (
        <Field label={t.revoke.type(count)} inputMode="numeric" autocomplete="off" value={typed} onValue={setTyped} />
      )}
    </Dialog>
  );
}

function sizeOf(target: Target): { count: number; users: number } {
  if (target.kind === 'one') return { count: 1, users: target.session.user ? 1 : 0 };
  return target.kind === 'some' ? { count: target.ids.length, users: target.users } : target;
}

/** @returns what to say; null where the reauthentication was cancelled */
async function revoke(target: Target, reason: string): Promise<string | null> {
  const t = texts();
  const why = reason === '' ? {} : { reason };
  if (target.kind === 'one') {
    const answer = await change('DELETE', `sessions/${target.session.id}`, why);
    const until = answer?.access_tokens_valid_until ?? 0;
    return answer && (until > Date.now() / 1000 ? t.revoke.doneUntil(1, exactTime(until)) : t.revoke.done(1));
  }
  const which = target.kind === 'some' ? { ids: target.ids } : { filter: target.filter, expected: target.count };
  const answer = await change('POST', 'sessions/revoke', { ...which, ...why });
  const seconds = tokenLife.value ?? 0;
  return answer && (seconds > 0 && answer.revoked > 0 ? t.revoke.doneFor(answer.revoked, seconds) : t.revoke.done(answer.revoked));
}
