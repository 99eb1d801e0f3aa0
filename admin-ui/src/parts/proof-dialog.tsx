import { useState } from 'preact/hooks';
import { HEADLESS, send, type Flow } from '../api/client.ts';
import { pendingProof } from '../state/session.ts';
import { describe } from '../state/toasts.ts';
import { t } from '../texts.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

/** The ways to prove it anew: what is asked for, and where it goes. */
const WAYS = {
  mfa_reauthenticate: { path: 'auth/2fa/reauthenticate', member: 'code', label: t.signIn.code },
  reauthenticate: { path: 'auth/reauthenticate', member: 'password', label: t.signIn.password },
} as const;

/** Asks for the password or a code anew while an action waits; the action goes on after it. */
export function ProofDialog() {
  const pending = pendingProof.value;
  return pending && <Proof flows={pending.flows} answer={pending.answer} />;
}

function Proof({ flows, answer }: { flows: readonly Flow[]; answer: (done: boolean) => void }) {
  const [text, setText] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const offered = (['reauthenticate', 'mfa_reauthenticate'] as const).find((id) => flows.some((flow) => flow.id === id));
  const way = offered && WAYS[offered];
  const submit = async (): Promise<void> => {
    if (!way) return;
    setBusy(true);
    try {
      await send('POST', HEADLESS + way.path, { [way.member]: text });
      answer(true);
    } catch (failure) {
      setError(describe(failure));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t.proof.title}
      onClose={() => answer(false)}
      onSubmit={() => void submit()}
      foot={
        <>
          <button type="button" onClick={() => answer(false)}>
            {t.actions.cancel}
          </button>
          {way && (
            <button type="submit" class="primary" disabled={busy}>
              {t.signIn.confirm}
            </button>
          )}
        </>
      }
    >
      <p>{way ? t.proof.hint : t.proof.unknown}</p>
      {way && (
        <Field
          label={way.label}
          type={way.member === 'password' ? 'password' : 'text'}
          autocomplete={way.member === 'password' ? 'current-password' : 'one-time-code'}
          required
          autofocus
          value={text}
          onValue={setText}
          error={error || undefined}
        />
      )}
    </Dialog>
  );
}
