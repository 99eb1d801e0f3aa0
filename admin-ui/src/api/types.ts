/** What the admin API answers with. Times are Unix seconds. */

export interface Person {
  id: string;
  email: string | null;
  display?: string;
}

export interface Method {
  method: string;
  at: number;
  email?: string;
  username?: string;
  type?: string;
  provider?: string;
  reauthenticated?: boolean;
}

export type SessionState = 'active' | 'expired' | 'revoked' | 'pending';

export interface Session {
  id: string;
  state: SessionState;
  user: Person | null;
  client_kind: 'app' | 'browser';
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  revoked_at: number | null;
  revoked_by: string | null;
  revoked_by_user: Person | null;
  revoked_reason: string | null;
  revoked_kind: string | null;
  ip: string;
  user_agent: string;
  client: string;
  methods: Method[];
  second_factor: boolean;
  live_refresh_tokens: number;
  is_current: boolean;
}

export interface RefreshToken {
  jti: string;
  parent: string | null;
  issued_at: number;
  expires_at: number;
  used_at: number | null;
  replaced_by: string | null;
  absorbed: number;
  absorbed_at: number | null;
  reused_at: number | null;
}

export interface SessionEvent {
  id: number;
  event: string;
  created_at: number;
  actor_id: string | null;
  actor: Person | null;
  user_id: string | null;
  ip: string;
  details: Record<string, unknown>;
}

export interface SessionDetail extends Session {
  access_tokens_valid_until: number | null;
  refresh_tokens: RefreshToken[];
  events: SessionEvent[];
}

export interface User {
  id: string;
  email: string | null;
  username: string;
  display: string;
  is_active: boolean;
  is_staff: boolean;
  has_usable_password: boolean;
  date_joined: number;
  last_login: number | null;
  active_sessions: number;
}

export interface UserDetail extends User {
  phone: { phone: string; verified: boolean } | null;
  /** What the user may log in with, beside the password. */
  login_methods: string[];
  login_by_code: boolean;
  emails: { email: string; verified: boolean; primary: boolean }[];
}

export interface AuditEvent {
  id: number;
  event: string;
  created_at: number;
  actor: Person | null;
  user: Person | null;
  session_id: string | null;
  ip: string;
  details: Record<string, unknown>;
}

export interface Attention {
  kind: string;
  /** The server's own words, for kinds that this page does not know. */
  message: string;
  /** Absent where a server of an earlier version answers, while it is replaced. */
  details?: Record<string, string | number | null>;
  count: number;
  at: number | null;
  filter: Record<string, string>;
}

export interface Stats {
  from: number;
  to: number;
  bucket: number;
  times: number[];
  series: Record<string, number[]>;
  totals: Record<string, number>;
  active_sessions: number;
  /** The most at once in each bucket; null: not known. */
  active_sessions_series: (number | null)[];
  attention: Attention[];
}

export interface Key {
  kid: string | null;
  algorithm: string;
  state: 'next' | 'signing' | 'retired';
  created_at: number | null;
  signs_from: number | null;
}

export type Rotation = { rotated: true; key: Key } | { rotated: false; instruction: string };

export interface Setting {
  name: string;
  value: unknown;
  default: unknown;
  source: string;
  secret: boolean;
  doc: string;
}

export interface Finding {
  area: string;
  level: 'error' | 'warning';
  message: string;
  advice: string;
}

export interface Pagination {
  next: string | null;
  previous: string | null;
  limit: number;
  count?: number;
  users?: number;
}
