import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { toWireErrors } from '../../src/http/input.ts';
import { fault, findFault, localize } from '../../src/texts/faults.ts';
import { chooseLanguage, LANGUAGES, TEXTS } from '../../src/texts/languages.ts';
import type { MessageId } from '../../src/texts/shape.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dig } from '../support/http.ts';
import { testServer } from '../support/server.ts';

const SRC = new URL('../../src/', import.meta.url);

/** Each message in English and German, with values in it. */
const MESSAGES: Readonly<Record<MessageId, readonly [english: string, german: string]>> = {
  required: ['This field is required.', 'Dieses Feld ist zwingend erforderlich.'],
  invalid: ['Enter a valid value.', 'Geben Sie einen gültigen Wert ein.'],
  'invalid.text': ['Enter a text.', 'Geben Sie einen Text ein.'],
  'invalid.unicode': ['Enter valid Unicode text.', 'Geben Sie gültigen Unicode-Text ein.'],
  'invalid.email': ['Enter a valid email address.', 'Geben Sie eine gültige E-Mail-Adresse ein.'],
  'invalid.email_again': ['You must type the same email each time.', 'Geben Sie beide Male dieselbe E-Mail-Adresse ein.'],
  'invalid.username': [
    'Enter a valid username: letters, numbers, and @/./+/-/_ characters only.',
    'Geben Sie einen gültigen Benutzernamen ein: nur Buchstaben, Ziffern und die Zeichen @ . + - _.',
  ],
  'invalid.member': ['There is no such parameter.', 'Diesen Parameter gibt es nicht.'],
  'invalid.too_many_members': ['There are more than 9 parameters.', 'Es sind mehr als 9 Parameter.'],
  'invalid.too_many': ['Select at most 9.', 'Wählen Sie höchstens 9 aus.'],
  null_characters_not_allowed: ['Null characters are not allowed.', 'Nullzeichen sind nicht erlaubt.'],
  max_length: ['Ensure this value has at most 9 characters (it has 12).', 'Höchstens 9 Zeichen sind erlaubt (es sind 12).'],
  'max_length.stored': ['This is too long to be kept.', 'Das ist zu lang, um gespeichert zu werden.'],
  min_length: ['Ensure this value has at least 7 characters (it has 12).', 'Mindestens 7 Zeichen sind nötig (es sind 12).'],
  invalid_choice: [
    'Select a valid choice. 3 is not one of the available choices.',
    'Wählen Sie einen gültigen Wert aus. 3 steht nicht zur Auswahl.',
  ],
  'invalid_choice.one': [
    'Select a valid choice. One of the values is not one of the available choices.',
    'Wählen Sie gültige Werte aus. Einer der Werte steht nicht zur Auswahl.',
  ],
  invalid_list: ['Enter a list of values.', 'Geben Sie eine Liste von Werten an.'],
  invalid_pk_value: ['One of the values is not a valid id.', 'Einer der Werte ist keine gültige Id.'],
  select_only_one: ['Please select only one.', 'Bitte geben Sie nur eines davon an.'],
  same_as_current: ['The new value must be different from the current one.', 'Der neue Wert muss sich vom bisherigen unterscheiden.'],
  invalid_json: ['The body is not valid JSON.', 'Der Inhalt ist kein gültiges JSON.'],
  'invalid_json.object': ['The body must be a JSON object.', 'Der Inhalt muss ein JSON-Objekt sein.'],
  'invalid_json.unicode': ['The body is not valid UTF-8.', 'Der Inhalt ist kein gültiges UTF-8.'],
  'invalid_json.depth': ['The body is nested too deeply.', 'Der Inhalt ist zu tief verschachtelt.'],
  'invalid.body': ['The body could not be read.', 'Der Inhalt konnte nicht gelesen werden.'],
  'invalid.body_size': ['The body has more than 5 bytes.', 'Der Inhalt hat mehr als 5 Bytes.'],
  'invalid.content_encoding': ['Content-Encoding br is not supported.', 'Content-Encoding br wird nicht unterstützt.'],
  'invalid.content_type': ['The Content-Type must be text/plain.', 'Der Content-Type muss text/plain sein.'],
  invalid_host: [
    'The Host header names no host of this server (setting ALLOWED_HOSTS).',
    'Der Host-Header nennt keinen Host dieses Servers (Einstellung ALLOWED_HOSTS).',
  ],
  'invalid_host.two': ['The request names two hosts.', 'Die Anfrage nennt zwei Hosts.'],
  'csrf_failed.origin': ['The origin is not trusted.', 'Die Herkunft der Anfrage (Origin) ist nicht vertrauenswürdig.'],
  'csrf_failed.referer': ['The referer is missing or not trusted.', 'Der Referer fehlt oder ist nicht vertrauenswürdig.'],
  'csrf_failed.cookie': ['The CSRF cookie is missing.', 'Das CSRF-Cookie fehlt.'],
  'csrf_failed.token': ['The CSRF token is missing or incorrect.', 'Das CSRF-Token fehlt oder ist falsch.'],
  invalid_login: ['Invalid login.', 'Ungültige Anmeldung.'],
  email_password_mismatch: [
    'The email address and/or password you specified are not correct.',
    'E-Mail-Adresse oder Passwort sind nicht richtig.',
  ],
  username_password_mismatch: [
    'The username and/or password you specified are not correct.',
    'Benutzername oder Passwort sind nicht richtig.',
  ],
  phone_password_mismatch: [
    'The phone number and/or password you specified are not correct.',
    'Telefonnummer oder Passwort sind nicht richtig.',
  ],
  incorrect_password: ['Incorrect password.', 'Falsches Passwort.'],
  incorrect_code: ['Incorrect code.', 'Falscher Code.'],
  too_many_login_attempts: [
    'Too many failed login attempts. Try again later.',
    'Zu viele fehlgeschlagene Anmeldungen. Versuchen Sie es später noch einmal.',
  ],
  captcha_failed: [
    'The check that you are no robot has failed. Please try again.',
    'Die Prüfung, dass Sie kein Roboter sind, ist fehlgeschlagen. Bitte versuchen Sie es noch einmal.',
  ],
  enter_current_password: ['Please type your current password.', 'Bitte geben Sie Ihr jetziges Passwort ein.'],
  password_too_short: [
    'This password is too short. It must contain at least 7 characters.',
    'Dieses Passwort ist zu kurz. Es muss mindestens 7 Zeichen haben.',
  ],
  'password_too_short.one': [
    'This password is too short. It must contain at least 1 character.',
    'Dieses Passwort ist zu kurz. Es muss mindestens 1 Zeichen haben.',
  ],
  password_too_common: ['This password is too common.', 'Dieses Passwort ist zu üblich.'],
  password_too_similar: ['The password is too similar to the first_name.', 'Das Passwort ist zu ähnlich: first_name.'],
  'password_too_similar.username': ['The password is too similar to the username.', 'Das Passwort ist dem Benutzernamen zu ähnlich.'],
  'password_too_similar.email': ['The password is too similar to the email address.', 'Das Passwort ist der E-Mail-Adresse zu ähnlich.'],
  password_entirely_numeric: ['This password is entirely numeric.', 'Dieses Passwort besteht nur aus Ziffern.'],
  password_breached: [
    'This password was found in a data breach. Please choose another one.',
    'Dieses Passwort wurde in einem Datenleck gefunden. Bitte wählen Sie ein anderes.',
  ],
  'unavailable.password_check': [
    'The password could not be checked. Try again later.',
    'Das Passwort konnte nicht geprüft werden. Versuchen Sie es später noch einmal.',
  ],
  email_taken: ['A user is already registered with this email address.', 'Mit dieser E-Mail-Adresse ist schon jemand registriert.'],
  username_taken: [
    'This username is already taken. Please choose another.',
    'Dieser Benutzername ist vergeben. Bitte wählen Sie einen anderen.',
  ],
  username_blacklisted: [
    'This username cannot be used. Please choose another one.',
    'Dieser Benutzername kann nicht verwendet werden. Bitte wählen Sie einen anderen.',
  ],
  unknown_email: ['The email address is not assigned to any user account.', 'Zu dieser E-Mail-Adresse gibt es kein Konto.'],
  'unknown_email.own': ['This is none of your email addresses.', 'Das ist keine Ihrer E-Mail-Adressen.'],
  duplicate_email: ['This email address is already associated with this account.', 'Diese E-Mail-Adresse gehört schon zu diesem Konto.'],
  max_email_addresses: ['You cannot add more than 9 email addresses.', 'Sie können nicht mehr als 9 E-Mail-Adressen haben.'],
  unverified_primary_email: ['Your primary email address must be verified.', 'Ihre Hauptadresse muss bestätigt sein.'],
  cannot_remove_primary_email: ['You cannot remove your primary email address.', 'Ihre Hauptadresse können Sie nicht entfernen.'],
  invalid_phone: [
    'Enter a phone number including country code (e.g. +1 for the US).',
    'Geben Sie eine Telefonnummer mit Ländervorwahl ein (z. B. +49 für Deutschland).',
  ],
  phone_taken: ['A user is already registered with this phone number.', 'Mit dieser Telefonnummer ist schon jemand registriert.'],
  unknown_phone: ['The phone number is not assigned to any user account.', 'Zu dieser Telefonnummer gibt es kein Konto.'],
  invalid_or_expired_key: ['Invalid or expired key.', 'Der Schlüssel ist ungültig oder abgelaufen.'],
  invalid_password_reset: ['The password reset token was invalid.', 'Der Schlüssel zum Zurücksetzen des Passworts ist ungültig.'],
  last_staff: [
    'There would be no staff user left. Make another one first.',
    'Danach gäbe es keinen Administrator mehr. Machen Sie zuerst jemand anderen dazu.',
  ],
  expected_differs: [
    'There are 4 sessions to revoke now. Nothing was revoked.',
    'Inzwischen wären 4 Sitzungen zu widerrufen. Es wurde keine widerrufen.',
  ],
  'required.ids': ['Give either ids or a filter.', 'Geben Sie entweder ids oder einen Filter an.'],
  'invalid.filter': ['Give either ids or a filter.', 'Geben Sie entweder ids oder einen Filter an.'],
  'required.expected': ['With a filter, expected is required.', 'Mit einem Filter muss expected angegeben sein.'],
  'invalid.expected': ['expected goes with a filter only.', 'expected ist nur zusammen mit einem Filter erlaubt.'],
  no_email: ['The user has no email address.', 'Der Benutzer hat keine E-Mail-Adresse.'],
  inactive: ['The user is not active.', 'Der Benutzer ist nicht aktiv.'],
  'invalid.cursor': ['This is no cursor of this list in this order.', 'Dieser Cursor gehört nicht zu dieser Liste in dieser Sortierung.'],
  'invalid.time': [
    'Enter a time: Unix seconds, or RFC 3339 such as 2030-01-31T12:00:00Z.',
    'Geben Sie eine Zeit an: Unix-Sekunden oder RFC 3339, zum Beispiel 2030-01-31T12:00:00Z.',
  ],
  'invalid.truth': ['Enter true or false.', 'Geben Sie true oder false an.'],
  'invalid.uuid': ['Enter a UUID.', 'Geben Sie eine UUID an.'],
  'invalid.ip': ['Enter an IP address.', 'Geben Sie eine IP-Adresse ein.'],
  'invalid.order': ['It must be before `to`.', 'Der Zeitpunkt muss vor `to` liegen.'],
  'invalid.future': ['It lies in the future.', 'Der Zeitpunkt liegt in der Zukunft.'],
  'invalid.buckets': [
    'At most 9 buckets at once: choose a larger one.',
    'Höchstens 9 Abschnitte auf einmal sind möglich: Wählen Sie einen größeren Abschnitt.',
  ],
};

/** A value for each name that a message has. */
const VALUES: Readonly<Record<string, string | number>> = {
  attribute: 'first_name',
  bytes: 5,
  count: 4,
  encoding: 'br',
  length: 12,
  max: 9,
  min: 7,
  type: 'text/plain',
  value: 3,
};

test('each message is worded in each language as its clients know it', () => {
  for (const [id, [english, german]] of Object.entries(MESSAGES)) {
    const unsent = { code: '', message: '', messageId: id, values: VALUES };
    assert.equal(localize([unsent], 'en')[0]?.message, english, id);
    assert.equal(localize([unsent], 'de')[0]?.message, german, id);
  }
});

test('an error is sent with the code of its message, and without what only the server needs', () => {
  const tooLong = { ...fault('max_length', { max: 254, length: 300 }), param: 'email' };
  assert.equal(tooLong.message, 'Ensure this value has at most 254 characters (it has 300).');
  assert.deepEqual(localize([tooLong, fault('invalid.email')], 'de'), [
    { code: 'max_length', message: 'Höchstens 254 Zeichen sind erlaubt (es sind 300).', param: 'email' },
    { code: 'invalid', message: 'Geben Sie eine gültige E-Mail-Adresse ein.' },
  ]);
});

test('the server has no error message outside of its texts', () => {
  const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(?!cli|client|guards|doctor|texts).*\.ts$/.test(name),
  );
  assert.ok(sources.length > 100);
  for (const name of sources) {
    assert.doesNotMatch(readFileSync(new URL(name, SRC), 'utf8'), /code: '(?!custom')[\w.]+',\s*message|\binvalid\([^()]*', ['`]/, name);
  }
});

test('a message of a plugin is sent as it is, in every language', () => {
  const own = { code: 'tenant', message: 'The tenant {name} is unknown.', param: 'tenant' };
  const knownCode = { code: 'invalid', message: 'This field is required.' };
  const foreignId = { code: 'x', message: 'As it is.', messageId: 'toString' };
  for (const language of LANGUAGES) {
    assert.deepEqual(localize([own, knownCode, foreignId], language), [own, knownCode, { code: 'x', message: 'As it is.' }]);
  }
  assert.equal(findFault('toString'), null);
});

test('a zod check may name a message by its id', () => {
  const { error } = z.object({ ip: z.string().regex(/^[\d.]+$/, 'invalid.ip') }).safeParse({ ip: 'x' });
  assert.ok(error);
  assert.deepEqual(localize(toWireErrors(error), 'de'), [{ code: 'invalid', message: 'Geben Sie eine IP-Adresse ein.', param: 'ip' }]);
});

test('the language is the best of those that the client accepts', () => {
  assert.equal(chooseLanguage(''), 'en');
  assert.equal(chooseLanguage('de-AT,de;q=0.9,en;q=0.5'), 'de');
  assert.equal(chooseLanguage('fr, en;q=0.4, de;q=0.6'), 'de');
  assert.equal(chooseLanguage('fr'), 'en');
  assert.equal(chooseLanguage('de;q=0, en'), 'en');
  assert.equal(chooseLanguage('x'.repeat(10_000)), 'en');
});

test('a German client gets German errors and mails', async (t) => {
  const server = await testServer(t, { ACCOUNT_SIGNUP_FIELDS: ['email*', 'username*', 'password1*'], ACCOUNT_USERNAME_MIN_LENGTH: 4 });
  const app = server.app();
  app.headers = { ...app.headers, 'Accept-Language': 'de' };
  const german = new Set(Object.values(TEXTS.de.errors));
  const bodies = [
    {},
    { email: 'nope', username: 'a b', password: 'short' },
    { email: newEmail(), username: 'abc', password: '1234567890123' },
    { email: newEmail(), username: 7, password: 'qwertyuiop' },
    { email: newEmail(), username: 'a\0bcd', password: 'abcdefabcdef-1' },
    { email: 'barbara@example.org', username: 'anna', password: 'Barbara-2' },
  ];
  const codes = new Set<string>();
  for (const body of bodies) {
    const { json } = await app.post('auth/signup', body);
    for (const error of (dig(json, 'errors') as { code: string; message: string }[] | undefined) ?? []) {
      codes.add(error.code);
      const unfilled = error.message.replace(/\d+/g, '7');
      assert.ok(
        [...german].some((text) => text.replace(/\{\w+\}|\d+/g, '7') === unfilled),
        error.message,
      );
    }
  }
  assert.ok(codes.size >= 8, [...codes].join());
  const email = newEmail();
  await app.signup(email, PASSWORD, { username: 'anna' });
  assert.match((await server.mail.wait(email)).subject, /Bitte bestätigen/);
});

test('errors that come before any endpoint are in the language of the client too', async (t) => {
  const server = await testServer(t, {});
  const fetchGerman = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(server.url + path, { ...init, headers: { 'Accept-Language': 'de', ...init.headers } });
    return dig(await response.json(), 'errors', 0, 'message');
  };
  const login = '/_allauth/browser/v1/auth/login';
  assert.equal(await fetchGerman(login, { method: 'POST' }), TEXTS.de.errors['csrf_failed.cookie']);
  const compressed = { method: 'POST', body: 'x', headers: { 'Content-Encoding': 'br' } };
  assert.equal(await fetchGerman('/_allauth/app/v1/auth/login', compressed), 'Content-Encoding br wird nicht unterstützt.');
});
