export { BoundedWork, type Bounds } from './bounded-work.ts';
export { ProcessEndedError, runInProcess, type ProcessBounds } from './run-in-process.ts';
