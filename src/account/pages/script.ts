/**
 * The script of the built-in pages. It calls the headless API like any front end. The key is in the URL's fragment, so that it reaches no server and no
 * log. It is used only when the button is pressed, so that a mail program that opens links does not use it up.
 */
export const SCRIPT = `
const main = document.querySelector('main');
const { api, client, csrfCookie, csrfHeader, page, byCode } = main.dataset;
const key = decodeURIComponent(location.hash.slice(1));
let sessionToken = '';
history.replaceState(null, '', location.pathname);
// Opening another link in this tab changes only the fragment.
addEventListener('hashchange', () => location.reload());

const part = (name) => document.getElementById(name);
const show = (name) => {
  for (const each of main.querySelectorAll('[data-part]')) each.hidden = each.id !== name;
};
const cookie = (name) => document.cookie.split('; ').find((each) => each.startsWith(name + '='))?.slice(name.length + 1) ?? '';

async function call(method, path, { body, headers = {} } = {}) {
  if (client === 'browser' && method !== 'GET') {
    if (!cookie(csrfCookie)) await fetch(api + '/config');
    headers[csrfHeader] = cookie(csrfCookie);
  }
  if (sessionToken) headers['X-Session-Token'] = sessionToken;
  if (body) headers['Content-Type'] = 'application/json';
  const response = await fetch(api + path, { method, headers, body: body && JSON.stringify(body), credentials: 'same-origin' });
  const reply = await response.json();
  sessionToken = reply.meta?.session_token ?? sessionToken;
  return reply;
}

/** 401 is the reply to a client that is not logged in: the change itself was made. */
const worked = ({ status }) => status === 200 || status === 401;

function complain(reply) {
  const error = reply.errors?.[0];
  if (!error || error.param === 'key') return show(reply.status === 400 || reply.status === 409 ? 'invalid' : 'failed');
  part('error').textContent = reply.errors.map(({ message }) => message).join(' ');
}

function onSubmit(name, work) {
  part(name)?.addEventListener('submit', async (event) => {
    event.preventDefault();
    part('error').textContent = '';
    const button = event.target.querySelector('button');
    button.disabled = true;
    try {
      await work(new FormData(event.target));
    } catch {
      show('failed');
    }
    button.disabled = false;
  });
}

onSubmit('verify', async () => {
  const reply = await call('POST', '/auth/email/verify', { body: { key } });
  if (worked(reply)) show('done');
  else complain(reply);
});

onSubmit('request', async (form) => {
  const reply = await call('POST', '/auth/password/request', { body: { email: form.get('email') } });
  if (!worked(reply)) return complain(reply);
  show(byCode ? 'reset' : 'requested');
});

onSubmit('reset', async (form) => {
  const reply = await call('POST', '/auth/password/reset', { body: { key: key || form.get('code'), password: form.get('password') } });
  if (worked(reply)) show('done');
  else complain(reply);
});

async function start() {
  if (page === 'reset' && !key) return show('request');
  const header = page === 'reset' ? 'X-Password-Reset-Key' : 'X-Email-Verification-Key';
  const path = page === 'reset' ? '/auth/password/reset' : '/auth/email/verify';
  const reply = await call('GET', path, { headers: { [header]: key || '-' } });
  if (reply.status !== 200) return show('invalid');
  // Admins always send links, even if users get codes.
  for (const each of main.querySelectorAll('[data-code]')) each.remove();
  for (const each of main.querySelectorAll('.whose')) each.textContent = reply.data.email ?? reply.data.user.email ?? reply.data.user.display;
  show(page);
}

start().catch(() => show('failed'));
`.trimStart();

/** Uses the colors of the system, light or dark. */
export const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 10vh 1rem 2rem; }
main { max-width: 26rem; margin: 0 auto; }
h1 { font-size: 1.4rem; }
label { display: block; margin: 1rem 0 0.25rem; }
input { width: 100%; box-sizing: border-box; padding: 0.5rem; font: inherit; }
button { margin-top: 1.25rem; padding: 0.6rem 1.1rem; font: inherit; font-weight: 600; color: #fff; background: #1d4ed8; border: 0; border-radius: 6px; }
button:disabled { opacity: 0.6; }
button:focus-visible, input:focus-visible { outline: 3px solid #60a5fa; outline-offset: 2px; }
.whose { font-weight: 600; overflow-wrap: anywhere; }
[role='alert'] { color: light-dark(#b91c1c, #fca5a5); }
`.trimStart();
