import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { STREAM_NOT_FOUND } from '../error-codes.ts';
import { until } from './until.ts';

const WITHIN_MS = 30_000;

/** Gone, whether it was there or not. What a busy NATS does not answer is asked again: else the stream stays as it is. */
export function deleteStream(manager: JetStreamManager, name: string): Promise<void> {
  const isGone = (): Promise<boolean> => manager.streams.delete(name).catch(isNotFound);
  return until(`${name} is gone`, isGone, WITHIN_MS);
}

function isNotFound(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}
