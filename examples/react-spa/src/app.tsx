import { useEffect, useState } from 'react';
import { Unavailable } from 'allauth-kit/client';
import { auth, useAuth } from './auth.ts';
import { SignIn } from './sign-in.tsx';
import { Step } from './step.tsx';
import { Title } from './title.tsx';

export function App() {
  const state = useAuth();
  const [notice, setNotice] = useState('');
  const [ready, setReady] = useState(false);

  useEffect(() => {
    // If the server cannot be reached, the stored state is used: a bad connection signs no one out.
    auth
      .load()
      .catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
        setNotice('The server cannot be reached.');
      })
      .finally(() => setReady(true));
    const stops = [
      auth.on('expired', () => setNotice('Your session has ended. Sign in again.')),
      auth.on('signedIn', () => setNotice('')),
      auth.on('signedOut', () => setNotice('You are signed out.')),
    ];
    return () => stops.forEach((stop) => stop());
  }, []);

  return (
    <main>
      <p role="status">{notice}</p>
      {!ready ? null : state.status === 'anonymous' ? (
        <SignIn />
      ) : state.status === 'pending' ? (
        <Step key={state.flow} flow={state.flow} />
      ) : (
        <Account name={state.user.display} />
      )}
    </main>
  );
}

/** A call of your own API: `auth.fetch` adds the access token, and refreshes it in time. */
async function callApi(): Promise<string> {
  try {
    const response = await auth.fetch('/api/me');
    if (response.status === 401) return 'The API does not let you in.';
    const { message } = (await response.json()) as { message: string };
    return message;
  } catch {
    return 'The API cannot be reached. You are still signed in.';
  }
}

function Account({ name }: { name: string }) {
  const [answer, setAnswer] = useState('');
  const [fault, setFault] = useState('');
  return (
    <>
      <Title>{`Hello, ${name}`}</Title>
      <p>You are signed in. Open this page in a second tab: it is signed in too, and signing out here signs it out as well.</p>
      <button className="primary" onClick={() => void callApi().then(setAnswer)}>
        Call the API
      </button>
      <p className="answer" aria-live="polite">
        {answer}
      </p>
      <p className="error" role="alert">
        {fault}
      </p>
      <button onClick={() => void auth.logout().catch(() => setFault('The server cannot be reached: you are still signed in.'))}>
        Sign out
      </button>
    </>
  );
}
