import { writeFileSync } from 'node:fs';
import { ADMIN_TYPES, CLIENT_TYPES } from './api-types.ts';
import { settingsDocument } from './settings-document.ts';

writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsDocument());
for (const types of [CLIENT_TYPES, ADMIN_TYPES]) writeFileSync(types.file, await types.write());
