import type { components } from './api.ts';

/** The shapes of the admin API, by the names that the dashboard uses. Times are Unix seconds. */

type Schemas = components['schemas'];

/** Someone whom a list names; the audit log knows no display name. */
export type Person = Schemas['Party'] & Partial<Schemas['Person']>;

export type Session = Schemas['Session'];
export type SessionState = Session['state'];
export type SessionDetail = Schemas['SessionDetail'];
export type RefreshToken = Schemas['RefreshToken'];
export type User = Schemas['User'];
export type UserDetail = Schemas['UserDetail'];
export type AuditEvent = Schemas['AuditEvent'];
export type Attention = Schemas['Attention'];
export type Stats = Schemas['Stats'];
export type Key = Schemas['Key'];
export type Rotation = Schemas['Rotation'];
export type Setting = Schemas['Setting'];
export type Finding = Schemas['Finding'];
export type Pagination = Schemas['Pagination'];
