import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { DesiredStream } from '#libs/jetstream';
import type { MailRecipient } from './mail-entry.ts';

export const MAIL_STREAM = 'EMAILS';

export function mailStream(replicas: number, keptMs: number): DesiredStream {
  return {
    name: MAIL_STREAM,
    description: 'What became of each mail, by recipient',
    subjects: ['emails.*.*'],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_age: keptMs * 1e6,
    allow_direct: true,
    storage: StorageType.File,
    num_replicas: replicas,
  };
}

export function mailSubject({ workspaceId, mailKey }: Pick<MailRecipient, 'workspaceId' | 'mailKey'>): string {
  return `emails.${workspaceId}.${mailKey}`;
}

/** Of whichever workspace it is. */
export function subjectOfKey(mailKey: string): string {
  return `emails.*.${mailKey}`;
}
