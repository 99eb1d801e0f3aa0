import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useAction } from '../state/use-action.ts';
import { useTexts } from '../state/language.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

export interface AskDialogProps {
  title: string;
  text: ComponentChildren;
  button: string;
  look?: 'primary' | 'danger';
  /** Whether it asks why, too. */
  withReason?: boolean;
  onClose: () => void;
  /** What fails is shown in the dialog. */
  act: (reason: string) => Promise<void>;
}

/** Asks whether something is to be done, and does it. */
export function AskDialog({ title, text, button, look = 'danger', withReason = false, onClose, act }: AskDialogProps) {
  const [reason, setReason] = useState('');
  const action = useAction(() => act(reason.trim()));
  return (
    <Dialog {...{ title, button, look, action, onClose }}>
      {typeof text === 'string' ? <p>{text}</p> : text}
      {withReason && <ReasonField value={reason} onValue={setReason} />}
    </Dialog>
  );
}

/** Why it is done, for the audit log. */
export function ReasonField(props: { value: string; onValue: (value: string) => void }) {
  const t = useTexts();
  return <Field label={t.revoke.reason} hint={t.revoke.reasonHint} maxLength={500} autofocus {...props} />;
}
