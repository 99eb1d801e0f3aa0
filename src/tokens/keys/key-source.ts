import type {
  KeyInfo,
  KeyRotation,
  KeyRotationOptions,
  KeyWithdrawal,
  KeyWithdrawalOptions,
} from '../../contracts/plug-points/signing-keys.ts';
import type { KeyRing } from './key-ring.ts';

/** Where the keys come from. */
export interface KeySource {
  /** The keys in force now. Hot. */
  ring(): KeyRing;
  /**
   * For a token that was refused: whether keys have come to the ring that it may be signed with, so that it has to be checked again.
   * @throws {DatabaseUnavailable} where that cannot be found out
   */
  refreshFor(token: string): Promise<boolean>;
  list(): readonly KeyInfo[];
  rotate(options: KeyRotationOptions): Promise<KeyRotation>;
  withdraw(options: KeyWithdrawalOptions): Promise<KeyWithdrawal>;
  close(): Promise<void>;
}
