import type { ImapFlow } from 'imapflow';
import { InboxTrouble } from './trouble.ts';

/** Does something with a client, and ends its connection when nothing came for so long; up to twice as long. */
export async function whileHeard<Value>(
  client: ImapFlow,
  silenceMs: number,
  work: () => Promise<Value>,
): Promise<Value> {
  let heard = client.stats().received;
  let isSilent = false;
  const timer = setInterval(() => {
    const now = client.stats().received;
    isSilent = now === heard;
    heard = now;
    if (isSilent) client.close();
  }, silenceMs);
  try {
    return await work();
  } catch (error) {
    throw isSilent ? new InboxTrouble('IMAP_TIMEOUT', 'the server did not answer in time') : error;
  } finally {
    clearInterval(timer);
  }
}
