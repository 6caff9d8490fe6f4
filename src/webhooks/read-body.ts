import type { IncomingMessage } from 'node:http';
import type { Route } from '#libs/webhook-routes';
import { tooLarge } from './hook-door.ts';

/** The body as it came. Rejects with `BODY_TOO_LARGE` at the first byte too many; what comes after it is kept nowhere. */
export function readBody(payload: IncomingMessage, route: Pick<Route, 'maxBodyBytes'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= route.maxBodyBytes) {
        chunks.push(chunk);
        return;
      }
      payload.off('data', take);
      chunks.length = 0;
      reject(tooLarge(route));
    };
    payload.on('data', take);
    payload.once('end', () => resolve(Buffer.concat(chunks)));
    payload.once('error', reject);
  });
}
