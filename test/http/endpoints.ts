/** Every endpoint that takes input, with the members that it knows. */
export const INPUTS: readonly { method: string; path: string; members: readonly string[]; forUsers: boolean }[] = [
  { method: 'POST', path: 'auth/signup', members: ['email', 'email2', 'username', 'password'], forUsers: false },
  { method: 'POST', path: 'auth/login', members: ['email', 'username', 'password'], forUsers: false },
  { method: 'POST', path: 'auth/reauthenticate', members: ['password'], forUsers: true },
  { method: 'POST', path: 'account/password/change', members: ['current_password', 'new_password'], forUsers: true },
  { method: 'DELETE', path: 'auth/sessions', members: ['sessions'], forUsers: true },
  { method: 'POST', path: 'tokens/refresh', members: ['refresh_token'], forUsers: false },
];

/** What no answer may hold: stack traces, and names of what is inside. */
export const INSIDES = /node_modules|\.ts:\d|at async |SQLITE|sqlite|postgres|knex|zod|Error:|nonoptional|undefined|\[object |prototype/i;
