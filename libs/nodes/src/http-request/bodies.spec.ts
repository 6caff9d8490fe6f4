import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { runNode } from '../testing/run-nodes.ts';
import { httpRequestNode } from './http-request.ts';

/** Answers with what it got, as bytes, and with its type. */
function echo(): Promise<TestServer> {
  return startServer((request, response) => {
    const chunks: Buffer[] = [];
    // The server's own listener made text of it.
    request.setEncoding('latin1').on('data', (chunk: string) => chunks.push(Buffer.from(chunk, 'latin1')));
    request.on('end', () => {
      const type = request.headers['content-type'];
      response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(Buffer.concat(chunks));
    });
  });
}

describe('http.request with files', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const node = httpRequestNode({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  const bytes = Buffer.from([0, 255, 128, 13, 10, 45, 45]);
  let server: TestServer;
  beforeEach(async () => {
    server = await echo();
  });
  afterEach(() => server[Symbol.asyncDispose]());
  afterAll(() => http[Symbol.asyncDispose]());

  const post = (config: JsonObject): Promise<JsonValue> =>
    runNode(node, { method: 'POST', url: `${server.url}/f.bin`, response: 'file', ...config });
  const fileIn = (output: JsonValue) =>
    (output as { body: { file: JsonObject & { contentBase64: string } } }).body.file;

  it('sends bytes, and gives bytes', async () => {
    const file = fileIn(await post({ file: { contentBase64: bytes.toString('base64'), mediaType: 'image/png' } }));
    expect(file).toMatchObject({ name: 'f.bin', mediaType: 'image/png', bytes: 7 });
    expect(Buffer.from(file.contentBase64, 'base64')).toEqual(bytes);
    expect(fileIn(await post({ file: { contentBase64: '' } }))).toMatchObject({
      mediaType: 'application/octet-stream',
      bytes: 0,
    });
  });

  it('takes a file as it gave it', async () => {
    const file = fileIn(await post({ file: { contentBase64: bytes.toString('base64'), mediaType: 'image/png' } }));
    expect(fileIn(await post({ file }))).toEqual(file);
  });

  it('sends a file that the trigger brought', async () => {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const call = (config: JsonObject) =>
      runNode(node, { method: 'POST', url: server.url, response: 'text', ...config }, { files: [bytes] });
    const attachment = { name: 'a.bin', mediaType: 'text/plain', bytes: 7, sha256, contentId: 'a@b', isInline: true };
    expect(await call({ file: attachment, response: 'file' })).toMatchObject({ body: { file: { sha256 } } });
    const form = await call({ multipart: [{ name: 'file', filename: 'a.txt', sha256 }] });
    expect((form as { body: string }).body).toContain(bytes.toString('utf8', 3));
    await expect(call({ file: { sha256: '0'.repeat(64) } })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('sends a form with files that any reader of forms understands', async () => {
    const content = fileIn(
      await post({
        multipart: [
          { name: 'text', value: 'ü' },
          { name: 'number', value: 5 },
          { name: 'none', value: null },
          { name: 'image', filename: 'a "b"\r\n.png', mediaType: 'image/png', contentBase64: bytes.toString('base64') },
          { name: 'note', filename: 'ü.txt', text: 'hello' },
        ],
      }),
    );
    const { 'content-type': type = '' } = server.requests[0]?.headers ?? {};
    const form = await new Response(Buffer.from(content.contentBase64, 'base64'), {
      headers: { 'content-type': type },
    }).formData();
    expect([...form.keys()]).toEqual(['text', 'number', 'image', 'note']);
    expect(form.get('text')).toBe('ü');
    expect(form.get('number')).toBe('5');
    const [image, note] = [form.get('image'), form.get('note')] as [File, File];
    expect([image.name, image.type, note.name, note.type]).toEqual([
      'a "b"\r\n.png',
      'image/png',
      'ü.txt',
      'text/plain; charset=utf-8',
    ]);
    expect(Buffer.from(await image.arrayBuffer())).toEqual(bytes);
    expect(await note.text()).toBe('hello');
  });

  it('sends the same form at every attempt, and another one for other parts', async () => {
    const multipart = [{ name: 'a', value: '1' }];
    await post({ multipart });
    await post({ multipart });
    await post({ multipart: [{ name: 'a', value: '2' }] });
    const [first, second, third] = server.requests.map(({ headers }) => headers['content-type']);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it('is HTTP_RESPONSE_TOO_LARGE one byte above 10 MiB', async () => {
    await server[Symbol.asyncDispose]();
    server = await startServer((request, response) => response.end(Buffer.alloc(Number(request.url?.slice(1)))));
    const limit = 10 * 1_048_576;
    const get = (size: number) => runNode(node, { method: 'GET', url: `${server.url}/${size}`, response: 'file' });
    expect(fileIn(await get(limit))).toMatchObject({ bytes: limit });
    await expect(get(limit + 1)).rejects.toMatchObject({ code: 'HTTP_RESPONSE_TOO_LARGE' });
  });
});
