import { startImapServer, type TestImapServer } from '#libs/imap-inbox/testing';
import { Api, type Execution } from '../support/api.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { messageOf } from '../support/send-message.ts';
import { until } from '../support/until.ts';

interface Mailbox {
  readonly mailbox: string;
  readonly active: boolean;
  readonly state: { readonly kind: string; readonly code: string | null } | null;
}

describe('trigger.email that watches a mailbox', () => {
  let millrace: ScaledMillrace<'api' | 'worker' | 'projector' | 'mail' | 'mail2'>;
  let imap: TestImapServer;
  let api: Api;

  beforeAll(async () => {
    imap = await startImapServer({ mailboxes: ['Done'] });
    const role = (name: string) => ({ MILLRACE_ROLES: name });
    millrace = await ScaledMillrace.startParts({
      api: role('api'),
      worker: role('worker'),
      projector: role('projector'),
      mail: role('mail'),
      mail2: role('mail'),
    });
    api = await Api.register(millrace.url);
  }, 120_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await imap[Symbol.asyncDispose]();
  }, 60_000);

  const credential = async (password = 'secret'): Promise<string> => {
    const data = { host: '127.0.0.1', port: imap.port, secure: false, requireTls: false, username: 'ann', password };
    const { status, body } = await api.send('POST', '/v1/credentials', { json: { type: 'imap', name: 'Inbox', data } });
    expect(status).toBe(201);
    return (body as { id: string }).id;
  };
  const activate = async (inbox: object, config: object = {}): Promise<string> => {
    const nodes = [{ id: 'in', type: 'trigger.email', config: { ...config, imap: inbox } }];
    const id = await api.create({ name: 'Watched', nodes, connections: [] });
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    return id;
  };
  const mailboxesOf = async (id: string): Promise<readonly Mailbox[]> =>
    ((await api.send('GET', `/v1/workflows/${id}/mailboxes`)).body as { items: Mailbox[] }).items;
  const untilIs = (id: string, kind: string): Promise<Mailbox> =>
    until(
      `the mailbox is ${kind}`,
      async () => {
        const [mailbox] = await mailboxesOf(id);
        return mailbox?.state?.kind === kind ? mailbox : undefined;
      },
      30_000,
    );
  const executionsOf = async (workflowId: string): Promise<readonly Execution[]> =>
    ((await api.send('GET', `/v1/executions?workflowId=${workflowId}&limit=200`)).body as { items: Execution[] }).items;
  const subjectsOf = async (id: string): Promise<readonly unknown[]> =>
    (await executionsOf(id)).map(({ input }) => (input.body as { subject: string }).subject).toSorted();
  const message = (subject: string): Buffer => Buffer.from(messageOf({ id: subject, subject }));

  it('starts one execution for each new message, across processes that are killed and mailboxes that are cut off', async () => {
    imap.inbox.append(message('old'));
    const id = await activate({ credentialId: await credential(), afterwards: 'seen' });
    expect(await untilIs(id, 'watching')).toMatchObject({ mailbox: 'INBOX', active: true });
    const sent = Array.from({ length: 20 }, (_, n) => `No. ${String(n).padStart(2, '0')}`);
    for (const [n, subject] of sent.entries()) {
      imap.inbox.append(message(subject));
      if (n === 4) imap.drop();
      if (n === 9) await millrace.killPart('mail');
      if (n === 14) {
        await millrace.startPart('mail');
        await millrace.killPart('mail2');
      }
    }
    await until(
      'all have come',
      async () => ((await executionsOf(id)).length >= sent.length ? true : undefined),
      60_000,
    );
    await untilIs(id, 'watching');
    expect(await subjectsOf(id)).toEqual(sent);
    const [one] = await executionsOf(id);
    expect(await api.ended(one?.id ?? '')).toMatchObject({
      status: 'succeeded',
      input: { body: { from: { address: 'ann@example.org' } }, envelope: null, authentication: null },
    });
    expect((await api.send('POST', `/v1/workflows/${id}/deactivate`)).status).toBe(200);
    await until('it is left', async () => (imap.openConnections() === 0 ? true : undefined));
  }, 180_000);

  it('says why it does not watch, and goes on when the credential is changed', async () => {
    const credentialId = await credential('wrong');
    const id = await activate({ credentialId, mailbox: 'INBOX' }, { allowFrom: ['@example.org'] });
    expect(await untilIs(id, 'refused')).toMatchObject({ state: { code: 'IMAP_AUTH' } });
    const data = {
      ...{ host: '127.0.0.1', port: imap.port, secure: false, requireTls: false },
      ...{ username: 'ann', password: 'secret' },
    };
    expect((await api.send('PATCH', `/v1/credentials/${credentialId}`, { json: { data } })).status).toBe(200);
    await untilIs(id, 'watching');
    imap.inbox.append(Buffer.from(messageOf({ id: 'x' }).replace('ann@example.org>', 'eve@example.com>')));
    imap.inbox.append(message('let in'));
    await until('it has come', async () => ((await executionsOf(id)).length > 0 ? true : undefined));
    expect(await subjectsOf(id)).toEqual(['let in']);
  }, 90_000);

  it('leaves in another mailbox what was there, and what is not let in', async () => {
    const credentialId = await credential();
    const graph = (mailbox: string) => {
      const config = { allowFrom: ['@example.org'], imap: { credentialId, mailbox, afterwards: 'delete' } };
      return { name: 'Moved', nodes: [{ id: 'in', type: 'trigger.email', config }], connections: [] };
    };
    const id = await api.create(graph('INBOX'));
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    await untilIs(id, 'watching');
    imap.inbox.append(message('first'));
    await until('it has come', async () => ((await executionsOf(id)).length === 1 ? true : undefined));
    const done = imap.mailbox('Done');
    done.uidValidity = 7;
    done.append(message('of before'));
    const etag = (await api.send('GET', `/v1/workflows/${id}`)).headers.get('etag') ?? '';
    const put = await api.send('PUT', `/v1/workflows/${id}`, { json: graph('Done'), headers: { 'if-match': etag } });
    expect(put.status).toBe(200);
    const opened = imap.commands.length;
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    // Its state may still be the one of the mailbox before.
    await until('it idles there', async () => {
      const since = imap.commands.slice(opened);
      const at = since.findIndex((command) => command.includes('SELECT') && command.includes('Done'));
      return at >= 0 && since.slice(at).some((command) => command.includes('IDLE')) ? true : undefined;
    });
    done.append(Buffer.from(messageOf({ id: 'y' }).replace('ann@example.org>', 'eve@example.com>')));
    done.append(message('second'));
    await until('it is deleted', async () => (done.uids.includes(3) ? undefined : true));
    await until('it has come too', async () => ((await executionsOf(id)).length > 1 ? true : undefined));
    expect(await subjectsOf(id)).toEqual(['first', 'second']);
    expect(done.messages.map(({ uid, flags }) => [uid, ...flags])).toEqual([[1], [2]]);
  }, 90_000);
});
