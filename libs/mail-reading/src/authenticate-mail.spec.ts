import { generateKeyPairSync } from 'node:crypto';
import { dkimSign } from 'mailauth';
import { authenticateMail } from './authenticate-mail.ts';
import type { DnsResolver } from './dns-deadline.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

const ZONE: Readonly<Record<string, string[][]>> = {
  'TXT example.com': [['v=spf1 ip4:192.0.2.1 -all']],
  'TXT s1._domainkey.example.com': [['v=DKIM1; k=rsa; p=', KEY]],
  'TXT _dmarc.example.com': [['v=DMARC1; p=reject']],
};

function zone(records: typeof ZONE, asked: string[] = []): DnsResolver {
  return async (domain, type) => {
    asked.push(`${type} ${domain}`);
    const found = records[`${type} ${domain}`];
    if (found) return found;
    throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
  };
}

const PLAIN = 'From: Ada <ada@example.com>\r\nTo: bob@example.org\r\nSubject: Hi\r\n\r\nhello\r\n';
const ORIGIN = { ip: '192.0.2.1', helo: 'mx.example.com', envelopeFrom: 'ada@example.com' };

async function signed(message: string): Promise<string> {
  const key = {
    signingDomain: 'example.com',
    selector: 's1',
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  // Its types ask for the key here, and it reads the list alone.
  const { signatures, errors } = await dkimSign(message, { ...key, ...{ signatureData: [key] } });
  expect(errors).toEqual([]);
  return signatures + message;
}

describe('authenticating a message', () => {
  it('passes what its domain sent and signed', async () => {
    const result = await authenticateMail(Buffer.from(await signed(PLAIN)), ORIGIN, { resolver: zone(ZONE) });
    expect(result).toEqual({
      spf: { result: 'pass', domain: 'example.com' },
      dkim: [{ result: 'pass', domain: 'example.com', selector: 's1' }],
      dmarc: { result: 'pass', policy: 'reject', domain: 'example.com' },
    });
  });

  it('fails what was changed and comes from elsewhere, whatever its headers say', async () => {
    const forged = `Received: from mx.example.com ([192.0.2.1])\r\n${(await signed(PLAIN)).replace('hello', 'hullo')}`;
    const result = await authenticateMail(
      Buffer.from(forged),
      { ...ORIGIN, ip: '198.51.100.7' },
      { resolver: zone(ZONE) },
    );
    expect(result.spf.result).toBe('fail');
    expect(result.dkim[0]?.result).not.toBe('pass');
    expect(result.dmarc).toEqual({ result: 'fail', policy: 'reject', domain: 'example.com' });
  });

  it('finds nothing where nothing is published, and takes the name of HELO for the null sender', async () => {
    const result = await authenticateMail(Buffer.from(PLAIN), { ...ORIGIN, envelopeFrom: '' }, { resolver: zone({}) });
    expect(result).toEqual({
      spf: { result: 'none', domain: 'mx.example.com' },
      dkim: [],
      dmarc: { result: 'none', domain: 'example.com' },
    });
  });

  it('is a temporary error when DNS fails', async () => {
    const resolver: DnsResolver = () => Promise.reject(Object.assign(new Error('down'), { code: 'ESERVFAIL' }));
    const result = await authenticateMail(Buffer.from(await signed(PLAIN)), ORIGIN, { resolver });
    expect([result.spf.result, result.dkim[0]?.result, result.dmarc.result]).toEqual(Array(3).fill('temperror'));
  });

  it('is a temporary error when DNS says nothing', async () => {
    const resolver: DnsResolver = () => new Promise(() => undefined);
    const result = await authenticateMail(Buffer.from(await signed(PLAIN)), ORIGIN, { resolver, timeoutMs: 50 });
    expect([result.spf.result, result.dmarc.result]).toEqual(['temperror', 'temperror']);
  });

  it('looks at ten signatures at most', async () => {
    const asked: string[] = [];
    const signature = (await signed(PLAIN)).slice(0, -PLAIN.length);
    const many = Array.from({ length: 50 }, (_, n) => signature.replace('s=s1', `s=s${n}`)).join('');
    const result = await authenticateMail(Buffer.from(many + PLAIN), ORIGIN, { resolver: zone(ZONE, asked) });
    expect(result.dkim).toHaveLength(10);
    expect(asked.filter((name) => name.includes('_domainkey'))).toHaveLength(10);
  });

  it.each([
    ['nothing', ''],
    ['no end of headers', `X: ${'a'.repeat(600_000)}`],
    ['NUL', '\0\0\r\n\r\n'],
  ])('rejects for no message: %s', async (_, raw) => {
    const result = await authenticateMail(
      Buffer.from(raw),
      { ip: 'nonsense', helo: '', envelopeFrom: '@' },
      { resolver: zone({}) },
    );
    expect(result.dkim).toEqual([]);
    expect(result.dmarc.result).not.toBe('pass');
  });
});
