// All schema steps, in order.
import type { Migration } from '../migrate.ts';
import { initial } from './0001-initial.ts';
import { entryTerms } from './0002-entry-terms.ts';

export const migrations: readonly Migration[] = [initial, entryTerms];
