// How Millrace is run: the flags of `npm start`, for whatever else starts a process of it. The bound on the heap makes V8
// collect sooner: half the resident memory at the same rate (docs/performance.md).
import { readFileSync } from 'node:fs';

const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
export const NODE_FLAGS = scripts.start.split(' ').filter((word) => word.startsWith('--'));
