import type { MailText, MailName, MailLayout, SmsName } from '../shape.ts';

/** `{name}` stands for a value. */
export const mails: Readonly<Record<MailName, MailText>> = {
  email_confirmation: {
    subject: 'Please confirm your email address',
    before: ['Hello,', 'someone entered {email} as an email address at {site}. If it was you, please confirm it:'],
    action: 'Confirm the address',
    after: ['The link is good for {days} days. If it was not you, you need do nothing: without it the address stays unconfirmed.'],
  },
  email_confirmation_code: {
    subject: 'Your confirmation code',
    before: ['Hello,', 'this code confirms the email address {email} at {site}:'],
    after: ['It is good for {minutes} minutes. If you did not ask for it, you need do nothing. Never tell it to anybody.'],
  },
  password_reset_key: {
    subject: 'Reset your password',
    before: ['Hello {username},', 'someone requested a new password for your account at {site}. If it was you, choose one here:'],
    action: 'Choose a new password',
    after: ['If it was not you, you need do nothing: your password stays as it is.'],
  },
  password_reset_code: {
    subject: 'Your code for a new password',
    before: ['Hello {username},', 'this code lets you choose a new password for your account at {site}:'],
    after: ['It is good for {minutes} minutes. If you did not ask for it, you need do nothing. Never tell it to anybody.'],
  },
  password_reset_by_admin: {
    subject: 'Choose a new password',
    before: ['Hello {username},', 'an administrator of {site} sends you this link, with which you choose a new password for your account:'],
    action: 'Choose a new password',
    after: ['The link is good for {days} days. Until you use it your password stays as it is.'],
  },
  invitation: {
    subject: 'You have an account at {site}',
    before: [
      'Hello,',
      'an administrator of {site} made an account for you, with the address {email} and the user name {username}. To use it, choose a password:',
    ],
    action: 'Choose a password',
    after: [
      'The link is good for {days} days. If you did not expect this, you can ignore this mail: without a password, the account cannot be used.',
    ],
  },
  unknown_account: {
    subject: 'There is no account with this address',
    before: [
      'Hello,',
      'someone, probably you, requested access to an account at {site} with the address {email}. No account has this address; perhaps you signed up with another one.',
    ],
    lead: 'You can sign up here:',
    action: 'Sign up',
    after: ['If it was not you, you need do nothing.'],
  },
  account_already_exists: {
    subject: 'You have an account already',
    before: [
      'Hello,',
      'someone, probably you, tried to sign up at {site} with the address {email}. An account with this address already exists.',
      'If you have forgotten its password, choose a new one here:',
    ],
    action: 'Reset the password',
    after: ['If it was not you, you need do nothing.'],
  },
  login_code: {
    subject: 'Your login code',
    before: ['Hello {username},', 'this code logs you in at {site}:'],
    after: ['It is good for {minutes} minutes. If you did not ask for it, you need do nothing. Never tell it to anybody.'],
  },
  password_changed: {
    subject: 'Your password was changed',
    before: ['Hello {username},', 'the password of your account at {site} was changed.'],
    after: ['If it was not you, reset your password at once.'],
  },
  password_set: {
    subject: 'A password was set',
    before: ['Hello {username},', 'your account at {site} got a password.'],
    after: ['If it was not you, reset your password at once.'],
  },
  password_reset: {
    subject: 'Your password was reset',
    before: ['Hello {username},', 'the password of your account at {site} was reset.'],
    after: ['If it was not you, reset your password at once, and look after your mailbox.'],
  },
  email_added: {
    subject: 'An email address was added',
    before: ['Hello {username},', 'the address {email} was added to your account at {site}.'],
    after: ['If it was not you, change your password at once.'],
  },
  email_confirmed: {
    subject: 'An email address was confirmed',
    before: ['Hello {username},', 'the address {email} of your account at {site} was confirmed.'],
    after: ['If it was not you, change your password at once.'],
  },
  email_changed: {
    subject: 'Your email address was changed',
    before: ['Hello {username},', 'the address of your account at {site} was changed from {from} to {email}.'],
    after: ['If it was not you, change your password at once.'],
  },
  email_deleted: {
    subject: 'An email address was removed',
    before: ['Hello {username},', 'the address {email} was removed from your account at {site}.'],
    after: ['If it was not you, change your password at once.'],
  },
  account_deleted: {
    subject: 'Your account was deleted',
    before: ['Hello {username},', 'your account at {site} was deleted.'],
    after: ['If it was not you, contact the operators of {site} immediately.'],
  },
  account_reclaimed: {
    subject: 'Your account was secured',
    before: [
      'Hello {username},',
      'you have proved that {email} is your address. Your account at {site} was set up before that, possibly by someone else.',
      'What was set up before was removed: the old password, all other sessions, and any other email addresses and phone numbers.',
    ],
    after: ['Add your other addresses and your phone number again if you need them.'],
  },
};

/** `{name}` stands for a value. Short: longer than 160 characters costs twice. */
export const sms: Readonly<Record<SmsName, string>> = {
  code: '{code} is your code for {site}. It is valid for {minutes} minutes. Do not share it with anyone.',
  account_already_exists: 'There is an account at {site} with this phone number already. Please log in.',
};

export const layout: MailLayout = {
  origin: 'Where this came from:',
  ip: 'IP address',
  userAgent: 'Browser',
  time: 'Time',
  unknown: 'not known',
  link: 'If the button does not work, open this link:',
  foot: 'This mail was sent by {site}. Please do not answer it.',
};
