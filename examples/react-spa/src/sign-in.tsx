import { useState } from 'react';
import { auth } from './auth.ts';
import { Form } from './form.tsx';
import { Title } from './title.tsx';

const EMAIL = { name: 'email', label: 'Email', type: 'email', autoComplete: 'username' };

const WAYS = {
  login: {
    title: 'Sign in',
    fields: [EMAIL, { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' }],
    send: ({ email = '', password = '' }: Values) => auth.login({ email, password }),
  },
  signup: {
    title: 'Create an account',
    fields: [EMAIL, { name: 'password', label: 'Password', type: 'password', autoComplete: 'new-password' }],
    send: ({ email = '', password = '' }: Values) => auth.signup({ email, password }),
  },
  code: {
    title: 'Sign in with a code',
    fields: [EMAIL],
    send: ({ email = '' }: Values) => auth.requestLoginCode({ email }),
  },
} as const;

interface Values {
  email?: string;
  password?: string;
}

type Way = keyof typeof WAYS;

/** Every way to begin; where something else has to follow, the client's state says so. */
export function SignIn() {
  const [way, setWay] = useState<Way>('login');
  const { title, fields, send } = WAYS[way];
  const others = (Object.keys(WAYS) as Way[]).filter((each) => each !== way);
  return (
    <>
      <Title key={title}>{title}</Title>
      <Form key={way} fields={fields} action={way === 'code' ? 'Send the code' : title} send={send} />
      <nav aria-label="Other ways">
        {others.map((each) => (
          <button key={each} className="link" onClick={() => setWay(each)}>
            {WAYS[each].title}
          </button>
        ))}
      </nav>
    </>
  );
}
