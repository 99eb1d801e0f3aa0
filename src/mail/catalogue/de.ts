import type { Catalogue } from './shape.ts';

/** Deutsch. */
export const de: Catalogue = {
  mails: {
    email_confirmation: {
      subject: 'Bitte bestätigen Sie Ihre E-Mail-Adresse',
      before: ['Guten Tag,', 'jemand hat bei {site} die E-Mail-Adresse {email} angegeben. Wenn Sie es waren, bestätigen Sie sie bitte:'],
      action: 'Adresse bestätigen',
      after: [
        'Der Link gilt {days} Tage. Wenn Sie es nicht waren, brauchen Sie nichts zu tun: ohne Bestätigung bleibt die Adresse unbestätigt.',
      ],
    },
    email_confirmation_code: {
      subject: 'Ihr Bestätigungscode',
      before: ['Guten Tag,', 'dieser Code bestätigt die E-Mail-Adresse {email} bei {site}:'],
      after: [
        'Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.',
      ],
    },
    password_reset_key: {
      subject: 'Passwort zurücksetzen',
      before: [
        'Guten Tag {username},',
        'jemand hat für Ihr Konto bei {site} ein neues Passwort angefordert. Wenn Sie es waren, wählen Sie es hier:',
      ],
      action: 'Neues Passwort wählen',
      after: ['Wenn Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.'],
    },
    password_reset_code: {
      subject: 'Ihr Code für ein neues Passwort',
      before: ['Guten Tag {username},', 'mit diesem Code wählen Sie ein neues Passwort für Ihr Konto bei {site}:'],
      after: [
        'Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.',
      ],
    },
    unknown_account: {
      subject: 'Zu dieser Adresse gibt es kein Konto',
      before: [
        'Guten Tag,',
        'jemand, wahrscheinlich Sie, wollte bei {site} auf ein Konto mit der Adresse {email} zugreifen. Kein Konto hat diese Adresse; vielleicht haben Sie sich mit einer anderen angemeldet.',
        'Hier können Sie ein Konto anlegen:',
      ],
      action: 'Konto anlegen',
      after: ['Wenn Sie es nicht waren, brauchen Sie nichts zu tun.'],
    },
    account_already_exists: {
      subject: 'Sie haben schon ein Konto',
      before: [
        'Guten Tag,',
        'jemand, wahrscheinlich Sie, wollte bei {site} ein Konto mit der Adresse {email} anlegen. Zu dieser Adresse gibt es schon eines.',
        'Wenn Sie das Passwort vergessen haben, wählen Sie hier ein neues:',
      ],
      action: 'Passwort zurücksetzen',
      after: ['Wenn Sie es nicht waren, brauchen Sie nichts zu tun.'],
    },
    login_code: {
      subject: 'Ihr Anmeldecode',
      before: ['Guten Tag {username},', 'mit diesem Code melden Sie sich bei {site} an:'],
      after: [
        'Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.',
      ],
    },
    password_changed: {
      subject: 'Ihr Passwort wurde geändert',
      before: ['Guten Tag {username},', 'das Passwort Ihres Kontos bei {site} wurde geändert.'],
      after: ['Wenn Sie es nicht waren, setzen Sie Ihr Passwort sofort zurück.'],
    },
    password_set: {
      subject: 'Ein Passwort wurde gesetzt',
      before: ['Guten Tag {username},', 'Ihr Konto bei {site} hat ein Passwort bekommen.'],
      after: ['Wenn Sie es nicht waren, setzen Sie Ihr Passwort sofort zurück.'],
    },
    password_reset: {
      subject: 'Ihr Passwort wurde zurückgesetzt',
      before: ['Guten Tag {username},', 'das Passwort Ihres Kontos bei {site} wurde zurückgesetzt.'],
      after: ['Wenn Sie es nicht waren, setzen Sie Ihr Passwort sofort zurück, und prüfen Sie Ihr Postfach.'],
    },
    email_added: {
      subject: 'Eine E-Mail-Adresse wurde hinzugefügt',
      before: ['Guten Tag {username},', 'zu Ihrem Konto bei {site} kam die Adresse {email} hinzu.'],
      after: ['Wenn Sie es nicht waren, ändern Sie sofort Ihr Passwort.'],
    },
    email_confirmed: {
      subject: 'Eine E-Mail-Adresse wurde bestätigt',
      before: ['Guten Tag {username},', 'die Adresse {email} Ihres Kontos bei {site} wurde bestätigt.'],
      after: ['Wenn Sie es nicht waren, ändern Sie sofort Ihr Passwort.'],
    },
    email_changed: {
      subject: 'Ihre E-Mail-Adresse wurde geändert',
      before: ['Guten Tag {username},', 'die Adresse Ihres Kontos bei {site} wurde von {from} in {email} geändert.'],
      after: ['Wenn Sie es nicht waren, ändern Sie sofort Ihr Passwort.'],
    },
    email_deleted: {
      subject: 'Eine E-Mail-Adresse wurde entfernt',
      before: ['Guten Tag {username},', 'die Adresse {email} wurde aus Ihrem Konto bei {site} entfernt.'],
      after: ['Wenn Sie es nicht waren, ändern Sie sofort Ihr Passwort.'],
    },
  },
  layout: {
    origin: 'Woher das kam:',
    ip: 'IP-Adresse',
    userAgent: 'Browser',
    time: 'Zeit',
    unknown: 'nicht bekannt',
    link: 'Wenn der Knopf nicht geht, öffnen Sie diesen Link:',
    foot: 'Diese Mail kommt von {site}. Bitte antworten Sie nicht darauf.',
  },
  errors: {
    required: 'Dieses Feld ist zwingend erforderlich.',
    text: 'Geben Sie einen Text ein.',
    unicode: 'Geben Sie gültigen Unicode-Text ein.',
    null: 'Nullzeichen sind nicht erlaubt.',
    maxLength: 'Höchstens {n} Zeichen sind erlaubt (es sind {n}).',
    minLength: 'Mindestens {n} Zeichen sind nötig (es sind {n}).',
    email: 'Geben Sie eine gültige E-Mail-Adresse ein.',
    emailTwice: 'Geben Sie beide Male dieselbe E-Mail-Adresse ein.',
    username: 'Geben Sie einen gültigen Benutzernamen ein: nur Buchstaben, Ziffern und die Zeichen @ . + - _.',
    usernameBlacklisted: 'Dieser Benutzername kann nicht verwendet werden. Bitte wählen Sie einen anderen.',
    usernameTaken: 'Dieser Benutzername ist vergeben. Bitte wählen Sie einen anderen.',
    emailTaken: 'Mit dieser E-Mail-Adresse ist schon jemand registriert.',
    invalidLogin: 'Ungültige Anmeldung.',
    emailMismatch: 'E-Mail-Adresse oder Passwort sind nicht richtig.',
    usernameMismatch: 'Benutzername oder Passwort sind nicht richtig.',
    incorrectPassword: 'Falsches Passwort.',
    currentPassword: 'Bitte geben Sie Ihr jetziges Passwort ein.',
    passwordShort: 'Dieses Passwort ist zu kurz. Es muss mindestens {n} Zeichen haben.',
    passwordCommon: 'Dieses Passwort ist zu üblich.',
    passwordSimilar: 'Das Passwort ist zu ähnlich: {text}.',
    passwordNumeric: 'Dieses Passwort besteht nur aus Ziffern.',
    list: 'Geben Sie eine Liste von Werten an.',
    listItem: 'Einer der Werte ist keine gültige Id.',
    json: 'Der Inhalt ist kein gültiges JSON.',
    object: 'Der Inhalt muss ein JSON-Objekt sein.',
    incorrectCode: 'Falscher Code.',
    invalidKey: 'Der Schlüssel ist ungültig oder abgelaufen.',
    invalidReset: 'Der Schlüssel zum Zurücksetzen des Passworts ist ungültig.',
    unknownEmail: 'Zu dieser E-Mail-Adresse gibt es kein Konto.',
    unknownAccount: 'Das ist keine Ihrer E-Mail-Adressen.',
    duplicateEmail: 'Diese E-Mail-Adresse gehört schon zu diesem Konto.',
    mostEmails: 'Sie können nicht mehr als {n} E-Mail-Adressen haben.',
    unverifiedPrimary: 'Ihre Hauptadresse muss bestätigt sein.',
    removePrimary: 'Ihre Hauptadresse können Sie nicht entfernen.',
    tooManyLogins: 'Zu viele fehlgeschlagene Anmeldungen. Versuchen Sie es später noch einmal.',
  },
};
