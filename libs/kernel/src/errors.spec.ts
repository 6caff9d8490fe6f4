import { assertNever, InvariantError, MillraceError } from './errors.ts';

describe('an error that a caller may see', () => {
  it('has a kind, a stable code and what to do', () => {
    const error = new MillraceError('unavailable', 'LOG_UNAVAILABLE', 'try again', { retryAfterMs: 500 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'MillraceError',
      kind: 'unavailable',
      code: 'LOG_UNAVAILABLE',
      message: 'try again',
      retryAfterMs: 500,
      problems: [],
    });
    expect(error).not.toHaveProperty('cause');
  });

  it('keeps its problems, what is allowed and what caused it', () => {
    const cause = new Error('below');
    const problems = [{ path: 'nodes[2].config.url', message: 'is missing' }];
    const error = new MillraceError('methodNotAllowed', 'A', 'b', { cause, problems, allow: ['GET'] });
    expect(error).toMatchObject({ problems, allow: ['GET'] });
    expect(error.cause).toBe(cause);
  });
});

describe('a broken invariant', () => {
  it('is no error for callers', () => {
    const error = new InvariantError('must not be');
    expect(error).not.toBeInstanceOf(MillraceError);
    expect(error).toMatchObject({ name: 'InvariantError', message: 'must not be' });
  });

  it('is told of a value that no case takes', () => {
    expect(() => assertNever({ type: 'unheard of' } as never)).toThrow('unexpected value {"type":"unheard of"}');
  });
});
