import type {
  KeyInfo,
  KeyRotation,
  KeyRotationOptions,
  KeyWithdrawal,
  KeyWithdrawalOptions,
} from '../../contracts/plug-points/signing-keys.ts';
import type { KeyRing } from './key-ring.ts';

/** Provides the keys, and changes them. */
export interface KeySource {
  /** The current keys. Hot. */
  ring(): KeyRing;
  /**
   * For a token that was refused: whether the ring has new keys that may have signed it, so that it must be checked again.
   * @throws {DatabaseUnavailable} if the keys cannot be read
   */
  refreshFor(token: string): Promise<boolean>;
  list(): readonly KeyInfo[];
  rotate(options: KeyRotationOptions): Promise<KeyRotation>;
  withdraw(options: KeyWithdrawalOptions): Promise<KeyWithdrawal>;
  close(): Promise<void>;
}
