import { createMailReader } from './mail-reader.ts';
import { readMail } from './read-mail.ts';

function mailWith(file: Uint8Array): Uint8Array {
  const head =
    'From: a@example.com\r\nSubject: big\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nhello\r\n';
  const part = `--B\r\nContent-Type: a/b; name="../x.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(file).toString('base64')}\r\n--B--\r\n`;
  return Buffer.from(head + part);
}

const LARGE = mailWith(new Uint8Array(100_000).fill(7));

describe('the reader', () => {
  it('reads the same in a process as here, and leaves the bytes to the caller', async () => {
    await using reader = createMailReader({ processes: 2, inlineBelowBytes: 1_000 });
    const before = Buffer.from(LARGE);
    const read = await Promise.all([reader.read(LARGE), reader.read(LARGE), reader.read(LARGE)]);
    const expected = await readMail(LARGE);
    expect(expected.attachments[0]?.name).toBe('x.bin');
    for (const mail of read) expect(mail).toEqual(expected);
    expect(before.equals(LARGE)).toBe(true);
    const small = Buffer.from('Subject: small\r\n\r\nx');
    expect(await reader.read(small)).toEqual(await readMail(small));
    const longList = Buffer.from(`Subject: lines\r\n\r\n${'\n'.repeat(1_001)}`);
    expect((await reader.read(longList)).subject).toBe('lines');
  });

  it('gives the headers of what takes too long, and goes on', async () => {
    await using hasty = createMailReader({ inlineBelowBytes: 0, readMs: 0 });
    const mail = await hasty.read(LARGE);
    expect(mail).toMatchObject({ subject: 'big', from: { address: 'a@example.com' }, attachments: [] });
    expect(mail.warnings).toEqual([expect.stringContaining('took too long')]);
    expect((await hasty.read(LARGE)).subject).toBe('big');
  });

  it('outlives a message that takes all memory of its process, and gives its headers', async () => {
    await using reader = createMailReader();
    const mail = await reader.read(Buffer.from(`Subject: lines\r\n\r\n${'x\r\n'.repeat(8_000_000)}`));
    expect(mail).toMatchObject({ subject: 'lines', attachments: [] });
    expect(mail.warnings).toEqual([expect.stringContaining('too much memory')]);
    expect((await reader.read(LARGE)).attachments).toHaveLength(1);
  });

  it('refuses more than may wait', async () => {
    await using reader = createMailReader({ inlineBelowBytes: 0, maxWaiting: 1 });
    const taken = [reader.read(LARGE), reader.read(LARGE)];
    await expect(reader.read(LARGE)).rejects.toMatchObject({ code: 'READER_BUSY', isRetryable: true });
    for (const mail of await Promise.all(taken)) expect(mail.subject).toBe('big');
  });

  it('ends with all that is being read and waits', async () => {
    const reader = createMailReader({ inlineBelowBytes: 0 });
    const closed = [reader.read(LARGE), reader.read(LARGE)].map((one) =>
      expect(one).rejects.toMatchObject({ code: 'READER_CLOSED', isRetryable: false }),
    );
    await reader[Symbol.asyncDispose]();
    await Promise.all(closed);
    await expect(reader.read(LARGE)).rejects.toMatchObject({ code: 'READER_CLOSED' });
  });
});
