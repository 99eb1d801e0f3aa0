import type { Area } from '../http/area.ts';
import { getSettings, listKeys, rotateKey } from './endpoints/server.ts';

/** The admin API, below ADMIN_PATH: any user's sessions, users, settings, keys. For staff alone. */
export const admin: Area = {
  name: 'admin',
  endpoints: [getSettings, listKeys, rotateKey],
};
