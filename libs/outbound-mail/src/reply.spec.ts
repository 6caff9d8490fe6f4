import { createRedaction, outcomesOf, replyOf, textOfReply } from './reply.ts';

const PASSWORD = 'correct horse=battery';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('what a server says', () => {
  const redact = createRedaction({ username: 'ann', password: PASSWORD });

  it.each([
    ['as it is', PASSWORD],
    ['as AUTH PLAIN sends it', base64(`\0ann\0${PASSWORD}`)],
    ['as AUTH LOGIN sends it', base64(PASSWORD)],
    ['without padding', base64(PASSWORD).replaceAll('=', '')],
  ])('is shown without our password %s', (_what, form) => {
    const shown = textOfReply(`535 5.7.8 you said "${form}"`, redact);
    expect(shown).toMatch(/^535 5\.7\.8 you said "\[redacted\]=?=?"$/);
    expect(JSON.stringify(replyOf(`535 ${form} ${form}`, redact))).not.toContain(form);
  });

  it('is shown without half of a password at its end', () => {
    for (let before = 470; before < 500; before++) {
      expect(textOfReply(`${'x'.repeat(before)}${PASSWORD}`, redact)).not.toContain('corr');
    }
    expect(textOfReply(PASSWORD.repeat(3_000), redact)).not.toContain('corr');
  });

  it('is one line of at most 500 characters', () => {
    expect(textOfReply('250-one\r\n250 two\0\u001b[31m', redact)).toBe('250-one 250 two [31m');
    expect(textOfReply('x'.repeat(60_000), redact)).toHaveLength(500);
  });

  it('has a code, and one of RFC 3463 where there is one', () => {
    expect(replyOf('550 5.1.1 nobody', redact)).toEqual({
      replyCode: 550,
      enhancedCode: '5.1.1',
      response: '550 5.1.1 nobody',
    });
    expect(replyOf('451-4.7.0 a\n451 4.7.0 b', redact)).toMatchObject({ replyCode: 451, enhancedCode: '4.7.0' });
    expect(replyOf('250 ok 5.1.1', redact)).toEqual({ replyCode: 250, response: '250 ok 5.1.1' });
    expect(replyOf('nonsense', redact)).toEqual({ response: 'nonsense' });
    expect(replyOf(undefined, redact)).toEqual({});
  });

  it('is told of each recipient, in the order of the envelope', () => {
    const refused = [
      { recipient: 'c@d.test', response: '450 later' },
      { recipient: 'a@b.test', response: '550 5.1.1 no' },
    ];
    expect(outcomesOf(['a@b.test', 'b@b.test', 'c@d.test'], refused, redact)).toEqual([
      { address: 'a@b.test', outcome: 'refused', replyCode: 550, enhancedCode: '5.1.1', response: '550 5.1.1 no' },
      { address: 'b@b.test', outcome: 'accepted' },
      { address: 'c@d.test', outcome: 'deferred', replyCode: 450, response: '450 later' },
    ]);
  });
});
