import { startSmtpServer, type SmtpScript, type TestSmtpServer } from '#libs/outbound-mail/testing';
import { Api } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { until } from '../support/until.ts';

describe('kill -9 of the worker while it sends mail', () => {
  let millrace: ScaledMillrace;
  let smtp: TestSmtpServer;
  let api: Api;
  let script: SmtpScript = () => undefined;

  beforeAll(async () => {
    smtp = await startSmtpServer({ script: (moment) => script(moment) });
    millrace = await ScaledMillrace.start();
    api = await Api.register(millrace.url);
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await smtp[Symbol.asyncDispose]();
  }, 60_000);

  it('sends nothing again that a server was given, and asks a person', async () => {
    const data = { host: '127.0.0.1', port: smtp.port, secure: false };
    const created = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Mail', data } });
    const { id: credentialId } = created.body as { id: string };
    const mail = { credentialId, from: 'shop@example.com', subject: 'Order', text: 'On its way.' };
    const start = async (to: string): Promise<string> => {
      const send = { type: 'email.send', config: { ...mail, to } };
      const id = await api.create(manualGraph({ send }, ['start>send']));
      const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
      return (body as { executionId: string }).executionId;
    };
    const mailsTo = (address: string): number =>
      smtp.mails.filter(({ envelope }) => envelope.rcptTo[0]?.address === address).length;

    const done = await api.ended(await start('done@example.org'));
    expect(done.status).toBe('succeeded');
    script = ({ step }) => (step === 'message' ? 'stall' : undefined);
    const taken = await start('taken@example.org');
    await until('it was given to the server', async () => (mailsTo('taken@example.org') === 1 ? true : undefined));
    await millrace.killPart('worker');
    script = () => undefined;
    await millrace.startPart('worker');
    await until('a person is asked', async () => {
      const { body } = await api.send('GET', `/v1/executions/${taken}`);
      return (body as { waitingOn: { kind: string } | null }).waitingOn?.kind === 'person' ? true : undefined;
    });
    expect(mailsTo('taken@example.org')).toBe(1);
    const settled = { outcome: 'retry' };
    expect((await api.send('POST', `/v1/executions/${taken}/nodes/send/settle`, { json: settled })).status).toBe(202);
    expect(await api.ended(taken)).toMatchObject({ status: 'succeeded' });
    expect(mailsTo('taken@example.org')).toBe(2);
    expect(mailsTo('done@example.org')).toBe(1);
  }, 120_000);
});
