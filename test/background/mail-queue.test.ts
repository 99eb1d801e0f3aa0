import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Config } from 'allauth-kit';
import type { MailMessage, MailSender } from 'allauth-kit/plugin';
import { wakeOutbox } from '../../src/kit/outbox.ts';
import { outboxState, retryMails, type OutboxState } from '../../src/store/outbox.ts';
import { defer } from '../support/cleanup.ts';
import { newEmail } from '../support/clients.ts';
import { testDatabase } from '../support/database.ts';
import { smtpSink } from '../support/mail.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { PATIENCE } from '../support/until.ts';

const SMTP = (port: number): Config => ({ EMAIL_HOST: '127.0.0.1', EMAIL_PORT: port, DEFAULT_FROM_EMAIL: 'Shop <noreply@shop.example>' });

/** Waits for the outbox to be as asked. */
async function outbox(server: TestServer, isThere: (state: OutboxState) => boolean): Promise<OutboxState> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const state = await outboxState(server.kit.db);
    if (isThere(state)) return state;
    if (Date.now() > end) throw new Error(`the outbox stays as it is: ${JSON.stringify(state)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Turns the clock on to the next try. */
function tryAgain(server: TestServer): void {
  server.clock.advance(7 * 3600);
  wakeOutbox(server.kit);
}

test('a mail goes out by SMTP with all that it needs, and is erased', async (t) => {
  const { port, box } = await smtpSink(t);
  const server = await testServer(t, SMTP(port));
  const email = newEmail();
  assert.equal((await server.app().signup(email)).status, 200);
  const mail = await box.wait(email);
  assert.match(mail.subject, /^\[127\.0\.0\.1\] Please confirm/);
  assert.ok(mail.text.includes(email) && mail.html.includes(email) && mail.key !== '');
  const state = await outbox(server, ({ waiting }) => waiting === 0);
  assert.deepEqual(state, { waiting: 0, retrying: 0, failed: 0, oldestAt: null, lastError: null });
});

test('a mail server that is down delays the mail, not the signup', async (t) => {
  const { port, box } = await smtpSink(t);
  const server = await testServer(t, { ...SMTP(1), EMAIL_PORT: 1 });
  const email = newEmail();
  assert.equal((await server.app().signup(email)).status, 200);
  const state = await outbox(server, ({ retrying }) => retrying === 1);
  assert.equal(state.waiting, 1);
  assert.match(state.lastError ?? '', /ESOCKET|ECONN/);
  assert.ok(!server.log.join('').includes(email), 'the log names no addresses');
  await server.close();
  void port;
  assert.deepEqual(box.all, []);
});

test('a mail that was refused for now is tried again; one whose address is unknown is given up', async (t) => {
  let refusing = 1;
  const { port, box } = await smtpSink(t, {
    onRcptTo({ address }, _session, done) {
      if (address.startsWith('gone')) return done(Object.assign(new Error('no such user'), { responseCode: 550 }));
      if (refusing > 0) {
        refusing -= 1;
        return done(Object.assign(new Error('later'), { responseCode: 451 }));
      }
      done();
    },
  });
  const server = await testServer(t, SMTP(port));
  const email = newEmail();
  await server.app().signup(email);
  await outbox(server, ({ retrying }) => retrying === 1);
  assert.deepEqual(box.all, []);
  tryAgain(server);
  await box.wait(email);

  await server.app().signup(`gone-${newEmail()}`);
  const state = await outbox(server, ({ failed }) => failed === 1);
  assert.match(state.lastError ?? '', /EENVELOPE 550/);
  assert.equal(await retryMails(server.kit.db, server.kit.now()), 1);
});

test('a mail server that hangs, or dies in the middle of a mail, loses nothing', async (t) => {
  for (const behave of [() => undefined, (socket: Socket) => socket.once('data', () => socket.destroy())]) {
    const port = await brokenServer(t, behave);
    const sender = ['smtp', { connectionTimeout: 300, greetingTimeout: 300, socketTimeout: 300 }] as const;
    const server = await testServer(t, { ...SMTP(port), MAIL_SENDER: [...sender] });
    const email = newEmail();
    assert.equal((await server.app().signup(email)).status, 200);
    const state = await outbox(server, ({ retrying }) => retrying === 1);
    assert.deepEqual([state.waiting, state.failed], [1, 0]);
  }
});

test('a mail that its server did not get to send is sent by another one, once', async (t) => {
  const DATABASE = await testDatabase(t);
  const never: MailMessage[] = [];
  let release = (): void => undefined;
  class Stuck implements MailSender {
    send(mail: MailMessage): Promise<void> {
      never.push(mail);
      return new Promise((resolve) => (release = resolve));
    }
  }
  defer(t, () => release()); // the process would wait for it
  const first = await testServer(t, { DATABASE, MAIL_SENDER: Stuck, SECRET_KEY: 'former-secret' });
  const email = newEmail();
  await first.app().signup(email);
  await outbox(first, () => never.length === 1);
  await first.close(); // gives up waiting for the sender, as a process that dies does

  const sent: MailMessage[] = [];
  class Sender implements MailSender {
    async send(mail: MailMessage): Promise<void> {
      sent.push(mail);
    }
  }
  const settings = { DATABASE, MAIL_SENDER: Sender, SECRET_KEY: 'new-secret', SECRET_KEY_FALLBACKS: ['former-secret'] };
  const others = await Promise.all([testServer(t, settings), testServer(t, settings), testServer(t, settings)]);
  for (const server of others) tryAgain(server);
  for (const server of others) await outbox(server, ({ waiting }) => waiting === 0);
  assert.deepEqual(
    sent.map(({ to, id }) => [to, id]),
    [[email, never[0]?.id]],
  );
});

test('the outbox holds neither addresses nor keys in clear, and says so of a mail that no key opens', async (t) => {
  const DATABASE = await testDatabase(t);
  class Down implements MailSender {
    async send(): Promise<void> {
      throw new Error('down');
    }
  }
  const first = await testServer(t, { DATABASE, MAIL_SENDER: Down, SECRET_KEY: 'former-secret' });
  const email = newEmail();
  await first.app().signup(email);
  await outbox(first, ({ retrying }) => retrying === 1);
  const rows = JSON.stringify(await first.kit.db.knex('outbox').select('*'));
  assert.ok(!rows.includes(email) && !rows.includes('http') && rows.includes('"payload":"eyJ'));
  await first.close();

  const second = await testServer(t, { DATABASE, SECRET_KEY: 'another-secret' });
  tryAgain(second);
  const state = await outbox(second, ({ failed }) => failed === 1);
  assert.match(state.lastError ?? '', /SECRET_KEY/);
  assert.deepEqual(second.mail.all, []);
});

test('a change that fails sends no mail', async (t) => {
  const server = await testServer(t);
  const email = newEmail();
  const replies = await Promise.all([server.app().signup(email), server.app().signup(email), server.app().signup(email)]);
  assert.equal(replies.filter(({ status }) => status === 200).length, 1, JSON.stringify(replies.map(({ text }) => text)));
  await server.mail.wait(email);
  await outbox(server, ({ waiting }) => waiting === 0);
  assert.deepEqual(server.mail.untaken(email), []);
});

async function brokenServer(t: TestContext, behave: (socket: Socket) => unknown): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (behave.length > 0) socket.write('220 broken.example\r\n');
    behave(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  defer(t, () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port; // a TCP server that listens has an address of this form
}
