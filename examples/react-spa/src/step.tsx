import { useState } from 'react';
import type { PendingFlow } from 'allauth-kit/client';
import { auth } from './auth.ts';
import { Form } from './form.tsx';
import { Title } from './title.tsx';

interface CodeStep {
  title: string;
  text: string;
  /** As the server calls the code in its errors. */
  field: string;
  send: (code: string) => Promise<{ status: number }>;
  resend?: () => Promise<{ status: number }>;
}

/** The steps that this page knows; each ends with a code. */
const STEPS: Partial<Record<PendingFlow, CodeStep>> = {
  verify_email: {
    title: 'Check your mail',
    text: 'We have sent you a code. Type it in to verify your address.',
    field: 'key',
    send: (key) => auth.verifyEmail({ key }),
    resend: () => auth.resendEmailVerification(),
  },
  login_by_code: {
    title: 'Check your mail',
    text: 'If there is an account with this address, we have sent it a code.',
    field: 'code',
    send: (code) => auth.confirmLoginCode({ code }),
    resend: () => auth.resendLoginCode(),
  },
  mfa_authenticate: {
    title: 'Second step',
    text: 'Type in the code of your authenticator app, or one of your recovery codes.',
    field: 'code',
    send: (code) => auth.authenticateMfa({ code }),
  },
};

/** What a login waits for. */
export function Step({ flow }: { flow: PendingFlow }) {
  const step = STEPS[flow];
  const [sent, setSent] = useState('');
  // The server ends its login that waits; where it is away, it is forgotten here alone.
  const back = () => void auth.logout().catch(() => auth.forget());
  if (!step) {
    return (
      <>
        <Title>One more step</Title>
        <p>This example does not show the step {flow}.</p>
        <button onClick={back}>Start again</button>
      </>
    );
  }
  const { title, text, field, send, resend } = step;
  return (
    <>
      <Title key={title}>{title}</Title>
      <p>{text}</p>
      <Form
        fields={[{ name: field, label: 'Code', autoComplete: 'one-time-code' }]}
        action="Continue"
        send={(values) => send(values[field] ?? '')}
        explain={({ status }) => (status === 409 ? 'The code is no longer good. Ask for a new one, or start again.' : undefined)}
      />
      <nav aria-label="Other ways">
        {resend && (
          <button
            className="link"
            onClick={() =>
              void resend().then(
                ({ status }) => setSent(status === 200 ? 'A new code is on its way.' : 'No more codes can be sent. Start again.'),
                () => setSent('The server cannot be reached. Try again.'),
              )
            }
          >
            Send a new code
          </button>
        )}
        <button className="link" onClick={back}>
          Start again
        </button>
      </nav>
      <p aria-live="polite">{sent}</p>
      <p className="hint">
        A server in development sends no mails: <a href="/_allauth/dev/mails">read them here</a>.
      </p>
    </>
  );
}
