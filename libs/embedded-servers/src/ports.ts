import { createServer } from 'node:net';
import { EmbeddedServerError } from './errors.ts';

const LOOPBACK = '127.0.0.1';

/** A loopback port that nobody listens on now. Somebody may by the time it is used. */
export async function findFreePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === undefined) throw new EmbeddedServerError('PORT_IN_USE', 'this machine has no free loopback port');
  return port;
}

export async function isPortTaken(port: number): Promise<boolean> {
  return (await tryListen(port)) === undefined;
}

/** Throws PORT_IN_USE, before a server opens its files only to fail on its port. */
export async function ensurePortIsFree(port: number, server: string): Promise<void> {
  if (!(await isPortTaken(port))) return;
  throw new EmbeddedServerError(
    'PORT_IN_USE',
    `${server} cannot listen on ${LOOPBACK}:${port}: another program does. End that program, or choose another port.`,
  );
}

/** Listens for a moment; the port it got, or undefined when the port is taken. */
function tryListen(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(undefined);
    });
    probe.listen(port, LOOPBACK, () => {
      const address = probe.address();
      probe.close(() => {
        resolve(typeof address === 'object' && address ? address.port : undefined);
      });
    });
  });
}
