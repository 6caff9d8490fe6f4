import type { ReadMail } from './types.ts';

/** A message on its way into a thread, its bytes moved, not copied; answered by what was read. */
export type ThreadRequest = Uint8Array<ArrayBuffer>;
export type ThreadAnswer = ReadMail;
