import { Accounts } from './m0001-accounts.ts';
import { ReadModels } from './m0002-read-models.ts';
import { Credentials } from './m0005-credentials.ts';

/** In the order in which they run. A released one is never edited, renamed or moved. */
export const migrations = [
  { name: 'm0001-accounts', class: Accounts },
  { name: 'm0002-read-models', class: ReadModels },
  { name: 'm0005-credentials', class: Credentials },
];
