import type { Area } from '../http/area.ts';

/** Logging in through other providers; none can be used yet, so none is named. */
export const social: Area = {
  name: 'social',
  endpoints: [],
  config: () => ({ socialaccount: { providers: [] } }),
};
