import { useState } from 'preact/hooks';
import { describe } from '../state/toasts.ts';
import { t } from '../texts.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

/** Asks whether something is to be done, and does it; `withReason` asks why, too. */
export function AskDialog({
  title,
  text,
  button,
  danger = true,
  withReason = false,
  onClose,
  act,
}: {
  title: string;
  text: preact.ComponentChildren;
  button: string;
  danger?: boolean;
  withReason?: boolean;
  onClose: () => void;
  /** What fails is shown in the dialog. */
  act: (reason: string) => Promise<void>;
}) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    setBusy(true);
    try {
      await act(reason.trim());
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <button type="button" onClick={onClose}>
            {t.actions.cancel}
          </button>
          <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
            {button}
          </button>
        </>
      }
    >
      {typeof text === 'string' ? <p>{text}</p> : text}
      {withReason && (
        <Field label={t.revoke.reason} hint={t.revoke.reasonHint} maxLength={500} autofocus value={reason} onValue={setReason} />
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </Dialog>
  );
}
