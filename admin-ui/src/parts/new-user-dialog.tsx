import { useState } from 'preact/hooks';
import { change } from '../api/admin.ts';
import { ApiError } from '../api/client.ts';
import type { UserDetail } from '../api/types.ts';
import { say } from '../state/toasts.ts';
import { useAction } from '../state/use-action.ts';
import { useTexts } from '../state/language.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

/** Makes a user, with a password or none yet, or by an invitation, in which the user chooses it. */
export function NewUserDialog({ onClose, onDone }: { onClose: () => void; onDone: (user: UserDetail) => void }) {
  const t = useTexts();
  const [email, setEmail] = useState('');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [invite, setInvite] = useState(false);
  const [isStaff, setIsStaff] = useState(false);
  const action = useAction(async () => {
    const more = invite ? { invite } : { ...(password && { password }) };
    const user = await change('POST', 'users', { email, is_staff: isStaff, ...(username && { username }), ...more });
    if (!user) return;
    say((invite ? t.users.invited : t.users.created)(user.email ?? user.display));
    onDone(user);
  });
  const { failure } = action;
  const fault = (param: string): string | undefined =>
    failure instanceof ApiError ? failure.errors.find((each) => each.param === param)?.message : undefined;
  const isShown = ['email', 'username', 'password'].some((param) => fault(param));
  return (
    <Dialog title={t.users.createTitle} button={invite ? t.users.inviteButton : t.users.createButton} {...{ action, isShown, onClose }}>
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
      {!invite && (
        <Field
          label={t.users.password}
          type="password"
          autocomplete="new-password"
          hint={t.users.passwordHint}
          value={password}
          onValue={setPassword}
          error={fault('password')}
        />
      )}
      <Check label={t.users.invite} checked={invite} onCheck={setInvite} />
      <Check label={t.users.makeStaff} checked={isStaff} onCheck={setIsStaff} />
    </Dialog>
  );
}

function Check({ label, checked, onCheck }: { label: string; checked: boolean; onCheck: (checked: boolean) => void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onInput={(event) => onCheck(event.currentTarget.checked)} /> {label}
    </label>
  );
}
