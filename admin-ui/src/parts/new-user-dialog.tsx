import { useState } from 'preact/hooks';
import { change } from '../api/admin.ts';
import { ApiError } from '../api/client.ts';
import type { UserDetail } from '../api/types.ts';
import { describe, say } from '../state/toasts.ts';
import { t } from '../texts.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

/** Makes a user. */
export function NewUserDialog({ onClose, onDone }: { onClose: () => void; onDone: (user: UserDetail) => void }) {
  const [email, setEmail] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [isStaff, setIsStaff] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fault = (param: string): string | undefined =>
    failure instanceof ApiError ? failure.errors.find((each) => each.param === param)?.message : undefined;
  const isShown = ['email', 'username', 'password'].some((param) => fault(param));
  const submit = async (): Promise<void> => {
    setBusy(true);
    try {
      const body = { email, is_staff: isStaff, ...(username && { username }), ...(password && { password }) };
      const user = await change<UserDetail>('POST', 'users', body);
      if (user) {
        say(t.users.created(user.email ?? user.display));
        return onDone(user);
      }
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <Dialog
      title={t.users.createTitle}
      onClose={onClose}
      onSubmit={() => void submit()}
      foot={
        <>
          <button type="button" onClick={onClose}>
            {t.actions.cancel}
          </button>
          <button type="submit" class="primary" disabled={busy}>
            {t.users.createButton}
          </button>
        </>
      }
    >
      <Field
        label={t.signIn.email}
        type="email"
        required
        autofocus
        autocomplete="off"
        value={email}
        onValue={setEmail}
        error={fault('email')}
      />
      <Field label={t.users.username} autocomplete="off" value={username} onValue={setUsername} error={fault('username')} />
      <Field
        label={t.users.password}
        type="password"
        autocomplete="new-password"
        hint={t.users.passwordHint}
        value={password}
        onValue={setPassword}
        error={fault('password')}
      />
      <label class="check">
        <input type="checkbox" checked={isStaff} onInput={(event) => setIsStaff(event.currentTarget.checked)} /> {t.users.makeStaff}
      </label>
      {failure !== null && !isShown && (
        <p class="error" role="alert">
          {describe(failure)}
        </p>
      )}
    </Dialog>
  );
}
