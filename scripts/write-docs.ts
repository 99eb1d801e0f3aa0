import { writeFileSync } from 'node:fs';
import { CLIENT_TYPES, clientTypes } from './client-types.ts';
import { DOCUMENTS } from './documents.ts';

for (const [name, text] of Object.entries(DOCUMENTS)) writeFileSync(new URL(`../docs/${name}`, import.meta.url), text());
writeFileSync(CLIENT_TYPES, await clientTypes());
