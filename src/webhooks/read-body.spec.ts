import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { readBody } from './read-body.ts';

/** As much of a request as its body is. */
const arriving = () => new PassThrough() as unknown as IncomingMessage & PassThrough;
const bound = { maxBodyBytes: 10 };

describe('the body of a call', () => {
  it('is all that came', async () => {
    const payload = arriving();
    const body = readBody(payload, bound);
    payload.write('12345');
    payload.end('67890');
    expect((await body).toString()).toBe('1234567890');
  });

  it('is refused at the first byte too many, though it has not ended', async () => {
    const payload = arriving();
    const body = readBody(payload, bound);
    payload.write('12345678901');
    await expect(body).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect(payload.listenerCount('data')).toBe(0);
  });

  it('is refused when it breaks off', async () => {
    const payload = arriving();
    const body = readBody(payload, bound);
    payload.destroy(new Error('the connection is gone'));
    await expect(body).rejects.toThrow('the connection is gone');
  });
});
