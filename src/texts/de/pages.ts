import type { PageTexts } from '../shape.ts';

export const pages: PageTexts = {
  verifyTitle: 'E-Mail-Adresse bestätigen',
  verifyAsk: 'Ist das Ihre Adresse?',
  verifyDo: 'Ja, bestätigen',
  verifyDone: 'Die Adresse ist bestätigt. Sie können diese Seite schließen.',
  resetTitle: 'Neues Passwort wählen',
  resetAsk: 'Geben Sie die Adresse Ihres Kontos ein. Eine Mail sagt Ihnen, wie es weitergeht.',
  resetRequested: 'Wenn es ein Konto mit dieser Adresse gibt, ist eine Mail unterwegs.',
  resetDo: 'Passwort setzen',
  resetDone: 'Das neue Passwort ist gesetzt. Sie können sich damit anmelden.',
  address: 'E-Mail-Adresse',
  code: 'Code',
  password: 'Neues Passwort',
  send: 'Mail schicken',
  invalid: 'Dieser Link gilt nicht mehr. Fordern Sie einen neuen an.',
  failed: 'Das hat nicht geklappt. Versuchen Sie es später noch einmal.',
  noScript: 'Diese Seite braucht JavaScript.',
};
