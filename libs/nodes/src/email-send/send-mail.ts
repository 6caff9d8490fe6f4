import type { AbortSignalLike } from '#libs/node-kit';
import { OutboundMailError, type Mail, type MailServer, type OutboundMail } from '#libs/outbound-mail';
import { interruptedError } from './failures.ts';
import type { MailRecords, RecordedMail } from './mail-records.ts';
import { outcomesOfFailed, outcomesOfSent, outcomeWithoutSending, type Outcome } from './outcomes.ts';

export interface MailToSend {
  readonly server: MailServer;
  /** Its envelope names the sender. */
  readonly mail: Mail;
  /** One for each recipient. */
  readonly records: readonly RecordedMail[];
  /** What each recipient gets of its own, in a transaction of its own; all get one together when it is nothing. */
  readonly own: { readonly returnPath: boolean; readonly unsubscribeLink: boolean };
}

export interface SendingParts {
  readonly outbound: OutboundMail;
  readonly mailRecords: MailRecords;
  readonly signal: AbortSignalLike;
}

/** What goes out in one transaction. */
interface Transaction {
  readonly records: readonly RecordedMail[];
  readonly mail: Mail;
}

/** Above every time-out that a node may have: the attempt's signal is what ends a mail. */
const LONGEST_ATTEMPT_MS = 86_400_000;

/**
 * Sends a mail to those that have not got it and are to get it, and writes down what became of each; in the order of the
 * recipients. Rejects when a worker died while it sent in this attempt: nobody knows then.
 */
export async function sendMail(toSend: MailToSend, parts: SendingParts): Promise<readonly Outcome[]> {
  const { mailRecords, signal } = parts;
  const looked = await Promise.all(
    toSend.records.map(async (record) => ({ record, known: await mailRecords.look(record) })),
  );
  const interrupted = looked.filter(({ known }) => known.kind === 'interrupted');
  if (interrupted.length > 0) throw interruptedError(interrupted.map(({ record }) => record.address));
  const settled = looked.flatMap(({ record, known }) => outcomeWithoutSending(record, known) ?? []);
  const pending = looked.filter(({ known }) => known.kind === 'unsent').map(({ record }) => record);
  await Promise.all(pending.map((record) => mailRecords.begin(record)));
  const transactions = transactionsOf(toSend, pending, mailRecords);
  const sent = (await Promise.all(transactions.map((one) => transact(one, toSend.server, parts)))).flat();
  const news = [...settled.filter(({ result }) => result.kind === 'suppressed'), ...sent];
  await Promise.all(news.map(({ mail, result }) => mailRecords.end(mail, result, signal)));
  const place = ({ mail }: Outcome): number => toSend.records.indexOf(mail);
  return [...settled, ...sent].toSorted((one, other) => place(one) - place(other));
}

function transactionsOf(
  { mail, own }: MailToSend,
  pending: readonly RecordedMail[],
  mailRecords: MailRecords,
): readonly Transaction[] {
  if (pending.length === 0) return [];
  const { from } = mail.envelope;
  if (!own.returnPath && !own.unsubscribeLink)
    return [{ records: pending, mail: { ...mail, envelope: { from, to: pending.map(({ address }) => address) } } }];
  return pending.map((record) => {
    const returnPath = own.returnPath ? mailRecords.returnPathOf(record) : undefined;
    const link = own.unsubscribeLink ? { listUnsubscribe: mailRecords.unsubscribeUrlOf(record) } : {};
    return {
      records: [record],
      mail: { ...mail, ...link, envelope: { from: returnPath ?? from, to: [record.address] } },
    };
  });
}

async function transact(
  { records, mail }: Transaction,
  server: MailServer,
  { outbound, signal }: SendingParts,
): Promise<readonly Outcome[]> {
  try {
    return outcomesOfSent(records, await outbound.send(server, mail, { signal, timeoutMs: LONGEST_ATTEMPT_MS }));
  } catch (error) {
    if (error instanceof OutboundMailError) return outcomesOfFailed(records, error);
    throw error;
  }
}
