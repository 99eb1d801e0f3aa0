import type { Area } from '../http/area.ts';
import { exportAudit, getAudit } from './endpoints/audit.ts';
import { openApiEndpoint } from './endpoints/openapi.ts';
import { getOutbox, retryOutbox } from './endpoints/outbox.ts';
import { getSettings, listKeys, rotateKey } from './endpoints/server.ts';
import { getSession, listAllSessions, revokeMany, revokeSession } from './endpoints/sessions.ts';
import { getPlugins, getStats } from './endpoints/stats.ts';
import { createUser, getUser, listAllUsers, patchUser, revokeUserSessions, sendUserReset } from './endpoints/users.ts';

const endpoints = [
  ...[listAllSessions, getSession, revokeSession, revokeMany],
  ...[listAllUsers, createUser, getUser, patchUser, revokeUserSessions, sendUserReset],
  ...[getSettings, listKeys, rotateKey],
  ...[getAudit, exportAudit, getStats, getPlugins, getOutbox, retryOutbox],
];

/** The admin API, below ADMIN_PATH: any user's sessions, users, settings, keys. For staff alone. */
export const admin: Area = {
  name: 'admin',
  endpoints: [...endpoints, openApiEndpoint(endpoints)],
};
