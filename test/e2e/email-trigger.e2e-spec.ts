import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  LOCALHOST_CERTIFICATE,
  LOCALHOST_KEY,
  startSmtpServer,
  type TestSmtpServer,
} from '#libs/outbound-mail/testing';
import PostalMime from 'postal-mime';
import { Api, type Execution } from '../support/api.ts';
import { MAIL_DOMAIN, startMillrace, type LocalMillrace } from '../support/installation.ts';
import { messageOf, sendMessage } from '../support/send-message.ts';
import { until } from '../support/until.ts';

interface Address {
  readonly id: string;
  readonly address: string;
  readonly active: boolean;
}

describe('trigger.email', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let keys: string;

  beforeAll(async () => {
    keys = await mkdtemp(join(tmpdir(), 'millrace-mail-tls-'));
    const [certFile, keyFile] = [join(keys, 'cert.pem'), join(keys, 'key.pem')];
    await Promise.all([writeFile(certFile, LOCALHOST_CERTIFICATE), writeFile(keyFile, LOCALHOST_KEY)]);
    millrace = await startMillrace({ mailTls: { certFile, keyFile } });
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await rm(keys, { recursive: true });
  });

  const addressesOf = async (id: string): Promise<readonly Address[]> =>
    ((await api.send('GET', `/v1/workflows/${id}/mail-addresses`)).body as { items: Address[] }).items;
  const activate = async (config: object = {}, after: readonly object[] = []) => {
    const id = await api.create({
      name: 'Mailed',
      nodes: [{ id: 'in', type: 'trigger.email', config }, ...after],
      connections: after.map((_, index) => ({ from: 'in', to: (after[index] as { id: string }).id })),
    });
    expect((await api.send('POST', `/v1/workflows/${id}/activate`)).status).toBe(200);
    const [one] = await addressesOf(id);
    expect(one).toMatchObject({ active: true });
    return { id, address: one?.address ?? '', addressId: one?.id ?? '' };
  };
  const send = (to: string | readonly string[], message: string | Buffer, from?: string) =>
    sendMessage(millrace.mailPort, {
      to: typeof to === 'string' ? [to] : to,
      message,
      ...(from === undefined ? {} : { from }),
    });
  const executionsOf = async (workflowId: string): Promise<readonly Execution[]> =>
    ((await api.send('GET', `/v1/executions?workflowId=${workflowId}`)).body as { items: Execution[] }).items;
  const inputOf = async (workflowId: string): Promise<Execution> => {
    const [listed] = await until('an execution is there', async () => {
      const items = await executionsOf(workflowId);
      return items.length > 0 ? items : undefined;
    });
    return api.ended(listed?.id ?? '');
  };

  it('starts an execution with the message, and its attachments as files', async () => {
    const { id, address } = await activate();
    expect(address).toMatch(new RegExp(`^[0-9a-f]{36}@${MAIL_DOMAIN}$`));
    const attachment = randomBytes(200_000);
    const reply = await send(address, messageOf({ id: 'order-1', subject: 'Bestellung für Zoë', attachment }));
    expect(reply).toMatch(/^250 /);
    const execution = await inputOf(id);
    const sha256 = createHash('sha256').update(attachment).digest('hex');
    expect(execution).toMatchObject({
      status: 'succeeded',
      input: {
        body: {
          messageId: '<order-1@example.org>',
          subject: 'Bestellung für Zoë',
          from: { address: 'ann@example.org', name: 'Ann' },
          attachments: [{ name: 'order.pdf', mediaType: 'application/pdf', bytes: 200_000, sha256, isInline: false }],
        },
        envelope: { from: 'ann@example.org', to: [address] },
        authentication: { dkim: [] },
      },
    });
    const file = await fetch(`${millrace.url}/v1/executions/${execution.id}/files/${sha256}`, {
      headers: api.authorization,
    });
    expect([file.status, file.headers.get('content-disposition')]).toEqual([200, 'attachment']);
    expect(Buffer.from(await file.arrayBuffer()).equals(attachment)).toBe(true);
    expect(await api.send('GET', `/v1/executions/${execution.id}/files/${'0'.repeat(64)}`)).toMatchObject({
      status: 404,
      body: { code: 'FILE_NOT_FOUND' },
    });
  });

  it('is one execution for one message, however often it comes', async () => {
    const { id, address } = await activate();
    const message = messageOf({ id: 'again' });
    for (let n = 0; n < 3; n++) expect(await send(address, message)).toMatch(/^250 /);
    // Servers on the way may change the case.
    expect(await send(address.toUpperCase(), message)).toMatch(/^250 /);
    expect(await send(address, messageOf({ id: 'another' }))).toMatch(/^250 /);
    await until('both are there', async () => ((await executionsOf(id)).length >= 2 ? true : undefined));
    expect(await executionsOf(id)).toHaveLength(2);
  });

  it('starts one for each workflow that a message is for', async () => {
    const [one, other] = await Promise.all([activate(), activate()]);
    expect(await send([one.address, other.address], messageOf({ id: 'both' }))).toMatch(/^250 /);
    for (const { id, address } of [one, other])
      expect(await inputOf(id)).toMatchObject({ input: { envelope: { to: [address] } } });
  });

  it('starts one for what is no proper message, and says what is wrong with it', async () => {
    const { id, address } = await activate();
    const broken = Buffer.concat([
      Buffer.from('Subject: =?utf-7?Q?+AOQ-?=\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\n'),
      randomBytes(2000),
    ]);
    expect(await send(address, broken)).toMatch(/^250 /);
    const { status, input } = await inputOf(id);
    expect(status).toBe('succeeded');
    expect((input.body as { warnings: string[] }).warnings).not.toEqual([]);
  });

  it('refuses who is nobody, before any of the message is sent', async () => {
    const { id, address } = await activate({ allowFrom: ['@example.org'], maxBytes: 2000 });
    const message = messageOf({ id: 'refused' });
    expect(await send(`${'0'.repeat(36)}@${MAIL_DOMAIN}`, message)).toMatch(/^550 5\.1\.1/);
    expect(await send('somebody@example.org', message)).toMatch(/^550 5\.7\.1/);
    expect(await send(address, message, 'eve@example.com')).toMatch(/^550 5\.7\.1/);
    expect(await send(address, messageOf({ id: 'big', text: 'x'.repeat(3000) }))).toMatch(/^552 5\.3\.4/);
    expect((await api.send('POST', `/v1/workflows/${id}/deactivate`)).status).toBe(200);
    expect(await send(address, message)).toMatch(/^550 5\.1\.1/);
    expect(await executionsOf(id)).toEqual([]);
  });

  it('comes encrypted where there is a certificate', async () => {
    const { id, address } = await activate();
    const message = messageOf({ id: 'encrypted' });
    const sent = sendMessage(millrace.mailPort, { to: [address], message, ca: LOCALHOST_CERTIFICATE });
    expect(await sent).toMatch(/^250 /);
    expect(await inputOf(id)).toMatchObject({ status: 'succeeded' });
  });

  it('does not start where the certificate can not be read, and says which variable names it', async () => {
    const missing = { certFile: join(keys, 'cert.pem'), keyFile: join(keys, 'nothing.pem') };
    await expect(startMillrace({ mailTls: missing })).rejects.toThrow(/MILLRACE_MAIL_TLS_KEY.*ENOENT/);
  });

  it('refuses what is not proven to be of its domain, where that is asked for', async () => {
    const { id, address } = await activate({ require: 'dmarc' });
    expect(await send(address, messageOf({ id: 'unproven' }))).toMatch(/^550 5\.7\.1 .*DMARC/);
    expect(await executionsOf(id)).toEqual([]);
  });

  it('gets another address, and the one of before takes mail until its grace is over', async () => {
    const { id, address, addressId } = await activate();
    const rotate = async (json: object) => {
      const { status, body } = await api.send('POST', `/v1/mail-addresses/${addressId}/rotate`, { json });
      expect(status).toBe(200);
      return body as Address & { previousAddressUntil?: string };
    };
    const second = await rotate({ graceMs: 3_600_000 });
    expect(second.address).not.toBe(address);
    expect(second.previousAddressUntil).toEqual(expect.any(String));
    expect(await send(address, messageOf({ id: 'first' }))).toMatch(/^250 /);
    expect(await send(second.address, messageOf({ id: 'second' }))).toMatch(/^250 /);
    const third = await rotate({});
    expect(await send(second.address, messageOf({ id: 'late' }))).toMatch(/^550 5\.1\.1/);
    expect(await send(third.address, messageOf({ id: 'third' }))).toMatch(/^250 /);
    await until('all three are there', async () => ((await executionsOf(id)).length === 3 ? true : undefined));
    expect((await addressesOf(id)).map((one) => one.address)).toEqual([third.address]);
  });

  it('is answered when the log has it, and later when the log is away', async () => {
    const { id, address } = await activate();
    process.kill(millrace.nats.pid, 'SIGSTOP');
    const replies: string[] = [];
    const sending = send(address, messageOf({ id: 'held' })).then((reply) => replies.push(reply));
    try {
      await until('it waits for the log', async () => {
        const metrics = await (await fetch(`${millrace.url}/metrics`)).text();
        return /^millrace_mail_bytes_under_way [1-9]/m.test(metrics) ? true : undefined;
      });
      expect(replies).toEqual([]);
    } finally {
      process.kill(millrace.nats.pid, 'SIGCONT');
    }
    await sending;
    // Whoever was told to come again comes again.
    if (!replies[0]?.startsWith('250')) expect(await send(address, messageOf({ id: 'held' }))).toMatch(/^250 /);
    expect(await inputOf(id)).toMatchObject({ status: 'succeeded' });
    expect(await executionsOf(id)).toHaveLength(1);
  });

  it('is put off when it is for somebody whom nobody knows while NATS is away', async () => {
    const nobody = `${'0'.repeat(36)}@${MAIL_DOMAIN}`;
    await millrace.nats.kill();
    try {
      await until('it is noticed', async () =>
        /^451 4\.3\.0/.test(await send(nobody, messageOf({ id: 'who' }))) ? true : undefined,
      );
    } finally {
      await millrace.nats.start();
    }
    await until('it is back', async () =>
      /^550 5\.1\.1/.test(await send(nobody, messageOf({ id: 'who' }))) ? true : undefined,
    );
  });

  describe('with a mail server to pass things on to', () => {
    let smtp: TestSmtpServer;
    beforeAll(async () => {
      smtp = await startSmtpServer();
    });
    afterAll(() => smtp[Symbol.asyncDispose]());

    it('passes an attachment on by email.send', async () => {
      const data = { host: '127.0.0.1', port: smtp.port, secure: false };
      const { body } = await api.send('POST', '/v1/credentials', { json: { type: 'smtp', name: 'Mail', data } });
      const { id } = await activate({}, [
        {
          id: 'forward',
          type: 'email.send',
          config: {
            credentialId: (body as { id: string }).id,
            from: 'shop@example.com',
            to: ['{{ trigger.body.from.address }}'],
            subject: 'Re: {{ trigger.body.subject }}',
            inReplyTo: '{{ trigger.body.messageId }}',
            text: '{{ trigger.body.text }}',
            attachments: '{{ trigger.body.attachments }}',
          },
        },
      ]);
      const [one] = await addressesOf(id);
      const attachment = randomBytes(50_000);
      await send(one?.address ?? '', messageOf({ id: 'forwarded', attachment }));
      expect(await inputOf(id)).toMatchObject({ status: 'succeeded' });
      const read = await PostalMime.parse(smtp.mails[0]?.raw ?? '');
      expect(read).toMatchObject({
        subject: 'Re: Order',
        inReplyTo: '<forwarded@example.org>',
        to: [{ address: 'ann@example.org' }],
      });
      const [passedOn] = read.attachments;
      expect(Buffer.from(passedOn?.content as ArrayBuffer).equals(attachment)).toBe(true);
    });
  });
});
