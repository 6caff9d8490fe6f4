import { decodeMailEntry } from '#libs/mail-ledger';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { projectMail, type MailRecord } from './mail-record.ts';
import { applyMails, findMails } from './mail-table.ts';

/** Entries of `EMAILS` → rows of `mails`. */
export class MailProjection implements BatchProjection {
  readonly name = 'mails';
  constructor(private readonly database: Database) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const entries = batch.map(({ data, sequence }) => decodeMailEntry(data, sequence));
    const keys = [...new Set(entries.map(({ mailKey }) => mailKey))];
    const before = await findMails(this.database, keys);
    const records = new Map<string, MailRecord>(before.map((record) => [record.mailKey, record]));
    for (const entry of entries) {
      const record = projectMail(records.get(entry.mailKey), entry);
      if (record) records.set(entry.mailKey, record);
    }
    return applyMails(this.database, [...records.values()], move);
  }

  aggregateOf(): undefined {
    // Each entry names the mail whole: without the one before it less is known, and nothing is wrong.
  }

  reset(): void {
    // Keeps nothing between batches: most mails are told of for the last time in the batch that they begin in.
  }
}
