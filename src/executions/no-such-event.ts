import { MillraceError } from '#libs/kernel';

/** A history has so many events, and not the one that was asked for. */
export function noSuchEvent(events: number, version: number): MillraceError {
  const message = `the execution has had ${events} events so far, and there is no ${version}`;
  return new MillraceError('notFound', 'EXECUTION_VERSION_NOT_FOUND', message);
}
