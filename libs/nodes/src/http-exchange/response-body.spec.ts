import { decodeResponseBody } from './response-body.ts';

const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
const refused = expect.objectContaining({
  code: 'HTTP_INVALID_RESPONSE',
  options: { retryable: false, destination: 'answered' },
}) as Error;

describe('decodeResponseBody, by type', () => {
  it.each([
    ['application/json', '{"a":[1]}', { a: [1] }],
    ['application/json; charset=utf-8', '"ü"', 'ü'],
    ['application/problem+json', '{"a":1}', { a: 1 }],
    ['APPLICATION/JSON', '5', 5],
    ['text/json', 'null', null],
    ['application/json', '\ufeff{"a":1}', { a: 1 }],
    ['application/json', '<html>', '<html>'],
    ['application/jsonp', '{"a":1}', { base64: 'eyJhIjoxfQ==', contentType: 'application/jsonp' }],
    ['text/plain', '{"a":1}', '{"a":1}'],
    ['text/html', '<p>ü', '<p>ü'],
    ['application/xml', '<a/>', '<a/>'],
    ['application/atom+xml', '<a/>', '<a/>'],
    ['application/x-www-form-urlencoded', 'a=1', 'a=1'],
    ['', 'text of no type', 'text of no type'],
    ['image/png', 'png', { base64: 'cG5n', contentType: 'image/png' }],
    ['application/json', '', null],
    ['text/plain', '', null],
    ['image/png', '', null],
  ])('reads %s', (contentType, body, value) => {
    expect(decodeResponseBody(Buffer.from(body), contentType, 'auto')).toEqual(value);
  });

  it('reads text by its charset', () => {
    expect(decodeResponseBody(Buffer.from('caf\xe9', 'latin1'), 'text/plain; charset=iso-8859-1', 'auto')).toBe('café');
    expect(decodeResponseBody(Buffer.from('ü', 'utf16le'), 'text/plain; charset="utf-16le"', 'auto')).toBe('ü');
    expect(decodeResponseBody(Buffer.from('ü'), 'text/plain; charset=nobody-knows', 'auto')).toBe('ü');
    expect(decodeResponseBody(Buffer.from([0x61, 0xff]), 'text/plain', 'auto')).toBe('a\ufffd');
  });

  it('gives bytes that are no text and have no type as they are', () => {
    expect(decodeResponseBody(Buffer.from([0xff, 0xfe]), '', 'auto')).toEqual({ base64: '//4=', contentType: '' });
  });

  it('takes keys of an object’s prototype as plain keys', () => {
    const value = decodeResponseBody(Buffer.from('{"__proto__":{"polluted":1}}'), 'application/json', 'auto');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('decodeResponseBody, as asked', () => {
  it('reads JSON whatever its type', () => {
    expect(decodeResponseBody(Buffer.from('{"a":1}'), 'text/plain', 'json')).toEqual({ a: 1 });
    expect(decodeResponseBody(Buffer.alloc(0), 'text/plain', 'json')).toBeNull();
    expect(() => decodeResponseBody(Buffer.from('<html>'), 'application/json', 'json')).toThrow(
      expect.objectContaining({ code: 'HTTP_INVALID_RESPONSE' }) as Error,
    );
  });

  it('reads text whatever its type', () => {
    expect(decodeResponseBody(Buffer.from('{"a":1}'), 'application/json', 'text')).toBe('{"a":1}');
    expect(decodeResponseBody(Buffer.alloc(0), 'application/json', 'text')).toBe('');
  });

  it.each(['json', 'auto'] as const)('lets 64 levels of JSON pass and stops 65, as %s', (mode) => {
    expect(decodeResponseBody(nested(64), 'application/json', mode)).toHaveLength(1);
    expect(() => decodeResponseBody(nested(65), 'application/json', mode)).toThrow(refused);
    expect(() => decodeResponseBody(nested(5_000), 'application/json', mode)).toThrow(refused);
  });
});
