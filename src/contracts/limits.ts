/**
 * How long each part of a request may be. A length is checked before the value is trimmed, parsed, normalized, hashed, matched or copied,
 * so that no request costs more than its size. Node itself bounds the request line and the headers together (16 KiB).
 */
export const LIMITS = {
  /** Bytes of a body. */
  body: 256 * 1024,
  /** Characters of a text member of a body that has no narrower bound of its own: a password, a code, a token. */
  text: 4096,
  /** Characters of a user name that is looked up. Stored names have at most 150; other spellings of the same name may be longer. */
  usernameLookup: 600,
  /** Characters of a parameter of the path; longer than any id. */
  pathParameter: 200,
  /** Parameters of a query that is read, or fields of a form, the CSRF token among them. */
  fields: 100,
  /** Members of a body that are named one by one when none of them is known. */
  namedMembers: 20,
  /** Characters of a user agent; longer ones are cut. */
  userAgent: 512,
} as const;
