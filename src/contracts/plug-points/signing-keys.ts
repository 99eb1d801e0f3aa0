import type { RequestOrigin } from './request.ts';

/** A key, without anything of its private half. */
export interface KeyInfo {
  /** RFC 7638 thumbprint; `null` for a secret of HS*. */
  kid: string | null;
  /** What a secret of HS* that the server keeps is called by, in the place of a `kid`. */
  name?: string;
  algorithm: string;
  /** `next`: published, and to sign soon; `retired`: verifies until the last token that it signed has expired. */
  state: 'next' | 'signing' | 'retired';
  /** Unix seconds; `null` where it is not known. */
  createdAt: number | null;
  /** Unix seconds, 0 where it is not known; absent where the settings tell which key signs. */
  signsFrom?: number;
  /** Unix seconds; `null` while no key is to follow; absent as `signsFrom` is. */
  verifiesUntil?: number | null;
}

export interface KeyRotationOptions {
  /**
   * Lets the new key sign at once, before those who verify have seen it: they refuse its tokens until they fetch the key set again.
   * Where a key waits already, that one. Default: it is published first.
   */
  immediately?: boolean;
  /** Who wants it, for the audit log; a request fits. Default: the server itself. */
  origin?: RequestOrigin & { readonly user: { readonly id: string } | null; readonly session: { readonly sid: string } | null };
}

/** What came of a rotation; where there was none, why, or what the owner of the keys has to do. */
export type KeyRotation = { rotated: true; key: KeyInfo } | { rotated: false; instruction: string };

export interface KeyWithdrawalOptions extends Pick<KeyRotationOptions, 'origin'> {
  /** The `kid` of the key, or the `name` of one that has none. */
  kid: string;
}

/** `signing`: the key that signs now. Where nothing was withdrawn, why, or what the owner of the keys has to do. */
export type KeyWithdrawal = { withdrawn: true; signing: KeyInfo } | { withdrawn: false; instruction: string };

/** A public JSON Web Key. */
export interface PublicKey {
  kty: string;
  kid: string;
  alg: string;
  use: 'sig';
  [member: string]: unknown;
}
