import { ExpressionError } from '#libs/expressions';
import { NodeError } from '#libs/node-kit';
import { failureOf, faultOf } from './fault.ts';

describe('how an attempt failed', () => {
  it('is told by the node', () => {
    const error = new NodeError('HTTP_STATUS', 'the answer was 503', {
      retryable: true,
      retryAfterMs: 2000,
      details: { status: 503 },
      cause: new Error('not for people'),
    });
    expect(failureOf(error)).toStrictEqual({
      code: 'HTTP_STATUS',
      message: 'the answer was 503',
      retryable: true,
      retryAfterMs: 2000,
      details: { status: 503 },
    });
    expect(faultOf(error)).toStrictEqual({
      code: 'HTTP_STATUS',
      message: 'the answer was 503',
      details: { status: 503 },
    });
  });

  it('has no fields for what was not told', () => {
    const error = new NodeError('A', 'b', { retryable: false });
    expect(failureOf(error)).toStrictEqual({ code: 'A', message: 'b', retryable: false });
    expect(faultOf(error)).toStrictEqual({ code: 'A', message: 'b' });
  });

  it('is the place of an expression, and no other attempt helps', () => {
    const place = { path: 'url', expression: ' trigger.x ', offset: 11 };
    expect(failureOf(new ExpressionError('no such field', place, { hint: 'there is y' }))).toStrictEqual({
      code: 'EXPRESSION_FAILED',
      message: 'no such field',
      retryable: false,
      details: { ...place, hint: 'there is y' },
    });
    expect(failureOf(new ExpressionError('no such field', place)).details).toStrictEqual(place);
  });

  it.each([new Error('ours'), 'text', undefined])('is nothing that %p tells: it goes up as it is', (error) => {
    expect(() => failureOf(error)).toThrow();
    expect(() => faultOf(error)).toThrow();
  });
});
