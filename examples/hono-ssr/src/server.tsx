/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
// Pages that are made on the server: tokens stay there, the browser has an HttpOnly cookie and needs no script.
import { serve } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { Unavailable, type WireError } from 'allauth-kit/client';
import { claimsOf, withAuth, type Env } from './auth.ts';
import { Away, Home, OtherStep, SignIn, SignUp, VerifyEmail, type FormState } from './pages.tsx';

const app = new Hono<Env>();
app.use(secureHeaders());
app.use(csrf());
app.use(withAuth);
app.onError((error, context) => {
  if (error instanceof Unavailable) return context.html(<Away />, 503);
  if (error instanceof HTTPException) return error.getResponse(); // a form of another site
  console.error(error);
  return context.text('Something went wrong.', 500);
});

app.get('/', async (context) => {
  const auth = context.get('auth');
  const claims = await claimsOf(auth);
  if (!(claims instanceof Response)) {
    // What may be shown rests on the claims; the name is what the cookie says, which is the visitor's own.
    const { state } = auth;
    return context.html(<Home id={claims.sub} name={state.status === 'authenticated' ? state.user.display : claims.sub} />);
  }
  if (claims.status === 503) return context.html(<Away />, 503);
  // Whether the session is over, or waits for a step, the auth server knows.
  const state = await auth.load();
  if (state.status === 'authenticated') return context.html(<Away />, 503);
  return context.redirect(state.status === 'pending' ? '/step' : '/sign-in');
});

app.get('/sign-in', (context) => context.html(<SignIn />));
app.get('/sign-up', (context) => context.html(<SignUp />));

app.post('/sign-in', async (context) => {
  const { email = '', password = '' } = await textsOf(context);
  const reply = await context.get('auth').login({ email, password });
  return proceed(context, reply, (errors) => <SignIn values={{ email }} errors={errors} />);
});

app.post('/sign-up', async (context) => {
  const { email = '', password = '' } = await textsOf(context);
  const reply = await context.get('auth').signup({ email, password });
  return proceed(context, reply, (errors) => <SignUp values={{ email }} errors={errors} />);
});

app.get('/step', async (context) => showStep(context, {}));

app.post('/step', async (context) => {
  const { key = '' } = await textsOf(context);
  const reply = await context.get('auth').verifyEmail({ key });
  if (reply.status === 400) return showStep(context, { ...(reply.errors && { errors: reply.errors }) });
  // 409: nothing waits any more, or the code has been tried too often.
  return context.redirect(reply.status === 409 ? '/sign-in' : '/', 303);
});

app.post('/sign-out', async (context) => {
  await context.get('auth').logout();
  return context.redirect('/sign-in', 303);
});

/** Shows the step that a login waits for. */
async function showStep(context: Context<Env>, form: FormState): Promise<Response> {
  const state = await context.get('auth').load();
  if (state.status !== 'pending') return context.redirect('/', 303);
  if (state.flow !== 'verify_email') return context.html(<OtherStep flow={state.flow} />);
  return context.html(<VerifyEmail {...form} />, form.errors ? 400 : 200);
}

interface Reply {
  status: number;
  errors?: WireError[];
  retryAfter?: number | null;
}

/** On to where the login leads; back to its form with what is wrong. */
function proceed(
  context: Context<Env>,
  reply: Reply,
  form: (errors: WireError[]) => Parameters<typeof context.html>[0],
): Response | Promise<Response> {
  if (reply.status === 401 && context.get('auth').state.status === 'pending') return context.redirect('/step', 303);
  if (reply.status === 200 || reply.status === 409) return context.redirect('/', 303);
  if (reply.status === 429) {
    const message = `Too many attempts. Try again in ${reply.retryAfter ?? 60} seconds.`;
    return context.html(form([{ code: 'rate_limited', message }]), 429);
  }
  return context.html(form(reply.errors ?? [{ code: 'failed', message: 'That did not work.' }]), 400);
}

/** Returns the text fields of a form; files are ignored. */
async function textsOf(context: Context<Env>): Promise<Partial<Record<string, string>>> {
  const fields = Object.entries(await context.req.parseBody());
  return Object.fromEntries(fields.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) }, ({ port }) =>
  console.log(`LISTENING http://127.0.0.1:${port}`),
);
process.once('SIGTERM', () => server.close(() => process.exit(0)));
process.once('SIGINT', () => server.close(() => process.exit(0)));
