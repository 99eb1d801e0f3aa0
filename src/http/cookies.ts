import type { SerializeOptions } from 'cookie';

/** A cookie that the reply sets, or deletes. */
export interface ReplyCookie {
  name: string;
  /** `null` deletes the cookie of this name, domain and path. */
  value: string | null;
  attributes: CookieAttributes;
}

/** Attributes as settings have them: `null`, or `false`, leaves one out. */
export interface CookieAttributes {
  domain: string | null;
  path: string;
  /** `null`: if the request came over https. */
  secure: boolean | null;
  httpOnly: boolean;
  sameSite: 'lax' | 'strict' | 'none' | false;
  /** Seconds; `null`: until the browser is closed. */
  maxAge: number | null;
}

/** Makes the reply set this cookie; an earlier one of the same name is replaced. */
export function setCookie(progress: { cookies: readonly ReplyCookie[] }, cookie: ReplyCookie): void {
  progress.cookies = [...progress.cookies.filter(({ name }) => name !== cookie.name), cookie];
}

/** The attributes as the header `Set-Cookie` states them. */
export function serializedAttributes({ value, attributes }: ReplyCookie, isHttps: boolean): SerializeOptions {
  const { domain, path, secure, httpOnly, sameSite, maxAge } = attributes;
  return {
    ...(domain && { domain }),
    path,
    secure: secure ?? isHttps,
    httpOnly,
    sameSite,
    ...(value === null ? { maxAge: 0, expires: new Date(0) } : maxAge !== null && { maxAge }),
  };
}
