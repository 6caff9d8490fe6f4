import { Accounts } from './m0001-accounts.ts';
import { ReadModels } from './m0002-read-models.ts';
import { ExecutionFilters } from './m0006-execution-filters.ts';

/** In the order in which they run. A released one is never edited, renamed or moved. */
export const migrations = [
  { name: 'm0001-accounts', class: Accounts },
  { name: 'm0002-read-models', class: ReadModels },
  { name: 'm0006-execution-filters', class: ExecutionFilters },
];
