import { startImapServer } from './testing/index.ts';
import { mailAbout, recordWatch } from './testing/recording-watch.ts';

const came = (hour: number) => ({ internalDate: new Date(Date.UTC(2026, 10, 28, hour)) });

describe('a mailbox whose messages have new numbers', () => {
  it('is gone through from its begin, and what was delivered is not delivered again', async () => {
    await using server = await startImapServer();
    await using watch = recordWatch({ port: server.port });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('one'));
    server.inbox.append(mailAbout('two'));
    await watch.until(() => watch.saved.at(-1)?.lastUid === 2);
    // Somebody sorted the mailbox, and two came meanwhile.
    server.inbox.append(mailAbout('three'));
    server.inbox.messages.reverse();
    server.inbox.append(mailAbout('four'));
    server.inbox.renumber(7);
    server.drop();
    await watch.until(() => watch.saved.at(-1)?.lastUid === 4);
    expect(watch.subjects()).toEqual(['one', 'two', 'three', 'four']);
    expect(watch.events).toEqual([{ kind: 'renumbered', uidValidity: '7' }]);
    expect(watch.saved.at(-1)).toMatchObject({ uidValidity: '7', lastUid: 4 });
    expect(watch.saved.at(-1)).not.toHaveProperty('renumberedBelow');
  });

  it('still knows them after the process began anew in the middle', async () => {
    await using server = await startImapServer();
    const subjects = ['one', 'two', 'three', 'four'];
    for (const subject of subjects) server.inbox.append(mailAbout(subject));
    const first = recordWatch({ port: server.port, from: 'beginning' });
    await first.watching();
    server.inbox.append(mailAbout('five'));
    await first[Symbol.asyncDispose]();
    server.inbox.renumber(7);
    const [known] = first.saved.slice(-1);
    const second = recordWatch({
      port: server.port,
      ...(known ? { known } : {}),
      onSave: async (next) => {
        if (next.lastUid > 0) throw new Error('ended here');
      },
      backoff: { firstMs: 1e6, maxMs: 1e6 },
    });
    await second.until(() => second.states.at(-1)?.kind === 'waiting');
    await second[Symbol.asyncDispose]();
    const [middle] = second.saved.slice(-1);
    await using third = recordWatch({ port: server.port, ...(middle ? { known: middle } : {}) });
    await third.watching();
    expect(first.subjects()).toEqual(subjects.slice(0, 4));
    expect(third.subjects().filter((subject) => subject !== 'five')).toEqual([]);
  });

  it('does not have its old messages delivered that were there before anybody watched', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('older'), came(1));
    server.inbox.append(mailAbout('old'), came(2));
    server.inbox.append(mailAbout('newest'), came(3));
    await using watch = recordWatch({ port: server.port });
    await server.reached('IDLE');
    server.inbox.append(mailAbout('new'), came(4));
    await watch.until(() => watch.saved.at(-1)?.lastUid === 4);
    server.inbox.renumber(7);
    server.drop();
    await watch.until(() => watch.saved.at(-1)?.uidValidity === '7' && watch.saved.at(-1)?.lastUid === 4);
    // The newest one came no earlier than the begin: once too often rather than never.
    expect(watch.subjects()).toEqual(['new', 'newest']);
    expect(server.commands.filter((command) => /^UID FETCH [12] /.test(command))).toEqual([]);
  });

  it('is found out also when it came back from a copy with the same validity', async () => {
    await using server = await startImapServer();
    for (const subject of ['one', 'two', 'three']) server.inbox.append(mailAbout(subject));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    server.inbox.messages.splice(1);
    server.inbox.uidNext = 2;
    server.inbox.append(mailAbout('another two'));
    server.drop();
    await watch.watching(2);
    expect(watch.subjects()).toEqual(['one', 'two', 'three', 'another two']);
    expect(watch.events).toEqual([{ kind: 'renumbered', uidValidity: '1' }]);
  });

  it('hands on the same bytes twice where nothing was renumbered', async () => {
    await using server = await startImapServer();
    server.inbox.append(mailAbout('same'));
    server.inbox.append(mailAbout('same'));
    await using watch = recordWatch({ port: server.port, from: 'beginning' });
    await watch.watching();
    expect(watch.subjects()).toEqual(['same', 'same']);
  });
});
