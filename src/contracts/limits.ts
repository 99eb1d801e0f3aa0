/**
 * The maximum length of each part of a request. A length is checked before the value is trimmed, parsed, normalized, hashed, matched or
 * copied, so that the cost of a request is bounded by its size. Node itself limits the request line and the headers together (16 KiB).
 */
export const LIMITS = {
  /** Bytes of a body. */
  body: 256 * 1024,
  /** Characters of a text member of a body without a lower limit of its own: a password, a code, a token. */
  text: 4096,
  /** Characters of a username to look up. Stored names have at most 150, but other spellings of the same name may be longer. */
  usernameLookup: 600,
  /** Characters of a path parameter; longer than any id. */
  pathParameter: 200,
  /** The number of parameters in a query, or of fields in a form, including the CSRF token. */
  fields: 100,
  /** The number of unknown members of a body that the error names. */
  namedMembers: 20,
  /** Characters of a user agent; longer ones are cut. */
  userAgent: 512,
} as const;
