import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';
import type { Report } from './report.ts';
