import { writeFileSync } from 'node:fs';
import { ADMIN_TYPES, CLIENT_TYPES } from './api-types.ts';
import { DOCUMENTS } from './documents.ts';

for (const [name, text] of Object.entries(DOCUMENTS)) writeFileSync(new URL(`../docs/${name}`, import.meta.url), text());
for (const types of [CLIENT_TYPES, ADMIN_TYPES]) writeFileSync(types.file, await types.write());
