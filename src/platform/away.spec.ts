import { errors } from '@nats-io/nats-core';
import { LogUnavailableError } from '#libs/event-sourcing';
import { InvariantError, MillraceError } from '#libs/kernel';
import { isAway } from './away.ts';

describe('what work is tried again for, for ever', () => {
  it.each<[string, unknown]>([
    ['the log is away', new LogUnavailableError('no connection')],
    ['too many at once', new MillraceError('tooManyRequests', 'BUSY', 'later')],
    ['NATS does not answer', new errors.TimeoutError()],
    ['the network refuses', Object.assign(new Error('connect ECONNREFUSED'), { syscall: 'connect' })],
    ['one of these is the cause', new Error('not read', { cause: new LogUnavailableError('no connection') })],
  ])('%s', (_, error) => {
    expect(isAway(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a broken invariant', new InvariantError('no history')],
    ['a bug', new TypeError('x is undefined')],
    ['a refusal', new MillraceError('conflict', 'TAKEN', 'choose another')],
    ['nothing that is an error', 'oops'],
  ])('not %s', (_, error) => {
    expect(isAway(error)).toBe(false);
  });
});
