import fc from 'fast-check';
import { z } from 'zod';
import { addressKeyOf, domainOf, mailAddress, tryParseAddress } from './index.ts';

const atom = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,20}$/);
const label = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,10}[A-Za-z0-9])?$/);
const letters = fc.stringMatching(/^[A-Za-z]{2,8}$/);

describe('tryParseAddress', () => {
  it('takes an address apart', () => {
    expect(tryParseAddress("Ann.O'Neil+tag@Mail.Example.COM")).toEqual({
      ok: true,
      address: {
        address: "Ann.O'Neil+tag@mail.example.com",
        localPart: "Ann.O'Neil+tag",
        domain: 'mail.example.com',
      },
    });
  });

  it.each(['a@b.co', 'bounce+abc_12=x@example.com', 'a@xn--bcher-kva.example', `${'a'.repeat(64)}@example.com`])(
    'takes %s',
    (text) => {
      expect(tryParseAddress(text)).toMatchObject({ ok: true });
    },
  );

  it.each([
    ['b@y.test\r\nBcc: evil@z.test', 'line break'],
    ['a@b.test\n', 'line break'],
    ['a@b.test\u0000', 'control character'],
    ['a@b.test\u2028', 'control character'],
    ['a, evil', 'space'],
    ['a@b.test,c@d.test', 'comma'],
    ['a@b.test;c@d.test', 'semicolon'],
    ['group:a@b.test', 'colon'],
    ['Ann <a@b.test>', 'space'],
    ['<a@b.test>', 'angle brackets'],
    ['"a@evil.test"@b.test', 'quoted'],
    ['a(comment)@b.test', 'comment'],
    ['a@[127.0.0.1]', 'IP address'],
    ['a@127.0.0.1', 'two labels'],
    ['a@localhost', 'two labels'],
    ['a@b', 'two labels'],
    ['a@b..test', 'two labels'],
    ['a@b.test.', 'two labels'],
    ['a@-b.test', 'two labels'],
    ['a@b_c.test', 'two labels'],
    ['a@b.test@c.test', 'exactly one @'],
    ['ann', 'exactly one @'],
    ['', 'exactly one @'],
    ['@b.test', 'no valid name'],
    ['.a@b.test', 'no valid name'],
    ['a..b@b.test', 'no valid name'],
    ['jörg@b.test', 'SMTPUTF8'],
    ['a@bücher.test', 'write it as xn--…'],
    ['a＠b.test', 'exactly one @'],
    [`${'a'.repeat(65)}@b.test`, 'more than 64'],
    [`a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}`, 'longer than 254'],
  ])('refuses %j and says why', (text, why) => {
    expect(tryParseAddress(text)).toEqual({ ok: false, problem: expect.stringContaining(why) as string });
  });

  it('reads what it gave out as the same', () => {
    fc.assert(
      fc.property(fc.array(atom, { minLength: 1, maxLength: 3 }), label, letters, (atoms, host, top) => {
        const parsed = tryParseAddress(`${atoms.join('.')}@${host}.${top}`);
        if (!parsed.ok) throw new Error(parsed.problem);
        expect(tryParseAddress(parsed.address.address)).toEqual(parsed);
      }),
    );
  });

  it('lets nothing through that stands for more than one address', () => {
    const noise = fc.constantFrom(
      '@',
      ',',
      ';',
      ':',
      '<',
      '>',
      '"',
      '\r',
      '\n',
      ' ',
      '\t',
      '(',
      ')',
      'a',
      '.test',
      'é',
    );
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 12 }), (parts) => {
        const parsed = tryParseAddress(`a${parts.join('')}b@c.test`);
        if (parsed.ok) expect(parsed.address.address).toMatch(/^[!-~]+$/);
        if (parsed.ok) expect(parsed.address.address).not.toMatch(/[,;:<>"()]|@.*@/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('addressKeyOf and domainOf', () => {
  it('know one mailbox by every spelling', () => {
    expect(addressKeyOf('Ann@Example.COM')).toBe('ann@example.com');
    const parsed = tryParseAddress('ANN@example.com');
    expect(parsed.ok && addressKeyOf(parsed.address)).toBe('ann@example.com');
  });

  it('find the domain', () => {
    expect(domainOf('Ann@Example.COM')).toBe('example.com');
    expect(domainOf('ann')).toBe('');
  });
});

describe('mailAddress', () => {
  it('keeps the string, and says what is wrong', () => {
    expect(mailAddress.parse('Ann@example.com')).toBe('Ann@example.com');
    expect(mailAddress.safeParse('a, b').error?.issues).toMatchObject([
      { message: expect.stringContaining('space') as string },
    ]);
  });

  it('is a string in JSON schemas', () => {
    expect(z.toJSONSchema(mailAddress)).toMatchObject({ type: 'string', title: 'Mail address', maxLength: 254 });
  });
});
