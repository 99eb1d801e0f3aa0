import type { RequestOrigin } from './request.ts';

/** A key, without its private half. */
export interface KeyInfo {
  /** RFC 7638 thumbprint; `null` for a secret of HS*. */
  kid: string | null;
  /** The name of an HS* secret that the server stores; it takes the place of a `kid`. */
  name?: string;
  algorithm: string;
  /** `next`: published, but does not sign yet; `retired`: verifies until the last token that it signed has expired. */
  state: 'next' | 'signing' | 'retired';
  /** Unix seconds; `null` if unknown. */
  createdAt: number | null;
  /** Unix seconds, 0 if unknown; absent if the settings determine which key signs. */
  signsFrom?: number;
  /** Unix seconds; `null` if no successor is scheduled; absent under the same condition as `signsFrom`. */
  verifiesUntil?: number | null;
}

export interface KeyRotationOptions {
  /**
   * Makes the new key sign at once, before verifiers have fetched it: they reject its tokens until they fetch the key set again. If a key
   * is already waiting, that one signs. Default: the key is published first.
   */
  immediately?: boolean;
  /** Who requested it, for the audit log; a request can be passed. Default: the server itself. */
  origin?: RequestOrigin & { readonly user: { readonly id: string } | null; readonly session: { readonly sid: string } | null };
}

/** The result of a rotation. If there was none, says why, or what the owner of the keys has to do. */
export type KeyRotation = { rotated: true; key: KeyInfo } | { rotated: false; instruction: string };

export interface KeyWithdrawalOptions extends Pick<KeyRotationOptions, 'origin'> {
  /** The `kid` of the key, or its `name` if it has no `kid`. */
  kid: string;
}

/** `signing`: the key that signs now. If nothing was withdrawn, says why, or what the owner of the keys has to do. */
export type KeyWithdrawal = { withdrawn: true; signing: KeyInfo } | { withdrawn: false; instruction: string };

/** A public JSON Web Key. */
export interface PublicKey {
  kty: string;
  kid: string;
  alg: string;
  use: 'sig';
  [member: string]: unknown;
}
