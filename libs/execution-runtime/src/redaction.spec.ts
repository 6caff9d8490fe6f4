import fc from 'fast-check';
import { Redaction } from './redaction.ts';

const secret = 'p"ä ss/w+rd&1';
const redaction = new Redaction([secret]);

describe('a secret is taken out', () => {
  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ secret }).slice(11, -2)],
    ['in a URL', encodeURIComponent(secret)],
    ['in a URL in lower case', encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ secret }).toString().slice(7)],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
  ])('%s', (_, form) => {
    expect(redaction.text(`a ${form} b ${form}`)).toBe('a [redacted] b [redacted]');
    expect(redaction.value({ list: [form], [form]: 1 })).toEqual({ list: ['[redacted]'], '[redacted]': 1 });
  });

  const hex = (char: string): string => char.charCodeAt(0).toString(16).padStart(4, '0');
  const escaped = 'p\\"ä ss/w+rd&1';
  it.each([
    ['JSON of PHP', 'p\\"\\u00e4 ss\\/w+rd&1'],
    ['JSON of .NET', 'p\\u0022\\u00E4 ss/w\\u002Brd\\u00261'],
    ['JSON of Go', escaped.replace('&', '\\u0026')],
    ['JSON that escapes all', secret.replace(/./g, (char) => `\\u${hex(char)}`)],
    ['JSON that escapes all in upper case', secret.replace(/./g, (char) => `\\u${hex(char).toUpperCase()}`)],
    ['HTML', 'p&quot;ä ss/w+rd&amp;1'],
    ['HTML in numbers', 'p&#34;&#228; ss&#47;w&#043;rd&#38;1'],
    ['HTML in hexadecimal numbers', 'p&#x22;&#xE4; ss&#x2f;w&#X2B;rd&#38;1'],
    ['JSON of PHP, in base64', Buffer.from('??>?>>').toString('base64').replaceAll('/', '\\/'), '??>?>>'],
  ])('from %s', (_, form, of = secret) => {
    const one = new Redaction([of]);
    expect(one.text(`\\"a&lt; ${form} b&#x110000; ${form}\\n`)).toBe('\\"a&lt; [redacted] b&#x110000; [redacted]\\n');
  });

  it('with all of what overlaps it in escapes', () => {
    expect(new Redaction(['a/b/c', 'b/c/d']).text('<a\\/b\\/c\\/d>')).toBe('<[redacted]>');
  });

  it('when it is beyond the first plane', () => {
    const one = new Redaction(['pass😀word']);
    expect(one.text('"pass\\ud83d\\uDE00word" pass&#128512;word.')).toBe('"[redacted]" [redacted].');
  });

  it.each([
    ['12345678', 12345678],
    ['0012345678', 12345678],
    ['12345678901234567890', 12345678901234567000],
    ['-12.50', -12.5],
  ])('%s as the number %j', (text, number) => {
    const one = new Redaction([text]);
    const value = { a: [number, number + 1e6, 7] };
    expect(one.value(value)).toEqual({ a: ['[redacted]', number + 1e6, 7] });
    expect(one.excerpts(value)).toEqual({ a: ['[redacted]', number + 1e6, 7] });
  });

  it('in the base64 of whatever holds it, but for its first and last letters', () => {
    const around = fc.uint8Array({ maxLength: 12 });
    fc.assert(
      fc.property(around, around, fc.constantFrom('base64', 'base64url'), (before, after, encoding) => {
        const whole = Buffer.concat([before, Buffer.from(secret), after]).toString(encoding);
        const rest = redaction.text(whole);
        expect(rest).toContain('[redacted]');
        expect(Buffer.from(rest.split('[redacted]')[0]!, 'base64').includes('p"')).toBe(false);
      }),
    );
  });

  it('in the base64 of what holds it in base64, as a header of an answer that is no text', () => {
    const header = `authorization: Basic ${Buffer.from(secret).toString('base64')}`;
    for (const before of ['', 'a', 'ab']) {
      const rest = redaction.text(Buffer.from(`${before}${header}\r\n`).toString('base64'));
      expect(rest).toContain('[redacted]');
      expect(Buffer.from(rest.split('[redacted]')[1]!, 'base64').toString()).not.toContain('MQ==');
    }
  });

  it('with all of what it stands in, when one secret is part of another', () => {
    const both = new Redaction(['lovelace', 'ada:lovelace']);
    expect(both.text('ada:lovelace, lovelace')).toBe('[redacted], [redacted]');
  });

  it('whatever it is: nothing of it is left in the value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }), fc.string(), (text, around) => {
        fc.pre(!'[redacted]'.includes(text) && !around.includes(text));
        const value = new Redaction([text]).value({ a: `${around} ${text}` });
        expect(JSON.stringify(value)).not.toContain(text);
      }),
    );
  });
});

describe('what is left alone', () => {
  it('is everything when there is no secret, or none that is long enough', () => {
    const value = { a: ['abc', 1, null, true] };
    expect(new Redaction([]).value(value)).toBe(value);
    expect(new Redaction(['abc', '']).value(value)).toBe(value);
    expect(new Redaction(['0001', '123']).value([1, 123])).toEqual([1, 123]);
    expect(new Redaction(['abcd']).value({ a: 'abcd' })).toEqual({ a: '[redacted]' });
  });

  it('is what is no text, and fields with the names of prototypes', () => {
    const value = JSON.parse('{"__proto__":{"constructor":[1,null,true]},"x":"y"}') as Record<string, never>;
    expect(JSON.stringify(redaction.value(value))).toBe(JSON.stringify(value));
  });
});

describe('an excerpt', () => {
  it('that was cut within a secret ends before it', () => {
    const forms = [secret, Buffer.from(secret).toString('base64')];
    for (const form of forms) {
      for (let length = 4; length < form.length; length++) {
        expect(redaction.excerpt(`body: ${form.slice(0, length)}`)).toBe('body: [redacted]');
      }
    }
    expect(redaction.excerpt('body: p"ä')).toBe('body: p"ä');
    expect(redaction.excerpts({ body: `x${secret.slice(0, 8)}`, status: 500 })).toEqual({
      body: 'x[redacted]',
      status: 500,
    });
  });
});

describe('an excerpt of escapes', () => {
  it.each([
    ['JSON', 'p\\u0022\\u00E4 ss\\/w\\u002Brd\\u00261', 'p\\u0022\\u00E4 s'.length],
    ['HTML', 'p&quot;&#xe4; ss/w&#43;rd&amp;1', 'p&quot;&#xe4; s'.length],
  ])('of %s that was cut within a secret, or within an escape of it, ends before it', (_, form, from) => {
    for (let length = from; length < form.length; length++)
      expect(redaction.excerpt(`\\"&lt; ${form.slice(0, length)}`)).toBe('\\"&lt; [redacted]');
    expect(redaction.excerpt(`\\"&lt; ${form.slice(0, 3)}`)).toBe(`\\"&lt; ${form.slice(0, 3)}`);
  });
});

describe('an error for the log', () => {
  it('loses the secret in message, stack and causes, and what hangs on it', () => {
    const cause = new TypeError(`no ${secret}`);
    const error = Object.assign(new Error(`bad ${secret}`, { cause }), { request: secret });
    const told = redaction.error(error) as Error;
    expect(told).toMatchObject({ name: 'Error', message: 'bad [redacted]', cause: { name: 'TypeError' } });
    const all = [told, told.cause as Error].map(({ message, stack }) => `${message} ${stack}`).join(' ');
    expect(`${all} ${JSON.stringify(told)}`).not.toContain(secret);
    expect(redaction.error(secret)).toBe('[redacted]');
  });

  it('is the error itself when there is no secret', () => {
    const error = new Error('x');
    expect(new Redaction([]).error(error)).toBe(error);
  });
});
