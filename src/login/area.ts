import { endpoint, type Area } from '../http/area.ts';
import { logOut } from './session.ts';
import { pendingLogin } from './pending-login.ts';
import { authenticationReply } from './replies.ts';

/** Who is logged in. */
const getSession = endpoint({
  route: 'GET /auth/session',
  access: 'anyone',
  handle: async (request) => authenticationReply(request),
});

/** Logs out, or gives up a login that is pending; 401 either way. */
const endSession = endpoint({
  route: 'DELETE /auth/session',
  access: 'anyone',
  async handle(request) {
    await logOut(request);
    return authenticationReply(request);
  },
});

/** What a client has to know of the server before anybody logs in. */
const getConfig = endpoint({
  route: 'GET /config',
  access: 'anyone',
  async handle(request) {
    const { kit, areas } = request;
    const data: Record<string, unknown> = {};
    for (const area of areas) Object.assign(data, await area.config?.(kit, request));
    return { status: 200, data };
  },
});

export const login: Area = {
  name: 'login',
  endpoints: [getSession, endSession, getConfig],
  async flows(request) {
    const stage = (await pendingLogin(request))?.login.stage;
    return stage ? [{ id: stage, is_pending: true }] : [];
  },
};
