import { Registry } from 'prom-client';
import { InboxTrouble, type InboxState } from '#libs/imap-inbox';
import { createLogger } from '../platform/logging/logger.ts';
import { InboxMetrics } from './inbox-metrics.ts';
import { InboxReports } from './inbox-reports.ts';
import type { StoredInboxState } from './inbox-state.ts';

interface Line {
  readonly level: string;
  readonly triggerId: string;
  readonly code: string;
  readonly error: { readonly message: string };
}

function setUp() {
  const lines: Line[] = [];
  const told: StoredInboxState[] = [];
  const registry = new Registry();
  const reports = new InboxReports(
    { tell: async (_triggerId, state) => void told.push(state) },
    new InboxMetrics(registry),
    createLogger({
      ...{ level: 'info', pretty: false },
      destination: { write: (line) => void lines.push(JSON.parse(line) as Line) },
    }),
    { nowMs: () => 0 },
  );
  const troubles = async () => (await registry.getSingleMetric('millrace_mailbox_troubles_total')?.get())?.values ?? [];
  const messages = async () => (await registry.getSingleMetric('millrace_mailbox_messages_total')?.get())?.values ?? [];
  return { reports, lines, told, troubles, messages };
}

function waiting(code: 'DELIVERY_FAILED' | 'CHECKPOINT_FAILED' | 'IMAP_TIMEOUT', cause?: Error): InboxState {
  const trouble = new InboxTrouble(code, 'no', cause && { cause });
  return { kind: 'waiting', trouble, retryInMs: 1 };
}

describe('how a mailbox is doing', () => {
  it('is logged with its cause once for each change of code, and counted each time', async () => {
    const { reports, lines, told, troubles } = setUp();
    const cause = new Error('a fault of ours');
    for (const state of [
      waiting('DELIVERY_FAILED', cause),
      { kind: 'connecting' } as const,
      waiting('DELIVERY_FAILED', cause),
      waiting('IMAP_TIMEOUT'),
      waiting('CHECKPOINT_FAILED', cause),
      { kind: 'watching', by: 'idle' } as const,
      waiting('CHECKPOINT_FAILED', cause),
    ])
      reports.state('wh_1', state);
    expect(lines.map(({ level, triggerId, code, error }) => [level, triggerId, code, error.message])).toEqual(
      ['DELIVERY_FAILED', 'CHECKPOINT_FAILED', 'CHECKPOINT_FAILED'].map((code) => [
        'warn',
        'wh_1',
        code,
        'a fault of ours',
      ]),
    );
    expect((await troubles()).map(({ labels, value }) => [labels.code, value])).toEqual([
      ['DELIVERY_FAILED', 2],
      ['IMAP_TIMEOUT', 1],
      ['CHECKPOINT_FAILED', 2],
    ]);
    expect(told.map(({ kind }) => kind)).toEqual(['waiting', 'waiting', 'waiting', 'waiting', 'watching', 'waiting']);
  });

  it('is logged as an error where a message was set aside, with why, and counted', async () => {
    const { reports, lines, messages } = setUp();
    const trouble = new InboxTrouble('DELIVERY_FAILED', 'message 7 was not taken', { cause: new Error('ours') });
    reports.event('wh_1', { kind: 'setAside', uid: 7, trouble });
    expect(lines).toMatchObject([{ level: 'error', triggerId: 'wh_1', uid: 7 }]);
    expect(JSON.stringify(lines)).toContain('ours');
    expect(await messages()).toMatchObject([{ labels: { outcome: 'setAside' }, value: 1 }]);
  });

  it('is told when it is not even tried', async () => {
    const { reports, told, troubles } = setUp();
    reports.refused('wh_1', { code: 'MAILBOX_LIMIT', message: 'too many' });
    expect(told).toMatchObject([{ kind: 'refused', code: 'MAILBOX_LIMIT' }]);
    expect(await troubles()).toMatchObject([{ labels: { code: 'MAILBOX_LIMIT' }, value: 1 }]);
  });
});
