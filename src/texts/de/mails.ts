import type { MailText, MailName, MailLayout, SmsName } from '../shape.ts';

/** `{name}` stands for a value. */
export const mails: Readonly<Record<MailName, MailText>> = {
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
    after: ['Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.'],
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
    after: ['Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.'],
  },
  password_reset_by_admin: {
    subject: 'Neues Passwort wählen',
    before: [
      'Guten Tag {username},',
      'die Verwaltung von {site} schickt Ihnen diesen Link, mit dem Sie ein neues Passwort für Ihr Konto wählen:',
    ],
    action: 'Neues Passwort wählen',
    after: ['Der Link gilt {days} Tage. Bis Sie ihn benutzen, bleibt Ihr Passwort, wie es ist.'],
  },
  invitation: {
    subject: 'Sie haben ein Konto bei {site}',
    before: [
      'Guten Tag,',
      'die Verwaltung von {site} hat für Sie ein Konto mit der Adresse {email} und dem Benutzernamen {username} angelegt. Um es zu benutzen, wählen Sie ein Passwort:',
    ],
    action: 'Passwort wählen',
    after: [
      'Der Link gilt {days} Tage. Wenn Sie nichts dergleichen erwartet haben, brauchen Sie nichts zu tun: ohne Passwort kann es niemand benutzen.',
    ],
  },
  unknown_account: {
    subject: 'Zu dieser Adresse gibt es kein Konto',
    before: [
      'Guten Tag,',
      'jemand, wahrscheinlich Sie, wollte bei {site} auf ein Konto mit der Adresse {email} zugreifen. Kein Konto hat diese Adresse; vielleicht haben Sie sich mit einer anderen angemeldet.',
    ],
    lead: 'Hier können Sie ein Konto anlegen:',
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
    after: ['Er gilt {minutes} Minuten. Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun. Verraten Sie ihn niemandem.'],
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
  account_deleted: {
    subject: 'Ihr Konto wurde gelöscht',
    before: ['Guten Tag {username},', 'Ihr Konto bei {site} wurde gelöscht.'],
    after: ['Wenn Sie es nicht waren, wenden Sie sich sofort an die Verwaltung von {site}.'],
  },
  account_reclaimed: {
    subject: 'Ihr Konto wurde gesichert',
    before: [
      'Guten Tag {username},',
      'Sie haben nachgewiesen, dass {email} Ihre Adresse ist. Ihr Konto bei {site} wurde vorher eingerichtet, möglicherweise von jemand anderem.',
      'Was vorher eingerichtet war, wurde entfernt: das alte Passwort, alle anderen Sitzungen und weitere E-Mail-Adressen und Telefonnummern.',
    ],
    after: ['Fügen Sie weitere Adressen und Ihre Telefonnummer wieder hinzu, wenn Sie sie brauchen.'],
  },
};

/** `{name}` stands for a value. Short: longer than 160 characters costs twice. */
export const sms: Readonly<Record<SmsName, string>> = {
  code: '{code} ist Ihr Code für {site}. Er gilt {minutes} Minuten. Geben Sie ihn niemandem.',
  account_already_exists: 'Zu dieser Telefonnummer gibt es bei {site} schon ein Konto. Bitte melden Sie sich an.',
};

export const layout: MailLayout = {
  origin: 'Woher das kam:',
  ip: 'IP-Adresse',
  userAgent: 'Browser',
  time: 'Zeit',
  unknown: 'nicht bekannt',
  link: 'Wenn der Knopf nicht geht, öffnen Sie diesen Link:',
  foot: 'Diese Mail kommt von {site}. Bitte antworten Sie nicht darauf.',
};
