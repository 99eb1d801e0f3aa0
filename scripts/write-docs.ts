import { writeFileSync } from 'node:fs';
import { CLIENT_TYPES, clientTypes } from './client-types.ts';
import { settingsDocument } from './settings-document.ts';

writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsDocument());
writeFileSync(CLIENT_TYPES, await clientTypes());
