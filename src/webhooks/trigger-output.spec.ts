import { createHash } from 'node:crypto';
import type { JsonValue } from '#libs/kernel';
import { triggerOutputOf } from './trigger-output.ts';

const at = '2026-11-23T10:00:00.000Z';

async function bodyOf(body: string | Uint8Array, contentType?: string): Promise<JsonValue | undefined> {
  const headers = contentType === undefined ? {} : { 'content-type': contentType };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return (await triggerOutputOf({ method: 'POST', url: '/', headers, body: bytes, ip: '::1', receivedAt: at }))['body'];
}

function multipart(...parts: readonly string[]): readonly [string, string] {
  const body = parts.map((part) => `--b\r\n${part}\r\n`).join('');
  return [`${body}--b--\r\n`, 'multipart/form-data; boundary=b'];
}
const field = (name: string, value: string) => `content-disposition: form-data; name="${name}"\r\n\r\n${value}`;
const file = (name: string, filename: string, content: string, type = 'text/plain') =>
  `content-disposition: form-data; name="${name}"; filename="${filename}"\r\ncontent-type: ${type}\r\n\r\n${content}`;

describe('the output of a webhook', () => {
  it('is the call, without what proves who called', async () => {
    const secret = { authorization: 'a', cookie: 'b', 'x-gitlab-token': 'c', 'x-own': 'd' };
    const call = {
      method: 'PUT',
      url: '/hooks/t?a=1&a=2&b=',
      body: Buffer.from('[1]'),
      ip: '192.0.2.1',
      receivedAt: at,
    };
    const headers = { ...secret, 'content-type': 'application/json', 'set-cookie': ['x', 'y'], 'x-odd': undefined };
    expect(await triggerOutputOf({ ...call, headers }, 'x-own')).toEqual({
      method: 'PUT',
      path: '/hooks/t',
      query: { a: ['1', '2'], b: '' },
      headers: { 'content-type': 'application/json', 'set-cookie': 'x, y' },
      body: [1],
      receivedAt: at,
      ip: '192.0.2.1',
    });
  });

  it.each<[string, string | undefined, JsonValue]>([
    ['', 'application/json', null],
    ['{"a":1}', 'Application/JSON; charset=utf-8', { a: 1 }],
    ['{"a":1}', 'application/cloudevents+json', { a: 1 }],
    ['a=1&b=%C3%A9&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'é' }],
    ['é\r\n', 'text/csv', 'é\r\n'],
    ['hello', undefined, 'aGVsbG8='],
    ['hello', 'image/png', 'aGVsbG8='],
  ])('has the body %j of %s as %j', async (body, contentType, expected) => {
    expect(await bodyOf(body, contentType)).toEqual(expected);
  });

  it.each<[string | Uint8Array, string, string]>([
    ['{', 'application/json', 'MALFORMED_JSON'],
    [Buffer.from([0xff]), 'application/json', 'MALFORMED_BODY'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'application/json', 'JSON_TOO_DEEP'],
    ['--b\r\n', 'multipart/form-data', 'MALFORMED_BODY'],
    ['no parts', 'multipart/form-data; boundary=b', 'MALFORMED_BODY'],
    [multipart(field('a', '1'))[0].slice(0, -10), 'multipart/form-data; boundary=b', 'MALFORMED_BODY'],
    [multipart(file('a', 'a.txt', 'text'))[0].slice(0, -12), 'multipart/form-data; boundary=b', 'MALFORMED_BODY'],
  ])('refuses the body %j of %s', async (body, contentType, code) => {
    await expect(bodyOf(body, contentType)).rejects.toMatchObject({ code, problems: [{ path: 'body' }] });
  });

  it('has forms of many fields of one name in no time', async () => {
    const body = await bodyOf('a=&'.repeat(300_000), 'application/x-www-form-urlencoded');
    expect((body as { a: unknown[] }).a).toHaveLength(300_000);
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('takes any name of a field: %s', async (name) => {
    const form = await bodyOf(`${name}=1`, 'application/x-www-form-urlencoded');
    const parts = await bodyOf(...multipart(field(name, '1')));
    for (const one of [form, parts]) expect(JSON.stringify(one)).toBe(`{"${name}":"1"}`);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('has the files of a form with their content', async () => {
    const body = await bodyOf(...multipart(field('title', 'Tür'), file('doc', 'C:\\tmp\\..\\a\u0000.TXT', 'text')));
    expect(body).toEqual({
      title: 'Tür',
      doc: {
        name: 'a.TXT',
        mediaType: 'text/plain',
        bytes: 4,
        sha256: createHash('sha256').update('text').digest('hex'),
        contentBase64: 'dGV4dA==',
      },
    });
  });

  it('has several files of one name as a list', async () => {
    const body = await bodyOf(...multipart(file('f', 'a', '1'), file('f', 'b', '2'), field('f', 'text')));
    expect(body).toMatchObject({ f: [{ name: 'a' }, { name: 'b' }, 'text'] });
  });

  it('takes a thousand parts, and not one more', async () => {
    const parts = Array.from({ length: 1_000 }, (_, index) => field(`f${index}`, 'x'));
    expect(Object.keys((await bodyOf(...multipart(...parts))) as object)).toHaveLength(1_000);
    await expect(bodyOf(...multipart(...parts, field('more', 'x')))).rejects.toThrow(/more than 1000 parts/);
  });

  it('does not take for a file what only says so', async () => {
    const said = '{"files":{"x":{"filepath":"/etc/passwd"}}}';
    expect(await bodyOf(said, 'application/json')).toEqual(JSON.parse(said));
  });
});
