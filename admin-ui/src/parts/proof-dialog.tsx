import { useState } from 'preact/hooks';
import { HEADLESS, send, type Flow } from '../api/client.ts';
import { pendingProof } from '../state/session.ts';
import { describe } from '../state/toasts.ts';
import { useAction } from '../state/use-action.ts';
import { useTexts } from '../state/language.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

/** The ways to reauthenticate: what is asked for, and which endpoint gets it. */
const WAYS = {
  mfa_reauthenticate: { path: 'auth/2fa/reauthenticate', member: 'code' },
  reauthenticate: { path: 'auth/reauthenticate', member: 'password' },
} as const;

/** Asks for the password or a code while an action waits; the action then continues. */
export function ProofDialog() {
  const pending = pendingProof.value;
  return pending && <Proof flows={pending.flows} answer={pending.answer} />;
}

function Proof({ flows, answer }: { flows: readonly Flow[]; answer: (done: boolean) => void }) {
  const t = useTexts();
  const [text, setText] = useState('');
  const offered = (['reauthenticate', 'mfa_reauthenticate'] as const).find((id) => flows.some((flow) => flow.id === id));
  const way = offered && WAYS[offered];
  const action = useAction(async () => {
    if (!way) return;
    await send('POST', HEADLESS + way.path, { [way.member]: text });
    answer(true);
  });
  return (
    <Dialog title={t.proof.title} button={way ? t.signIn.confirm : null} isShown onClose={() => answer(false)} action={action}>
      <p>{way ? t.proof.hint : t.proof.unknown}</p>
      {way && (
        <Field
          label={t.signIn[way.member]}
          type={way.member === 'password' ? 'password' : 'text'}
          autocomplete={way.member === 'password' ? 'current-password' : 'one-time-code'}
          required
          autofocus
          value={text}
          onValue={setText}
          error={action.failure === null ? undefined : describe(action.failure)}
        />
      )}
    </Dialog>
  );
}
