import { Api } from '../support/api.ts';
import { Dovecot } from '../support/dovecot.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { messageOf } from '../support/send-message.ts';
import { shownExecutions } from '../support/shown-executions.ts';
import { until } from '../support/until.ts';

interface Watched {
  readonly state: { readonly kind: string; readonly code: string | null } | null;
}

describe('with Dovecot', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose](), 60_000);

  const watch = async (dovecot: Dovecot, inbox: object = {}): Promise<string> => {
    const { port, username, password } = dovecot;
    const data = { host: '127.0.0.1', port, secure: false, requireTls: false, username, password };
    const created = await api.send('POST', '/v1/credentials', { json: { type: 'imap', name: 'Dovecot', data } });
    expect(created.status).toBe(201);
    const imap = { credentialId: (created.body as { id: string }).id, ...inbox };
    const nodes = [{ id: 'in', type: 'trigger.email', config: { imap } }];
    const id = await api.create({ name: 'Watched', nodes, connections: [] });
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    await untilWatched(id);
    return id;
  };
  const untilWatched = (id: string): Promise<true> =>
    until('it is watched', async () => {
      const { body } = await api.send('GET', `/v1/workflows/${id}/mailboxes`);
      return (body as { items: Watched[] }).items[0]?.state?.kind === 'watching' ? true : undefined;
    });
  /** Of those that have begun, once there are so many. */
  const subjectsOf = async (id: string, count: number): Promise<readonly string[]> =>
    (await shownExecutions(api, id, count)).map(({ input }) => (input.body as { subject: string }).subject).toSorted();
  const deliver = (dovecot: Dovecot, subject: string): string => {
    dovecot.deliver(messageOf({ id: subject, subject }));
    return subject;
  };

  it('starts one execution for each message that comes, and moves it away', async () => {
    await using dovecot = await Dovecot.start({ mailboxes: ['Done'] });
    deliver(dovecot, 'of before');
    const id = await watch(dovecot, { afterwards: { moveTo: 'Done' } });
    const sent = ['1', '2', '3'].map((subject) => deliver(dovecot, subject));
    await until('all are moved', async () => (dovecot.count('Done') === sent.length ? true : undefined));
    expect(await subjectsOf(id, sent.length)).toEqual(sent);
    expect(dovecot.count('INBOX')).toBe(1);
    const [one] = await shownExecutions(api, id, 1);
    expect(await api.ended(one?.id ?? '')).toMatchObject({
      status: 'succeeded',
      input: {
        body: { from: { address: 'ann@example.org' }, text: expect.stringContaining('Two of them.') as unknown },
      },
    });
  });

  it('goes on where it was, when its connection is ended and when Dovecot is started again', async () => {
    await using dovecot = await Dovecot.start();
    const id = await watch(dovecot);
    const sent = Array.from({ length: 15 }, (_, n) => `No. ${String(n).padStart(2, '0')}`);
    for (const [n, subject] of sent.entries()) {
      deliver(dovecot, subject);
      if (n === 4) {
        expect(dovecot.connections()).toBe(1);
        dovecot.kick();
      }
      if (n === 9) await dovecot.restart();
    }
    expect(await subjectsOf(id, sent.length)).toEqual(sent);
  }, 60_000);

  it('starts none twice when the messages get other numbers, and sees what comes after', async () => {
    await using dovecot = await Dovecot.start();
    const id = await watch(dovecot);
    const sent = ['1', '2', '3'].map((subject) => deliver(dovecot, subject));
    expect(await subjectsOf(id, 3)).toEqual(sent);
    dovecot.renumber(4711);
    dovecot.kick();
    deliver(dovecot, '4');
    expect(await subjectsOf(id, 4)).toEqual([...sent, '4']);
  }, 60_000);
});
