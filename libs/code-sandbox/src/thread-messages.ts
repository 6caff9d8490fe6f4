import type { CodeFailure, CodeLimit } from './errors.ts';
import type { CodeLimits } from './limits.ts';

/** What a thread is started with. */
export interface EngineLimits extends CodeLimits {
  /** Lists and objects inside one another in a result. */
  readonly depth: number;
}

/** A run on its way into a thread: all texts, which cross faster than values. */
export interface ThreadRequest {
  readonly code: string;
  readonly inputJson: string;
  readonly seed: string;
  readonly nowMs: number;
}

export type ThreadAnswer =
  | { readonly kind: 'done'; readonly json: string }
  | { readonly kind: 'failed'; readonly failure: CodeFailure }
  | { readonly kind: 'limit'; readonly limit: CodeLimit };

/** What a thread says once, when it can take runs; then an answer to each request. */
export const THREAD_READY = 'ready';
export type ThreadMessage = typeof THREAD_READY | ThreadAnswer;
