/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { WireError } from 'allauth-kit/client';
import { AUTH_URL } from './auth.ts';
import { STYLE } from './style.ts';

export function Page({ title, children }: { title: string; children?: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="icon" href="data:," />
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>{title}</h1>
          {children}
        </main>
      </body>
    </html>
  );
}

export interface FormState {
  values?: Readonly<Record<string, string>>;
  errors?: readonly WireError[];
}

interface Field {
  name: string;
  label: string;
  type?: string;
  autocomplete: string;
}

/** A form that shows what the server says is wrong beside the field that it names. */
function Form({ path, fields, action, state }: { path: string; fields: readonly Field[]; action: string; state: FormState }) {
  const { values = {}, errors = [] } = state;
  const general = errors.filter(({ param }) => !fields.some(({ name }) => name === param));
  const wrong = fields.find(({ name }) => errors.some(({ param }) => param === name));
  return (
    <form method="post" action={path} novalidate>
      {general.length > 0 && (
        <p class="error" role="alert">
          {general.map(({ message }) => message).join(' ')}
        </p>
      )}
      {fields.map((field) => {
        const { name, label, type = 'text', autocomplete } = field;
        const own = errors.filter(({ param }) => param === name);
        return (
          <div class="field">
            <label for={name}>{label}</label>
            <input
              id={name}
              name={name}
              type={type}
              autocomplete={autocomplete}
              value={type === 'password' ? '' : (values[name] ?? '')}
              autofocus={field === (wrong ?? fields[0])}
              {...(own.length > 0 && { 'aria-invalid': 'true', 'aria-describedby': `${name}-errors` })}
            />
            {own.length > 0 && (
              <p class="error" id={`${name}-errors`}>
                {own.map(({ message }) => message).join(' ')}
              </p>
            )}
          </div>
        );
      })}
      <button class="primary">{action}</button>
    </form>
  );
}

const EMAIL = { name: 'email', label: 'Email', type: 'email', autocomplete: 'username' };

export function SignIn(state: FormState) {
  const password = { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' };
  return (
    <Page title="Sign in">
      <Form path="/sign-in" fields={[EMAIL, password]} action="Sign in" state={state} />
      <p>
        <a href="/sign-up">Create an account</a>
      </p>
    </Page>
  );
}

export function SignUp(state: FormState) {
  const password = { name: 'password', label: 'Password', type: 'password', autocomplete: 'new-password' };
  return (
    <Page title="Create an account">
      <Form path="/sign-up" fields={[EMAIL, password]} action="Create an account" state={state} />
      <p>
        <a href="/sign-in">Sign in</a>
      </p>
    </Page>
  );
}

export function VerifyEmail(state: FormState) {
  const code = { name: 'key', label: 'Code', autocomplete: 'one-time-code' };
  return (
    <Page title="Check your mail">
      <p>We have sent you a code. Type it in to verify your address.</p>
      <Form path="/step" fields={[code]} action="Continue" state={state} />
      <SignOut text="Start again" />
      <p class="quiet">
        A server in development sends no mails: <a href={`${AUTH_URL}/_allauth/dev/mails`}>read them here</a>.
      </p>
    </Page>
  );
}

export function OtherStep({ flow }: { flow: string }) {
  return (
    <Page title="One more step">
      <p>This example does not show the step {flow}.</p>
      <SignOut text="Start again" />
    </Page>
  );
}

export function Home({ id, name }: { id: string; name: string }) {
  return (
    <Page title={`Hello, ${name}`}>
      <p>This page was made on the server, for the user that the access token names:</p>
      <p class="quiet">{id}</p>
      <SignOut text="Sign out" />
    </Page>
  );
}

export function Away() {
  return (
    <Page title="Try again later">
      <p>The auth server cannot be reached. If you were signed in, you still are.</p>
      <p>
        <a href="/">Try again</a>
      </p>
    </Page>
  );
}

function SignOut({ text }: { text: string }) {
  return (
    <form method="post" action="/sign-out">
      <button>{text}</button>
    </form>
  );
}
