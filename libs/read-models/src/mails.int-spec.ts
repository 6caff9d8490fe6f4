import fc from 'fast-check';
import pg from 'pg';
import { toInstant } from '#libs/kernel';
import { encodeMailEntry, type MailEntry } from '#libs/mail-ledger';
import { createMigratedDatabase } from '../../../test/support/migrated-database.ts';
import type { TestDatabase } from '../../../test/support/servers.ts';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { countDeliverability, type MailCounts } from './deliverability.ts';
import { listMails, type MailQuery } from './mail-list.ts';
import { MailProjection } from './mail-projection.ts';
import { MAIL_AFTERMATHS, MAIL_STATUSES, projectMail, type MailRecord } from './mail-record.ts';
import { findMails, removeMailsBefore } from './mail-table.ts';

const START_MS = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;
const NASTY = 'NUL \u0000, half \ud83d a pair';
const STORABLE = 'NUL \ufffd, half \ufffd a pair';
const KINDS = [...MAIL_STATUSES, ...MAIL_AFTERMATHS];
/** Several share an instant, so that the order within it counts. */
const at = (number: number): string => toInstant(START_MS + 1_000 * Math.floor(number / 4));

describe('the read model of mails', () => {
  let postgres: TestDatabase;
  let pool: pg.Pool;
  let database: Database;
  let sequence = 0;

  const nextMove = async (): Promise<CheckpointMove> => {
    await pool.query(
      `insert into projection_checkpoints values ('EMAILS', '', $1, '')
       on conflict (stream) do update set sequence = excluded.sequence`,
      [sequence],
    );
    const from = { stream: 'EMAILS', createdAt: '', sequence, digest: '', generation: 0 };
    return { from, to: { sequence: ++sequence, digest: '' } };
  };
  const messagesOf = (entries: readonly MailEntry[]) =>
    entries.map((entry) => ({
      subject: 'emails',
      data: new TextEncoder().encode(encodeMailEntry(entry)),
      sequence: 1,
    }));
  const project = async (entries: readonly MailEntry[], move?: CheckpointMove): Promise<boolean> =>
    new MailProjection(database).apply(messagesOf(entries), move ?? (await nextMove()));

  beforeAll(async () => {
    postgres = await createMigratedDatabase();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    database = {
      query: async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> =>
        (await pool.query(sql, [...parameters])).rows as Row[],
    };
  });
  beforeEach(async () => {
    await pool.query('truncate mails');
  });
  afterAll(async () => {
    await pool.end();
    await postgres[Symbol.asyncDispose]();
  });

  const entries = fc
    .array(
      fc.record({
        mail: fc.nat(5),
        kind: fc.constantFrom(...KINDS),
        second: fc.nat(60),
        attempt: fc.integer({ min: 1, max: 4 }),
        said: fc.constantFrom(null, '550 no', NASTY),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((all) =>
      all.map(({ mail, kind, second, attempt, said }) =>
        entryOf({ mailKey: `mail${mail}`, kind, attempt, at: at(4 * second), text: said, reason: said }),
      ),
    );

  it('is the fold of the entries, however they come in batches, and the same when they come again', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1 }), async (all, sizes) => {
        await pool.query('truncate mails');
        for (let from = 0, round = 0; from < all.length; round++) {
          const size = sizes[round % sizes.length] ?? 1;
          expect(await project(all.slice(from, from + size))).toBe(true);
          from += size;
        }
        const folded = [...foldAll(all).values()].map(storable);
        expect((await findMails(database, keysOf(all))).toSorted(byKey)).toEqual(folded.toSorted(byKey));
        const last = all.at(-1)!;
        await project([last, last]);
        expect((await findMails(database, keysOf(all))).toSorted(byKey)).toEqual(folded.toSorted(byKey));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  it('changes nothing when another projector has moved the checkpoint', async () => {
    const move = await nextMove();
    await project([entryOf({ mailKey: 'one' })]);
    expect(await project([entryOf({ mailKey: 'two' })], move)).toBe(false);
    expect(await findMails(database, ['one', 'two'])).toMatchObject([{ mailKey: 'one' }]);
  });

  describe('with many mails', () => {
    const TOTAL = 240;
    let all: MailRecord[];
    beforeEach(async () => {
      const said = Array.from({ length: TOTAL }, (_, number) => entriesOf(number)).flat();
      await project(said);
      await project([entryOf({ mailKey: 'elsewhere', workspaceId: 'ws_2' })]);
      all = [...foldAll(said).values()].map(storable).toSorted(newestFirst);
    });

    const filters = fc.record(
      {
        executionId: fc.constantFrom('ex_0', 'ex_1', 'none', NASTY),
        address: fc.constantFrom('ann@EXAMPLE.org', 'BEN@b.test', NASTY),
        status: fc.constantFrom(...KINDS),
        domain: fc.constantFrom('Example.ORG', 'b.test', 'none'),
      },
      { requiredKeys: [] },
    );
    const matches = (mail: MailRecord, { executionId, address, status, domain }: Partial<MailQuery>): boolean =>
      (executionId === undefined || mail.executionId === executionId) &&
      (address === undefined || mail.address.toLowerCase() === address.toLowerCase()) &&
      (domain === undefined || mail.address.toLowerCase().endsWith(`@${domain.toLowerCase()}`)) &&
      (status === undefined || statusesOf(mail).includes(status));

    it('is listed newest first by filters, whole through its pages, and of one workspace', async () => {
      await fc.assert(
        fc.asyncProperty(filters, fc.integer({ min: 7, max: 200 }), async (filter, limit) => {
          const listed: MailRecord[] = [];
          for (let more = true; more;) {
            const last = listed.at(-1);
            const after = last && { createdAt: last.createdAt, id: last.mailKey };
            const page = await listMails(database, { workspaceId: 'ws_1', ...filter, limit, after });
            listed.push(...page);
            more = page.length === limit;
          }
          expect(listed).toEqual(all.filter((mail) => matches(mail, filter)));
        }),
        { numRuns: 60 },
      );
    }, 60_000);

    it('is counted in all, by domain and by reason, within the time and of the server asked for', async () => {
      const instants = fc.nat(TOTAL).map(at);
      await fc.assert(
        fc.asyncProperty(
          instants,
          instants,
          fc.constantFrom(undefined, 'cr_0', 'cr_1'),
          async (from, to, credentialId) => {
            const counted = await countDeliverability(database, {
              ...{ workspaceId: 'ws_1', credentialId, from, to, mostMails: 1_000 },
            });
            const within = all.filter(
              (mail) =>
                mail.createdAt >= from &&
                mail.createdAt < to &&
                (credentialId === undefined || mail.credentialId === credentialId),
            );
            expect(counted.totals).toEqual(countsOf(within));
            expect(counted.others).toEqual({ domains: 0, ...countsOf([]) });
            const domains = Map.groupBy(within, ({ address }) => address.split('@')[1]!.toLowerCase());
            expect(new Map(counted.domains.map(({ domain, ...counts }) => [domain, counts]))).toEqual(
              new Map([...domains].map(([domain, mails]) => [domain, countsOf(mails)])),
            );
            expect(counted.reasons.reduce((sum, { count }) => sum + count, 0)).toBe(
              within.filter(({ status }) => status !== 'sending' && status !== 'sent').length +
                within.filter(({ bounce }) => bounce).length,
            );
          },
        ),
        { numRuns: 60 },
      );
    }, 60_000);

    it('counts no more than the newest of what it may', async () => {
      const window = { workspaceId: 'ws_1', from: at(0), to: at(10 * TOTAL) };
      const { totals } = await countDeliverability(database, { ...window, mostMails: 100 });
      expect(totals).toEqual(countsOf(all.slice(0, 100)));
    });
  });

  it('names the domains with most mails, the others together, and why mails came to nothing', async () => {
    const mails = Array.from({ length: 103 }, (_, number) => `d${String(number).padStart(3, '0')}.test`);
    const refused = { kind: 'refused', reason: 'SMTP_REFUSED', status: '5.7.1' } as const;
    await project([
      ...mails.map((domain) => entryOf({ mailKey: `a ${domain}`, address: `ann@${domain}`, kind: 'sent' })),
      entryOf({ mailKey: 'twice', address: 'ben@d102.test', ...refused }),
      entryOf({ mailKey: 'again', address: 'ben@d101.test', ...refused }),
      entryOf({ mailKey: 'a d000.test', kind: 'bounced', attempt: 0, reason: 'hard', status: '5.1.1' }),
    ]);
    const counted = await countDeliverability(database, {
      ...{ workspaceId: 'ws_1', from: at(0), to: at(400), mostMails: 1_000 },
    });
    expect(counted.domains.map(({ domain }) => domain)).toEqual(['d101.test', 'd102.test', ...mails.slice(0, 98)]);
    expect(counted.domains[0]).toMatchObject({ mails: 2, sent: 1, refused: 1, bounced: 0 });
    expect(counted.others).toMatchObject({ domains: 3, mails: 3, sent: 3, refused: 0, bounced: 0 });
    expect(counted.totals).toMatchObject({ mails: 105, sent: 103, refused: 2, bounced: 1 });
    expect(counted.reasons).toEqual([
      { status: 'refused', reason: 'SMTP_REFUSED', enhancedStatus: '5.7.1', count: 2 },
      { status: 'bounced', reason: 'hard', enhancedStatus: '5.1.1', count: 1 },
    ]);
  });

  it('loses mails by when they were told of last, the oldest first, some at a time', async () => {
    const old = (number: number): string => toInstant(START_MS - DAY_MS + number);
    await project([
      ...Array.from({ length: 10 }, (_, number) => entryOf({ mailKey: `old${number}`, at: old(number) })),
      entryOf({ mailKey: 'old0', kind: 'unsubscribed', attempt: 0, at: old(9) }),
    ]);
    const left = async () =>
      (await listMails(database, { workspaceId: 'ws_1', limit: 50 })).map((mail) => mail.mailKey);
    expect(await removeMailsBefore(database, old(9), 4)).toBe(4);
    expect(await left()).toEqual(['old9', 'old8', 'old7', 'old6', 'old5', 'old0']);
    expect(await removeMailsBefore(database, old(9), 100)).toBe(4);
    expect(await removeMailsBefore(database, old(9), 100)).toBe(0);
    expect(await left()).toEqual(['old9', 'old0']);
  });
});

function entryOf(more: Partial<MailEntry> & Pick<MailEntry, 'mailKey'>): MailEntry {
  return {
    ...{ workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'send', credentialId: 'cr_1', topic: null },
    ...{ address: 'Ann@Example.org', kind: 'sending', at: at(0), attempt: 1 },
    ...{ reason: null, replyCode: null, status: null, text: null },
    ...more,
  };
}

/** Of the mails of one workspace, each after a while. */
function entriesOf(number: number): MailEntry[] {
  const kind = MAIL_STATUSES[number % MAIL_STATUSES.length]!;
  const later = MAIL_AFTERMATHS[number % 11];
  const of = {
    mailKey: `mail${String(number).padStart(6, '0')}`,
    executionId: `ex_${number % 3}`,
    credentialId: `cr_${number % 2}`,
    address: number % 5 === 0 ? 'ben@b.test' : 'Ann@Example.org',
  };
  return [
    entryOf({ ...of, at: at(number) }),
    entryOf({ ...of, kind, at: at(number + 9), reason: kind === 'sent' ? null : NASTY, status: '4.2.0' }),
    ...(later ? [entryOf({ ...of, kind: later, at: at(number + 99), attempt: 0, reason: 'soft' })] : []),
  ];
}

function foldAll(entries: readonly MailEntry[]): Map<string, MailRecord> {
  const folded = new Map<string, MailRecord>();
  for (const entry of entries) {
    const record = projectMail(folded.get(entry.mailKey), entry);
    if (record) folded.set(entry.mailKey, record);
  }
  return folded;
}

/** As Postgres can hold it. */
function storable(record: MailRecord): MailRecord {
  const text = JSON.stringify(record, (_, value: unknown) => (value === NASTY ? STORABLE : value));
  return JSON.parse(text) as MailRecord;
}

function statusesOf(mail: MailRecord): readonly string[] {
  return [
    mail.status,
    ...(mail.bounce ? ['bounced'] : []),
    ...(mail.complainedAt === null ? [] : ['complained']),
    ...(mail.unsubscribedAt === null ? [] : ['unsubscribed']),
  ];
}

function countsOf(mails: readonly MailRecord[]): MailCounts {
  const counts = KINDS.map((kind) => [kind, mails.filter((mail) => statusesOf(mail).includes(kind)).length]);
  return { mails: mails.length, ...(Object.fromEntries(counts) as Omit<MailCounts, 'mails'>) };
}

const keysOf = (entries: readonly MailEntry[]): string[] => entries.map(({ mailKey }) => mailKey);
const byKey = (one: MailRecord, other: MailRecord): number => (one.mailKey < other.mailKey ? -1 : 1);
const newestFirst = (one: MailRecord, other: MailRecord): number =>
  `${one.createdAt}${one.mailKey}` < `${other.createdAt}${other.mailKey}` ? 1 : -1;
