import type { DeliverabilityView } from '../../src/emails/deliverability.dto.ts';
import type { EmailView } from '../../src/emails/emails.dto.ts';
import { MailLedger, mailKeyOf, type MailEntry } from '#libs/mail-ledger';
import { Api } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

describe('what became of mails', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let workspaceId: string;
  let ledger: MailLedger;
  beforeAll(async () => {
    millrace = await startMillrace();
    ledger = millrace.app.get(MailLedger, { strict: false });
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
    workspaceId = ((await api.send('GET', '/v1/me')).body as { workspace: { id: string } }).workspace.id;
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  /** What is told of a mail to `address`, one after the other. */
  const tell = async (address: string, ...said: readonly (Partial<MailEntry> & Pick<MailEntry, 'kind'>)[]) => {
    for (const entry of said)
      await ledger.append({
        ...{ mailKey: mailKeyOf(workspaceId, address), workspaceId, executionId: 'ex_1', nodeId: 'send' },
        ...{ credentialId: 'cr_1', address, topic: null, at: ago(0), attempt: 1 },
        ...{ reason: null, replyCode: null, status: null, text: null },
        ...entry,
      });
  };
  const refused = { kind: 'refused', reason: 'SMTP_REFUSED', replyCode: 550, status: '5.7.1' } as const;
  const hard = { kind: 'bounced', attempt: 0, reason: 'hard', replyCode: 550, status: '5.1.1' } as const;
  const pageOf = async (query = '', by = api) => {
    const { status, body } = await by.send('GET', `/v1/emails${query}`);
    expect(status).toBe(200);
    return body as { items: EmailView[]; nextCursor: string | null };
  };
  const addresses = async (query = ''): Promise<string[]> => (await pageOf(query)).items.map(({ address }) => address);
  const counted = async (query = ''): Promise<DeliverabilityView> => {
    const { status, body } = await api.send('GET', `/v1/emails/deliverability${query}`);
    expect(status).toBe(200);
    return body as DeliverabilityView;
  };
  /** The last that was told is listed, and so is all before it. */
  const listed = (address: string, status: string) =>
    until('it is listed', async () => {
      const [mail] = (await pageOf(`?address=${address}&status=${status}`)).items;
      return mail;
    });

  it('is listed for each recipient, with what the server said and what came back', async () => {
    const [sending, sent, bounced] = [ago(3_000), ago(2_000), ago(1_000)];
    await tell(
      'Ann@Example.org',
      { kind: 'sending', at: sending },
      { kind: 'sent', at: sent, replyCode: 250, status: '2.0.0', text: '250 2.0.0 queued' },
      { ...hard, at: bounced, text: 'status-code: 550 5.1.1 no such user' },
    );
    expect(await listed('ann@example.org', 'bounced')).toEqual({
      ...{ mailKey: mailKeyOf(workspaceId, 'ann@example.org'), executionId: 'ex_1', nodeId: 'send' },
      ...{ credentialId: 'cr_1', address: 'Ann@Example.org', topic: null, status: 'sent', attempts: 1, reason: null },
      ...{ replyCode: 250, enhancedStatus: '2.0.0', text: '250 2.0.0 queued', complainedAt: null },
      ...{ unsubscribedAt: null, createdAt: sending, updatedAt: bounced },
      bounce: {
        ...{ at: bounced, kind: 'hard', replyCode: 550, enhancedStatus: '5.1.1' },
        text: 'status-code: 550 5.1.1 no such user',
      },
    });
  });

  it('is found by filters, newest first, through pages, and by its workspace alone', async () => {
    await tell('a@one.test', { kind: 'sent', at: ago(5_000) });
    await tell('b@one.test', { ...refused, at: ago(4_000), executionId: 'ex_2' });
    await tell('c@two.test', { kind: 'sent', at: ago(3_000) }, { kind: 'unsubscribed', attempt: 0 });
    await listed('c@two.test', 'unsubscribed');
    const all = ['c@two.test', 'b@one.test', 'a@one.test'];
    expect(await addresses()).toEqual(all);
    expect(await addresses('?status=sent')).toEqual(['c@two.test', 'a@one.test']);
    expect(await addresses('?status=unsubscribed')).toEqual(['c@two.test']);
    expect(await addresses('?status=complained')).toEqual([]);
    expect(await addresses('?domain=One.Test')).toEqual(['b@one.test', 'a@one.test']);
    expect(await addresses('?executionId=ex_2')).toEqual(['b@one.test']);
    const first = await pageOf('?limit=2');
    const second = await pageOf(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ address }) => address)).toEqual(all);
    expect(second.nextCursor).toBeNull();
    const other = await Api.register(millrace.url);
    expect(await pageOf('', other)).toEqual({ items: [], nextCursor: null });
    expect(await pageOf('?executionId=ex_2', other)).toEqual({ items: [], nextCursor: null });
  });

  it('is counted in all, by domain and by reason', async () => {
    for (const name of ['a', 'b', 'c']) await tell(`${name}@one.test`, { kind: 'sent' });
    await tell('a@one.test', hard);
    await tell('b@one.test', { kind: 'complained', attempt: 0 });
    await tell('d@one.test', refused);
    await tell('e@two.test', { kind: 'suppressed', reason: 'hardBounce' });
    await tell('f@two.test', { kind: 'sending' }, { kind: 'deferred', reason: 'SMTP_DEFERRED', status: '4.2.0' });
    await tell('g@two.test', { kind: 'unknown', reason: 'SMTP_OUTCOME_UNKNOWN' });
    await tell('h@two.test', { kind: 'sent', credentialId: 'cr_2' }, { kind: 'unsubscribed', attempt: 0 });
    await listed('h@two.test', 'unsubscribed');
    const none = {
      ...{ mails: 0, sending: 0, sent: 0, deferred: 0, refused: 0, unsent: 0, unknown: 0, suppressed: 0 },
      ...{ bounced: 0, complained: 0, unsubscribed: 0 },
    };
    const one = { ...none, mails: 4, sent: 3, refused: 1, bounced: 1, complained: 1 };
    const two = { ...none, mails: 4, sent: 1, deferred: 1, unknown: 1, suppressed: 1, unsubscribed: 1 };
    expect(await counted()).toEqual({
      ...{ from: expect.any(String) as string, to: expect.any(String) as string, isWhole: true },
      totals: {
        ...{ mails: 8, sending: 0, sent: 4, deferred: 1, refused: 1, unsent: 0, unknown: 1, suppressed: 1 },
        ...{ bounced: 1, complained: 1, unsubscribed: 1 },
      },
      domains: [
        { domain: 'one.test', ...one },
        { domain: 'two.test', ...two },
      ],
      others: { domains: 0, ...none },
      reasons: [
        { status: 'bounced', reason: 'hard', enhancedStatus: '5.1.1', count: 1 },
        { status: 'deferred', reason: 'SMTP_DEFERRED', enhancedStatus: '4.2.0', count: 1 },
        { status: 'refused', reason: 'SMTP_REFUSED', enhancedStatus: '5.7.1', count: 1 },
        { status: 'suppressed', reason: 'hardBounce', enhancedStatus: null, count: 1 },
        { status: 'unknown', reason: 'SMTP_OUTCOME_UNKNOWN', enhancedStatus: null, count: 1 },
      ],
    });
    expect((await counted('?credentialId=cr_2')).totals).toEqual({ ...none, mails: 1, sent: 1, unsubscribed: 1 });
  });

  it('is counted of the last 7 days, or of 90 at most', async () => {
    await tell('new@one.test', { kind: 'sent', at: ago(6 * DAY_MS) });
    await tell('old@one.test', { kind: 'sent', at: ago(8 * DAY_MS) });
    await listed('old@one.test', 'sent');
    const week = await counted();
    expect(week.totals.mails).toBe(1);
    expect(Date.parse(week.to) - Date.parse(week.from)).toBe(7 * DAY_MS);
    expect((await counted(`?from=${ago(9 * DAY_MS)}`)).totals.mails).toBe(2);
    expect((await counted(`?to=${ago(7 * DAY_MS)}`)).totals.mails).toBe(1);
    expect(await api.send('GET', `/v1/emails/deliverability?from=${ago(91 * DAY_MS)}`)).toMatchObject({
      status: 422,
      body: { code: 'PERIOD_TOO_LONG', errors: [{ path: 'from' }] },
    });
    expect(await api.send('GET', `/v1/emails/deliverability?to=${ago(0)}&from=${ago(-DAY_MS)}`)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', errors: [{ path: 'from' }] },
    });
  });
});
