import { OutboundHttpError } from '#libs/outbound-http';
import { networkFailureOf } from './index.ts';

describe('networkFailureOf', () => {
  const { signal } = new AbortController();

  it('says whether another attempt may help, and what the server has to do with it', () => {
    const failure = networkFailureOf(
      new OutboundHttpError('CONNECT_FAILED', 'could not connect', { code: 'ECONNREFUSED' }),
      signal,
    );
    expect(failure).toMatchObject({
      code: 'HTTP_CONNECT',
      options: { retryable: true, destination: 'failed', details: { reason: 'ECONNREFUSED' } },
    });
  });

  it('knows an attempt whose time is over from one that was given up', () => {
    const aborted = new OutboundHttpError('ABORTED', 'the request was aborted');
    const timedOut = AbortSignal.abort(new DOMException('too late', 'TimeoutError'));
    expect(networkFailureOf(aborted, timedOut)?.code).toBe('HTTP_TIMEOUT');
    expect(networkFailureOf(aborted, AbortSignal.abort(new Error('stop')))?.code).toBe('HTTP_ABORTED');
  });

  it('leaves what is no trouble of the client', () => {
    expect(networkFailureOf(new TypeError('a fault'), signal)).toBeUndefined();
  });
});
