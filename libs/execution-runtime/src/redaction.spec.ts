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
