import type { MailEntry } from '#libs/mail-ledger';
import { projectMail, type MailRecord } from './mail-record.ts';

const at = (minute: number): string => `2026-11-29T10:${String(minute).padStart(2, '0')}:00.000Z`;
const entry = (kind: MailEntry['kind'], minute: number, more: Partial<MailEntry> = {}): MailEntry => ({
  ...{ mailKey: 'key', workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'send', credentialId: 'cr_1' },
  ...{ address: 'Ann@example.org', topic: 'news', kind, at: at(minute), attempt: 1 },
  ...{ reason: null, replyCode: null, status: null, text: null },
  ...more,
});
const fold = (...entries: readonly MailEntry[]): MailRecord | undefined =>
  entries.reduce<MailRecord | undefined>((record, one) => projectMail(record, one), undefined);

const deferred = { reason: 'SMTP_DEFERRED', replyCode: 451, status: '4.2.0', text: '451 4.2.0 later' };
const hard = { attempt: 0, reason: 'hard', replyCode: 550, status: '5.1.1', text: 'user-unknown: 550 5.1.1 nobody' };

describe('what entries make of a mail', () => {
  it('is what the last attempt came to, with what the server said', () => {
    const record = fold(
      entry('sending', 0),
      entry('deferred', 1, deferred),
      entry('sending', 2, { attempt: 3 }),
      entry('sent', 3, { attempt: 3, replyCode: 250, status: '2.0.0', text: '250 2.0.0 ok' }),
    );
    expect(record).toEqual({
      ...{ mailKey: 'key', workspaceId: 'ws_1', executionId: 'ex_1', nodeId: 'send', credentialId: 'cr_1' },
      ...{ address: 'Ann@example.org', topic: 'news', status: 'sent', attempts: 3, reason: null },
      ...{ replyCode: 250, enhancedStatus: '2.0.0', text: '250 2.0.0 ok' },
      ...{ bounce: null, complainedAt: null, unsubscribedAt: null, createdAt: at(0), updatedAt: at(3) },
    });
  });

  it.each(['sending', 'sent', 'deferred', 'refused', 'unsent', 'unknown', 'suppressed'] as const)(
    '%s is a status of its own, also when nothing came before it',
    (kind) => {
      expect(fold(entry(kind, 1, { reason: 'WHY' }))).toMatchObject({ status: kind, reason: 'WHY', createdAt: at(1) });
    },
  );

  it('forgets what was said before when it is handed over again', () => {
    expect(fold(entry('deferred', 0, deferred), entry('sending', 1))).toMatchObject({
      ...{ status: 'sending', reason: null, replyCode: null, enhancedStatus: null, text: null },
    });
  });

  it('keeps what happened later beside the status', () => {
    const record = fold(
      entry('sent', 0),
      entry('bounced', 1, hard),
      entry('complained', 2, { attempt: 0 }),
      entry('unsubscribed', 3, { attempt: 0 }),
    );
    expect(record).toMatchObject({
      ...{ status: 'sent', attempts: 1, reason: null, complainedAt: at(2), unsubscribedAt: at(3), updatedAt: at(3) },
      bounce: { at: at(1), kind: 'hard', replyCode: 550, enhancedStatus: '5.1.1', text: hard.text },
    });
  });

  it('keeps a bounce that came before the server had answered', () => {
    const record = fold(entry('sending', 0), entry('bounced', 1, hard), entry('sent', 2), entry('bounced', 3, hard));
    expect(record).toMatchObject({ status: 'sent', bounce: { at: at(3), kind: 'hard' }, updatedAt: at(3) });
    expect(fold(entry('sending', 0), entry('bounced', 1, hard), entry('sent', 2))).toMatchObject({
      ...{ status: 'sent', reason: null, bounce: { at: at(1), kind: 'hard', text: hard.text } },
    });
  });

  it('has what the last notice said, and the first complaint', () => {
    const soft = { ...hard, reason: 'soft', status: '4.4.1' };
    const record = fold(
      entry('sent', 0),
      entry('bounced', 1, soft),
      entry('bounced', 2, hard),
      entry('complained', 3),
      entry('complained', 4),
    );
    expect(record).toMatchObject({ bounce: { at: at(2), kind: 'hard' }, complainedAt: at(3) });
  });

  it.each(['bounced', 'complained', 'unsubscribed'] as const)(
    'is nothing when all that is known is that it was %s',
    (kind) => {
      expect(fold(entry(kind, 1, hard))).toBeUndefined();
    },
  );

  it('follows the order of the entries, whatever clocks say', () => {
    expect(fold(entry('sending', 5), entry('sent', 4))).toMatchObject({
      ...{ status: 'sent', createdAt: at(5), updatedAt: at(5) },
    });
  });
});
