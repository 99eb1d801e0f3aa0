import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** An SMS that is ready to be sent. */
export interface SmsMessage {
  /** The same for each retry, so that a provider can recognize duplicates. */
  id: string;
  /** E.164, such as `+12025550123`. */
  to: string;
  text: string;
  /** BCP 47. */
  language: string;
  /** Unix seconds after which the code in it is void, so that it is no longer sent. */
  expiresAt: number;
}

/** What an SMS is composed from. */
export interface SmsTemplate {
  /** `code` or `account_already_exists`. */
  name: string;
  /** E.164; '' if there is no recipient. */
  to: string;
  language: string;
  /** `code`, `minutes`, `site`. */
  values: Readonly<Record<string, string>>;
}

/** Setting SMS_SENDER. */
export interface SmsSender extends Lifecycle {
  /**
   * Resolves once the SMS was accepted for delivery. If it throws, the server retries until the code is void; with a property `permanent`
   * on the error, it does not retry.
   */
  send(sms: SmsMessage): Promise<void>;
}

export const smsSender: PlugPoint<SmsSender> = {
  shape: 'SmsSender',
  kind: 'sms-sender',
  noun: 'an SMS sender',
  summary: 'sends SMS',
  methods: {
    send: 'required',
  },
};
