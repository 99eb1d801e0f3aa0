import { ShieldCheck } from 'lucide-preact';
import { useEffect, useState } from 'preact/hooks';
import { HEADLESS, send, type Flow } from '../api/client.ts';
import { Field } from '../parts/field.tsx';
import { LanguageSelect, ThemeButton } from '../parts/shell.tsx';
import { signInStep } from '../state/session.ts';
import { describe } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';
import { named } from '../texts/words.ts';

/** The stages of a login that take a code: where it goes, and as which member. */
const STAGES: Record<string, { path: string; member: 'code' | 'key' }> = {
  verify_email: { path: 'auth/email/verify', member: 'key' },
  verify_phone: { path: 'auth/phone/verify', member: 'code' },
  mfa_authenticate: { path: 'auth/2fa/authenticate', member: 'code' },
  login_by_code: { path: 'auth/code/confirm', member: 'code' },
};

/** The sign-in, with every stage that the account has to pass. */
export function SignIn({ why, flows: first }: { why: 'ended' | 'left' | null; flows: readonly Flow[] }) {
  const t = useTexts();
  const [flows, setFlows] = useState(first);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const stage = flows.find((flow) => flow.is_pending)?.id ?? null;
  useEffect(() => {
    document.title = `${t.signIn.title} · ${t.product}`;
  }, [t]);

  const step = async (path: string, body: object): Promise<void> => {
    setBusy(true);
    setError('');
    try {
      const more = await signInStep(path, body);
      if (more) setFlows(more);
    } catch (failure) {
      setError(describe(failure));
    }
    setBusy(false);
  };
  const startOver = async (): Promise<void> => {
    // The response is 401 because the user is not signed in.
    await send('DELETE', `${HEADLESS}auth/session`).catch(() => undefined);
    setError('');
    setFlows([]);
  };

  return (
    <main class="alone">
      <div class="card sign-in">
        <div class="brand">
          <ShieldCheck size={22} aria-hidden />
          <span>{t.product}</span>
          <LanguageSelect />
          <ThemeButton />
        </div>
        <h1>{t.signIn.title}</h1>
        <p class="muted">{why === null ? t.signIn.hint : t.signIn[why]}</p>
        {error && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
        {stage === null ? (
          <PasswordForm busy={busy} step={step} />
        ) : (
          <StageForm key={stage} stage={stage} busy={busy} step={step} startOver={startOver} />
        )}
      </div>
    </main>
  );
}

type Step = (path: string, body: object) => Promise<void>;

function PasswordForm({ busy, step }: { busy: boolean; step: Step }) {
  const t = useTexts();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void step('auth/login', { email, password });
      }}
    >
      <Field label={t.signIn.email} type="email" autocomplete="username" required autofocus value={email} onValue={setEmail} />
      <Field label={t.signIn.password} type="password" autocomplete="current-password" required value={password} onValue={setPassword} />
      <button type="submit" class="primary wide" disabled={busy}>
        {t.signIn.submit}
      </button>
    </form>
  );
}

function StageForm({ stage, busy, step, startOver }: { stage: string; busy: boolean; step: Step; startOver: () => Promise<void> }) {
  const t = useTexts();
  const [code, setCode] = useState('');
  const known = STAGES[stage];
  const back = (
    <button type="button" class="wide" onClick={() => void startOver()}>
      {t.signIn.back}
    </button>
  );
  if (!known) {
    return (
      <>
        <p role="alert">{t.signIn.unknownStage(stage)}</p>
        {back}
      </>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void step(known.path, { [known.member]: code.trim() });
      }}
    >
      <Field
        label={t.signIn.code}
        hint={named(t.signIn.stages, stage)}
        autocomplete="one-time-code"
        required
        autofocus
        value={code}
        onValue={setCode}
      />
      <button type="submit" class="primary wide" disabled={busy}>
        {t.signIn.confirm}
      </button>
      {back}
    </form>
  );
}
