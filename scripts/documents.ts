import { auditLogDocument } from './audit-log-document.ts';
import { plugPointsDocument } from './plug-points-document.ts';
import { settingsDocument } from './settings-document.ts';

/** The generated pages of docs/, by file name. */
export const DOCUMENTS: Readonly<Record<string, () => string>> = {
  'audit-log.md': auditLogDocument,
  'plug-points.md': plugPointsDocument,
  'settings.md': settingsDocument,
};
