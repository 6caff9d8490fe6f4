import { compileBodySchema, FORMAT_NAMES } from './index.ts';

const CASES: Readonly<Record<string, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  date: {
    good: ['2024-02-29', '2000-02-29', '0001-01-31'],
    bad: ['2023-02-29', '1900-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '24-01-01', '2024-1-1', ''],
  },
  time: {
    good: ['10:00:00Z', '23:59:60Z', '10:00:00.123+05:30', '01:29:60+01:30', '00:00:00z'],
    bad: ['10:00:00', '24:00:00Z', '10:60:00Z', '10:00:60Z', '10:00Z', '10:00:00+24:00', '10:00:00.Z'],
  },
  'date-time': {
    good: ['2024-02-29T10:00:00Z', '1998-12-31T15:59:60.123-08:00', '2024-02-29t10:00:00z'],
    bad: ['2024-02-30T10:00:00Z', '2024-02-29', '2024-02-29T10:00:00', '2024-02-29X10:00:00Z', '1998-12-31T22:59:60Z'],
  },
  email: {
    good: ['a@b.example', 'a.b+c@localhost', "o'neil@example.com"],
    bad: ['a', '@b', 'a@', 'a..b@c', '.a@b', 'a@b_c', 'a b@c', 'a@b@c', `${'a'.repeat(320)}@b`],
  },
  hostname: {
    good: ['example.com', 'localhost', 'a-b.c1', 'xn--4gbwdl'],
    bad: ['', '-a', 'a-', 'a..b', 'a_b', '.', `${'a'.repeat(64)}.b`, 'a.'.repeat(127) + 'b'],
  },
  ipv4: { good: ['127.0.0.1', '255.255.255.255'], bad: ['256.0.0.1', '1.2.3', '01.2.3.4', '1.2.3.4/8', '::1'] },
  ipv6: { good: ['::1', '2001:db8::1', '::ffff:1.2.3.4'], bad: ['1.2.3.4', ':::', 'fe80::1%eth0', '12345::'] },
  uri: {
    good: ['https://example.com/a?b=c#d', 'urn:isbn:0451450523', 'mailto:a@b.c', 'http://[::1]/%20'],
    bad: ['//a', 'a', '', 'http://a b', 'http://a/%zz', 'http://a/"', 'http://[a', `http://${'a'.repeat(9_000)}`],
  },
  uuid: {
    good: ['123e4567-e89b-12d3-a456-426614174000', '123E4567-E89B-12D3-A456-426614174000'],
    bad: ['123e4567e89b12d3a456426614174000', '123e4567-e89b-12d3-a456-42661417400g', ''],
  },
};

describe.each(FORMAT_NAMES)('the format %s', (format) => {
  const validate = compileBodySchema({ format });
  const { good = [], bad = [] } = CASES[format] ?? {};

  it('takes what it is', () => {
    expect(good.filter((text) => validate(text).length > 0)).toEqual([]);
    expect(good.length).toBeGreaterThan(1);
  });

  it('refuses what it is not', () => {
    expect(bad.filter((text) => validate(text).length === 0)).toEqual([]);
    expect(validate(bad[0] ?? '')).toEqual([{ path: 'body', message: `must match format "${format}"` }]);
  });

  it('says nothing of what is no text', () => {
    expect([1, null, {}, []].flatMap((value) => validate(value))).toEqual([]);
  });

  it.each(['1', 'a', '.', '-', '@', ':', '%41', 'a@', '1.', 'a.'])('is quick with much of %s', (part) => {
    expect(validate(part.repeat(500_000))).toHaveLength(1);
  });
});
