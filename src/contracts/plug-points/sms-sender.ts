import type { PlugPoint } from './plug-point.ts';
import type { Lifecycle } from './lifecycle.ts';

/** An SMS that is ready to go. */
export interface SmsMessage {
  /** Stays the same when sending is tried again, so that a provider can tell a repetition. */
  id: string;
  /** E.164, such as `+12025550123`. */
  to: string;
  text: string;
  /** BCP 47. */
  language: string;
  /** Unix seconds after which the code in it is void: it is not sent any more. */
  expiresAt: number;
}

/** What an SMS is made from. */
export interface SmsTemplate {
  /** `code` or `account_already_exists`. */
  name: string;
  /** E.164; '' for nobody. */
  to: string;
  language: string;
  /** `code`, `minutes`, `site`. */
  values: Readonly<Record<string, string>>;
}

/** Setting SMS_SENDER. */
export interface SmsSender extends Lifecycle {
  /** Resolves once the SMS is handed over for good. What it throws makes the server try again until the code in it is void; with a member `permanent`, never. */
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
