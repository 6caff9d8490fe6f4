import type { ReadMail } from './types.ts';

/** A message on its way to the process that reads, answered by what was read. */
export interface ReadingRequest {
  readonly raw: Uint8Array;
}
export interface ReadingAnswer {
  readonly mail: ReadMail;
}
