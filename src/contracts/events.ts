/**
 * All events of the audit log: type → when it is written, and the usual members of `details`. `EventType` and docs/audit-log.md are
 * generated from it.
 */
export const EVENTS = {
  signup: { doc: 'A user signed up.', details: ['client'] },
  signup_hidden: { doc: 'A signup with an address or number that is taken; the client is not told.', details: ['client'] },
  login: { doc: 'A login was completed.', details: ['client', 'signup'] },
  login_failed: {
    doc: 'A login was refused. With `count`: so many guesses at one account were refused by the limit, in one window.',
    details: ['why', 'client', 'count'],
  },
  logout: { doc: 'A user ended their own session by logging out.', details: [] },
  reauthenticated: { doc: 'A user proved their identity again in a session.', details: [] },
  session_revoked: {
    doc: 'A session was ended by its user, an admin, the command line or a service.',
    details: ['reason', 'by', 'sessions'],
  },
  refresh_token_reused: { doc: 'A refresh token that was used before was sent again; its session was ended.', details: ['jti'] },
  password_changed: { doc: 'A password was changed or set.', details: ['by'] },
  password_reset: { doc: 'A password was reset by link or code.', details: ['by'] },
  password_reset_sent: { doc: 'An admin had a password reset sent.', details: [] },
  email_added: { doc: 'An address was added to an account.', details: ['email'] },
  email_verified: { doc: 'An address was verified.', details: ['email', 'primary'] },
  email_changed: { doc: 'The primary address of an account was changed.', details: ['email', 'from'] },
  email_removed: { doc: 'An address was removed from an account.', details: ['email'] },
  account_reclaimed: {
    doc: 'The owner of an unverified primary address opened the account for the first time; what was set before was voided.',
    details: ['email', 'by', 'voided', 'phone'],
  },
  phone_verified: { doc: 'A phone number was verified.', details: ['phone'] },
  phone_changed: { doc: 'A phone number was changed.', details: ['phone'] },
  user_created: { doc: 'An admin or the command line created a user.', details: ['staff'] },
  user_invited: { doc: 'An admin or the command line invited a user.', details: [] },
  user_updated: { doc: 'A user was activated, deactivated, or made staff or not.', details: ['is_active'] },
  key_rotated: {
    doc: 'A new signing key was made, or a waiting one was told to sign at once.',
    details: ['kid', 'algorithm', 'signs_from'],
  },
  key_withdrawn: { doc: 'A signing key was withdrawn.', details: ['kid', 'name', 'algorithm'] },
  settings_loaded: {
    doc: 'The server started with other settings than before: the names and values that are not defaults; of secrets only the names.',
    details: ['settings', 'secrets', 'production'],
  },
  audit_exported: { doc: 'An admin exported the audit log.', details: ['format', 'filter'] },
  mails_retried: { doc: 'An admin had failed mails tried again.', details: ['mails'] },
  account_exported: { doc: 'A user exported the data of their account.', details: [] },
  account_deleted: { doc: 'A user deleted their account.', details: ['staff'] },
} as const satisfies Record<string, { doc: string; details: readonly string[] }>;

export type EventType = keyof typeof EVENTS;
