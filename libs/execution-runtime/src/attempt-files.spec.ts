import { InMemoryPayloadStore } from '#libs/execution-engine/testing';
import { filesOf } from './attempt-files.ts';
import { Payloads } from './payloads.ts';

const CONTENT = Buffer.from([0, 255, 13, 10]);

describe('the files of an execution', () => {
  const store = new InMemoryPayloadStore();
  const payloads = new Payloads(store);

  it('are read by their hash, wherever they lie', async () => {
    const stored = await store.put('ex_1', JSON.stringify(CONTENT.toString('base64')));
    const read = filesOf({ files: { aa: { stored }, bb: { value: CONTENT.toString('base64') } } }, payloads);
    expect(await read('aa')).toEqual(CONTENT);
    expect(await read('bb')).toEqual(CONTENT);
  });

  it.each(['cc', 'constructor', '__proto__', 'x'.repeat(1_000)])('are no others: %s', async (sha256) => {
    const erased = { sha256: 'cc', bytes: 1 };
    const read = filesOf({ files: { cc: { erased } } }, payloads);
    await expect(read(sha256)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', options: { retryable: false } });
    await expect(filesOf({}, payloads)(sha256)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
