import type { TestContext } from 'node:test';
import { createUser, type Config } from 'allauth-kit';
import { newEmail, PASSWORD, type AppClient, type BrowserClient } from '../support/clients.ts';
import { digText } from '../support/http.ts';
import { testServer, type TestServer } from '../support/server.ts';
import { keyFor } from '../tokens/support/jwt.ts';

/** Where the admin API is by default. */
export const API = '/admin/api/v1';

export interface AdminServer extends TestServer {
  /** A staff user in a browser, logged in. */
  admin: BrowserClient & { email: string; id: string };
}

/** A whole server with a staff user who is logged in. */
export async function adminServer(t: TestContext, settings: Config = {}): Promise<AdminServer> {
  const server = await testServer(t, { HEADLESS_JWT_PRIVATE_KEY: await keyFor('RS256'), ...settings });
  return Object.assign(server, { admin: await newAdmin(server) });
}

/** Another staff user in a browser, logged in. */
export async function newAdmin(server: TestServer): Promise<BrowserClient & { email: string; id: string }> {
  const email = newEmail();
  const { id } = await createUser(server.kit, { email, password: PASSWORD, isStaff: true, verified: true });
  const browser = server.browser();
  const { status, text } = await browser.login(email);
  if (status !== 200) throw new Error(`login: ${status} ${text}`);
  return Object.assign(browser, { email, id });
}

export interface Person {
  app: AppClient;
  email: string;
  /** Of the user. */
  id: string;
  /** Of the session. */
  sid: string;
}

/** A user with one session in an app. */
export async function newPerson(server: TestServer, email = newEmail()): Promise<Person> {
  const app = server.app();
  const reply = await app.signup(email);
  if (reply.status !== 200) throw new Error(`signup: ${reply.status} ${reply.text}`);
  return { app, email, id: digText(reply.data, 'user', 'id'), sid: app.sessionToken.split('.')[0] ?? '' };
}
