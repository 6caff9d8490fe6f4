import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { LogUnavailableError } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { AuditLog } from './audit-log.ts';
import type { AuditEntry, AuditFact } from './entry.ts';
import type { AuditEvent } from './event.ts';
import { hashOfLine, lineOf, NOTHING_BEFORE, toHex } from './hashing.ts';
import { createAuditSigner } from './keys.ts';
import { MAX_BATCH, MAX_WAITING } from './mailbox.ts';

const fact = (target: string): AuditFact => ({
  ...{ kind: 'begun', actor: { type: 'user', id: 'usr_1' }, role: 'owner', address: '192.0.2.1' },
  ...{ action: 'workflow.activate', target, requestId: 'r-1' },
});

/** Counts messages, and can be away. */
class CountingStore extends InMemoryEventStore<AuditEvent> {
  appends = 0;
  isAway = false;
  override async append(...parameters: Parameters<InMemoryEventStore<AuditEvent>['append']>): Promise<number> {
    this.appends += 1;
    if (this.isAway) throw new LogUnavailableError('away');
    return super.append(...parameters);
  }
}

describe('the audit log', () => {
  const signer = createAuditSigner(createSecretKey(randomBytes(32)));
  const clock = { nowMs: () => Date.UTC(2026, 10, 28) };
  const open = (store: CountingStore, by = signer): AuditLog =>
    new AuditLog({ store, signer: by, keys: [by.key], clock, newCommitId: randomUUID });
  const all = async (log: AuditLog): Promise<AuditEntry[]> => {
    const entries: AuditEntry[] = [];
    for await (const entry of log.entries('ws_1', Infinity)) entries.push(entry);
    return entries;
  };

  it('chains entries from the first on, whatever message they are in', async () => {
    const log = open(new CountingStore());
    const given = await Promise.all(['a', 'b', 'c'].map((target) => log.append('ws_1', fact(target))));
    given.push(await log.append('ws_1', fact('d')));
    expect(given.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(await all(log)).toEqual(given);
    const hashes = given.map((entry) => toHex(hashOfLine(lineOf(entry))));
    expect(given.map(({ previous }) => previous)).toEqual([NOTHING_BEFORE, ...hashes.slice(0, -1)]);
    expect((await log.endOf('ws_1'))?.checkpoint).toMatchObject({ size: 4, workspaceId: 'ws_1' });
    expect(await log.endOf('ws_2')).toBeUndefined();
  });

  it('stores what waits together as one message, up to a bound', async () => {
    const store = new CountingStore();
    const log = open(store);
    await Promise.all(Array.from({ length: MAX_BATCH.entries + 1 }, (_, at) => log.append('ws_1', fact(`${at}`))));
    expect(store.appends).toBe(2);
    const large = { ...fact('x'), requestId: 'r'.repeat(MAX_BATCH.bytes) };
    await Promise.all([large, large].map((one) => log.append('ws_1', one)));
    expect(store.appends).toBe(4);
  });

  it('goes on behind what another process wrote', async () => {
    const store = new CountingStore();
    const [one, other] = [open(store), open(store)];
    await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : other).append('ws_1', fact(`${at}`))),
    );
    for (let at = 0; at < 6; at++) await (at % 2 === 0 ? one : other).append('ws_1', fact(`later ${at}`));
    expect((await all(one)).map(({ index }) => index)).toEqual(Array.from({ length: 46 }, (_, at) => at));
  });

  it('refuses everything while the log is away, and goes on afterwards', async () => {
    const store = new CountingStore();
    const log = open(store);
    await log.append('ws_1', fact('a'));
    store.isAway = true;
    await expect(log.append('ws_1', fact('b'))).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    store.isAway = false;
    expect(await log.append('ws_1', fact('c'))).toMatchObject({ index: 1 });
  });

  it('turns away what would wait too long', async () => {
    const log = open(new CountingStore());
    const asked = Array.from({ length: MAX_WAITING + 1 }, (_, at) => log.append('ws_1', fact(`${at}`)));
    await expect(asked.pop()).rejects.toMatchObject({ kind: 'unavailable', code: 'LOG_BUSY' });
    expect(await Promise.all(asked)).toHaveLength(MAX_WAITING);
  });

  it('signs nothing that follows what somebody without the key wrote', async () => {
    const store = new CountingStore();
    await open(store).append('ws_1', fact('a'));
    const last = (await store.readLast('ws_1'))!;
    const forged = structuredClone(last.events[0]!);
    const commit = {
      ...last,
      id: 'forged',
      firstVersion: 2,
      events: [{ ...forged, data: { ...forged.data, index: 1 } }],
    };
    await store.append(commit, last.sequence);
    await expect(open(store).append('ws_1', fact('b'))).rejects.toThrow('does not end as its checkpoint says');
    const snapshot = { ...(last.snapshot as object), checkpoint: { ...checkpointOf(last.snapshot), at: 'another' } };
    const mended = new CountingStore();
    await mended.append({ ...last, snapshot }, 0);
    await expect(open(mended).append('ws_1', fact('b'))).rejects.toThrow('is not signed by us');
  });

  it('goes on with another key: what the one before signed stays', async () => {
    const store = new CountingStore();
    await open(store).append('ws_1', fact('a'));
    const next = createAuditSigner(createSecretKey(randomBytes(32)));
    const log = new AuditLog({ store, signer: next, keys: [next.key, signer.key], clock, newCommitId: randomUUID });
    expect(await log.append('ws_1', fact('b'))).toMatchObject({ index: 1 });
    expect((await log.endOf('ws_1'))?.checkpoint.keyId).toBe(next.key.keyId);
  });
});

function checkpointOf(snapshot: unknown): object {
  return (snapshot as { checkpoint: object }).checkpoint;
}
