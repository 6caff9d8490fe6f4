import { setImmediate as othersGoFirst } from 'node:timers/promises';
import type { AbortSignalLike, NodeError } from '#libs/node-kit';
import { OutboundMailError, type Mail, type MailServer, type OutboundMail } from '#libs/outbound-mail';
import type { MailContent, PreparedContent } from './content-of.ts';
import { interruptedError } from './failures.ts';
import type { MailRecords, RecordedMail } from './mail-records.ts';
import { outcomesOfFailed, outcomesOfSent, outcomeWithoutSending, type Outcome } from './outcomes.ts';

export interface MailToSend {
  readonly server: MailServer;
  /** Its envelope names the sender. */
  readonly mail: Omit<Mail, keyof MailContent>;
  readonly contentFor: PreparedContent['contentFor'];
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

/** Transactions of one attempt that are under way: more than connections, so that none waits for us. */
const AT_ONCE = 10;

/** Above every time-out that a node may have: the attempt's signal is what ends a mail. */
const LONGEST_ATTEMPT_MS = 86_400_000;

/**
 * Sends a mail to those that have not got it and are to get it, and writes down what became of each; in the order of the
 * recipients. Rejects when a worker died while it sent in this attempt: nobody knows then; and, before anything is sent, when
 * the content of one can not be made.
 */
export async function sendMail(toSend: MailToSend, parts: SendingParts): Promise<readonly Outcome[]> {
  const { mailRecords, signal } = parts;
  const looked = await Promise.all(
    toSend.records.map(async (record) => ({ record, known: await mailRecords.look(record) })),
  );
  const interrupted = looked.filter(({ known }) => known.kind === 'interrupted').map(({ record }) => record);
  if (interrupted.length > 0) throw await putInDoubt(interrupted, parts);
  const settled = looked.flatMap(({ record, known }) => outcomeWithoutSending(record, known) ?? []);
  const pending = looked.filter(({ known }) => known.kind === 'unsent').map(({ record }) => record);
  const transactions = await transactionsOf(toSend, pending, parts);
  const suppressed = settled.filter(({ result }) => result.kind === 'suppressed');
  await Promise.all(suppressed.map(({ mail, result }) => mailRecords.end(mail, result, signal)));
  const sent = await fewAtOnce(transactions, (one) => perform(one, toSend.server, parts));
  const place = ({ mail }: Outcome): number => toSend.records.indexOf(mail);
  return [...settled, ...sent].toSorted((one, other) => place(one) - place(other));
}

async function transactionsOf(
  toSend: MailToSend,
  pending: readonly RecordedMail[],
  parts: SendingParts,
): Promise<readonly Transaction[]> {
  const { mail, own, contentFor } = toSend;
  if (pending.length === 0) return [];
  if (own.returnPath || own.unsubscribeLink) return ownTransactions(toSend, pending, parts);
  const envelope = { from: mail.envelope.from, to: pending.map(({ address }) => address) };
  return [{ records: pending, mail: { ...mail, ...contentFor(), envelope } }];
}

async function ownTransactions(
  { mail, own, contentFor }: MailToSend,
  pending: readonly RecordedMail[],
  { mailRecords, signal }: SendingParts,
): Promise<readonly Transaction[]> {
  const transactions: Transaction[] = [];
  for (const record of pending) {
    const from = (own.returnPath ? mailRecords.returnPathOf(record) : undefined) ?? mail.envelope.from;
    const url = own.unsubscribeLink ? mailRecords.unsubscribeUrlOf(record) : undefined;
    const link = url === undefined ? {} : { listUnsubscribe: url };
    const envelope = { from, to: [record.address] };
    transactions.push({ records: [record], mail: { ...mail, ...contentFor(url), ...link, envelope } });
    // A template may take a while, and there may be many recipients.
    await othersGoFirst();
    if (signal.aborted) throw signal.reason;
  }
  return transactions;
}

/** From the next attempt on it is sent: a person was asked meanwhile. */
async function putInDoubt(records: readonly RecordedMail[], { mailRecords, signal }: SendingParts): Promise<NodeError> {
  const error = interruptedError(records.map(({ address }) => address));
  const result = { kind: 'unknown', reason: error.code, replyCode: null, status: null, text: null } as const;
  await Promise.all(records.map((record) => mailRecords.end(record, result, signal)));
  return error;
}

/** All of them are done, or have failed, when this ends: what is under way is not left alone. Rejects as the first that did. */
async function fewAtOnce(
  transactions: readonly Transaction[],
  work: (transaction: Transaction) => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  const queue = transactions.values();
  const outcomes: Outcome[] = [];
  const lanes = Array.from({ length: Math.min(AT_ONCE, transactions.length) }, async () => {
    for (const transaction of queue) outcomes.push(...(await work(transaction)));
  });
  const failed = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected');
  if (failed) throw failed.reason;
  return outcomes;
}

/** Written down right before and right after: should we die, few are in doubt. */
async function perform(transaction: Transaction, server: MailServer, parts: SendingParts): Promise<readonly Outcome[]> {
  const { mailRecords, signal } = parts;
  await Promise.all(transaction.records.map((record) => mailRecords.begin(record, signal)));
  const outcomes = await transact(transaction, server, parts);
  await Promise.all(outcomes.map(({ mail, result }) => mailRecords.end(mail, result, signal)));
  return outcomes;
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
