import { createHash } from 'node:crypto';
import type { Credential } from '#libs/credential-types';
import type { MailServer } from '#libs/outbound-mail';

/** The server that a credential is for. Whatever is changed of it is another server, with connections of its own. */
export function serverOf({ id, data }: Credential<'smtp'>): MailServer {
  const { returnPath: _, ...server } = data;
  const digest = createHash('sha256').update(JSON.stringify(server)).digest('base64url');
  return { key: `${id}/${digest}`, ...server };
}
