import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { TypedData } from '#libs/credential-types';
import type { Refusal, SignedCall, VerifyConfig } from './types.ts';
import { problemOf, secretVerifierOf, unfitType, verifierOf } from './verifier.ts';
import { verifyOf } from './verify-of.ts';

type Headers = SignedCall['headers'];
const credentialId = 'cred_1';
const ACCEPTED = undefined;

function secretOf(secret: string, previousSecret?: string): TypedData {
  return { type: 'webhook.secret', data: { secret, ...(previousSecret === undefined ? {} : { previousSecret }) } };
}

function verdict(
  config: VerifyConfig,
  credential: TypedData,
  call: { headers: Headers; body?: string | Uint8Array; at?: number },
): Refusal | undefined {
  const { headers, body = '', at = 0 } = call;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return verifierOf(config, credential)({ headers, body: bytes }, at * 1000);
}

describe('standard-webhooks', () => {
  // The vector of the reference libraries' tests.
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
  const timestamp = 1614265330;
  const body = '{"test": 2432232314}';
  const good = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const config: VerifyConfig = { scheme: 'standard-webhooks', credentialId, toleranceSeconds: 300 };
  const headers = (signature: string, more: Headers = {}): Headers => ({
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signature,
    ...more,
  });
  const look = (given: Headers, { at = timestamp, text = body, credential = secretOf(secret) } = {}) =>
    verdict(config, credential, { headers: given, body: text, at });

  it('takes what the reference signed, with and without the prefix of the secret', () => {
    expect(look(headers(good))).toBe(ACCEPTED);
    expect(look(headers(good), { credential: secretOf(secret.replace('whsec_', '')) })).toBe(ACCEPTED);
  });

  it('takes one good signature among others, and none alone', () => {
    expect(look(headers(`v1,bad v2,bad ${good} v1,bad`))).toBe(ACCEPTED);
    expect(look(headers('v1,bad v2,bad'))).toBe('mismatch');
    expect(look(headers(good.replace('v1,', 'v2,')))).toBe('mismatch');
  });

  it.each<[string, Headers, Refusal]>([
    ['no id', headers(good, { 'webhook-id': undefined }), 'missing'],
    ['an empty id', headers(good, { 'webhook-id': '' }), 'missing'],
    ['no time', headers(good, { 'webhook-timestamp': undefined }), 'missing'],
    ['no signature', headers(good, { 'webhook-signature': undefined }), 'missing'],
    ['two signatures in two headers', headers(good, { 'webhook-signature': [good, good] }), 'missing'],
    ['a time in words', headers(good, { 'webhook-timestamp': 'hello' }), 'malformed'],
    ['a time with a sign', headers(good, { 'webhook-timestamp': '+1614265330' }), 'malformed'],
    ['a signature cut short', headers(good.slice(0, 8)), 'mismatch'],
    ['an empty signature', headers('v1,'), 'mismatch'],
    ['one byte', headers('v1,YQ=='), 'mismatch'],
    ['eleven signatures', headers(Array.from({ length: 11 }, () => good).join(' ')), 'malformed'],
    ['another id', headers(good, { 'webhook-id': 'msg_2' }), 'mismatch'],
  ])('refuses %s', (_, given, refusal) => {
    expect(look(given)).toBe(refusal);
  });

  it('takes calls that are five minutes old or ahead, and no second more', () => {
    expect(look(headers(good), { at: timestamp + 300 })).toBe(ACCEPTED);
    expect(look(headers(good), { at: timestamp - 300 })).toBe(ACCEPTED);
    expect(look(headers(good), { at: timestamp + 301 })).toBe('expired');
    expect(look(headers(good), { at: timestamp - 301 })).toBe('expired');
  });

  it('says nothing about the time to who can not sign', () => {
    expect(look(headers('v1,bad'), { at: timestamp + 301 })).toBe('mismatch');
  });

  it('takes an empty body', () => {
    const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.`).digest('base64');
    expect(look(headers(`v1,${signature}`), { text: '' })).toBe(ACCEPTED);
  });

  it('knows the headers by their older names', () => {
    const named = { 'svix-id': id, 'svix-timestamp': String(timestamp), 'svix-signature': good };
    expect(look(named)).toBe(ACCEPTED);
  });

  it('verifies with public keys', () => {
    // Self-made: the seed of the key is 32 bytes of 7.
    const key = secretOf('whpk_6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=');
    const signature = 'v1a,2iFnCkcL0nCB7d0lgaT5vmGnQgJl4zcl9qd7UbPYvulcwR3MRYzjXT2JCSEV4dFH3XNALA4OW0zY5fFdGv9GBA==';
    expect(look(headers(signature), { credential: key })).toBe(ACCEPTED);
    expect(look(headers(signature), { credential: key, text: `${body} ` })).toBe('mismatch');
    expect(look(headers(good), { credential: key })).toBe('mismatch');
    expect(look(headers('v1a,AAAA'), { credential: key })).toBe('mismatch');
    const { privateKey } = generateKeyPairSync('ed25519');
    const other = sign(null, Buffer.from(`${id}.${timestamp}.${body}`), privateKey).toString('base64');
    expect(look(headers(`v1a,${other}`), { credential: key })).toBe('mismatch');
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'whsec_not base64', 'whpk_AAAA', `whsec_${'A'.repeat(88)}`])(
    'does not verify with the secret %j',
    (unfit) => {
      expect(problemOf(config, secretOf(unfit))).toMatch(/24 to 64 bytes/);
      expect(problemOf(config, secretOf(secret, unfit))).toMatch(/24 to 64 bytes/);
      expect(() => verifierOf(config, secretOf(unfit))).toThrow(TypeError);
    },
  );
});

describe('github', () => {
  // The vector of the provider's documentation.
  const config: VerifyConfig = { scheme: 'github', credentialId };
  const credential = secretOf("It's a Secret to Everybody");
  const good = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const look = (signature: string | undefined, body: string | Uint8Array = 'Hello, World!', as = credential) =>
    verdict(config, as, { headers: { 'x-hub-signature-256': signature }, body });

  it('takes what the documentation signs, in upper case too', () => {
    expect(look(good)).toBe(ACCEPTED);
    expect(look(good.toUpperCase().replace('SHA256=', 'sha256='))).toBe(ACCEPTED);
  });

  it.each<[string | undefined, Refusal]>([
    [undefined, 'missing'],
    ['', 'missing'],
    ['sha256=', 'mismatch'],
    ['sha256=75', 'mismatch'],
    [good.slice(0, -2), 'mismatch'],
    [`${good}00`, 'mismatch'],
    [good.replace('sha256=', 'sha1='), 'malformed'],
    [good.slice('sha256='.length), 'malformed'],
  ])('refuses the signature %j', (signature, refusal) => {
    expect(look(signature)).toBe(refusal);
  });

  it('is of the bytes as they came', () => {
    const signed = (body: string) =>
      `sha256=${createHmac('sha256', "It's a Secret to Everybody").update(body).digest('hex')}`;
    const bodies = ['{"a":1,"b":2}', '{"b":2,"a":1}', '{"a": 1,"b":2}', '{"a":1,"b":2}\n', '{"a":1,"b":2}\r\n'];
    for (const body of bodies)
      for (const other of bodies) expect(look(signed(body), other)).toBe(body === other ? ACCEPTED : 'mismatch');
    expect(look(signed('"\\u00e9"'), '"é"')).toBe('mismatch');
    expect(look(signed('"é"'), '"é"')).toBe(ACCEPTED);
  });

  it('takes both secrets while they are changed, and no third', () => {
    expect(look(good, 'Hello, World!', secretOf('new', "It's a Secret to Everybody"))).toBe(ACCEPTED);
    expect(look(good, 'Hello, World!', secretOf("It's a Secret to Everybody", 'old'))).toBe(ACCEPTED);
    expect(look(good, 'Hello, World!', secretOf('new', 'old'))).toBe('mismatch');
  });
});

describe('slack', () => {
  // The vector of the provider's documentation.
  const config: VerifyConfig = { scheme: 'slack', credentialId, toleranceSeconds: 300 };
  const credential = secretOf('8f742231b10e8888abcd99yyyzzz85a5');
  const timestamp = 1531420618;
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  const good = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
  const look = (more: Headers = {}, at = timestamp, text = body) =>
    verdict(config, credential, {
      headers: { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': good, ...more },
      body: text,
      at,
    });

  it('takes what the documentation signs, for five minutes', () => {
    expect(look()).toBe(ACCEPTED);
    expect(look({}, timestamp + 300)).toBe(ACCEPTED);
    expect(look({}, timestamp + 301)).toBe('expired');
  });

  it.each<[Headers, Refusal]>([
    [{ 'x-slack-signature': undefined }, 'missing'],
    [{ 'x-slack-request-timestamp': undefined }, 'missing'],
    [{ 'x-slack-request-timestamp': String(timestamp + 1) }, 'mismatch'],
    [{ 'x-slack-signature': good.slice(3) }, 'malformed'],
    [{ 'x-slack-signature': 'v0=aa' }, 'mismatch'],
  ])('refuses %j', (more, refusal) => {
    expect(look(more)).toBe(refusal);
  });

  it('refuses another body', () => {
    expect(look({}, timestamp, body.replace('xyzz', 'xyzy'))).toBe('mismatch');
  });
});

describe('stripe', () => {
  // Self-made by the documented rule: the whole secret is the key.
  const config: VerifyConfig = { scheme: 'stripe', credentialId, toleranceSeconds: 300 };
  const credential = secretOf('whsec_test_secret');
  const timestamp = 1700000000;
  const body = '{"id":"evt_test_webhook","object":"event"}';
  const v1 = 'd95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990';
  const look = (signature: string | undefined, at = timestamp) =>
    verdict(config, credential, { headers: { 'stripe-signature': signature }, body, at });

  it('takes a good signature, alone and among those of other secrets and schemes', () => {
    expect(look(`t=${timestamp},v1=${v1}`)).toBe(ACCEPTED);
    expect(look(`t=${timestamp},v1=${'0'.repeat(64)},v1=${v1},v0=abc`)).toBe(ACCEPTED);
    expect(look(`t=${timestamp}, v1=${v1}`)).toBe(ACCEPTED);
  });

  it.each<[string | undefined, Refusal]>([
    [undefined, 'missing'],
    [`v1=${v1}`, 'malformed'],
    [`t=${timestamp}`, 'malformed'],
    [`t=${timestamp},v0=${v1}`, 'malformed'],
    [`t=soon,v1=${v1}`, 'malformed'],
    [`t=${timestamp + 1},v1=${v1}`, 'mismatch'],
    [`t=${timestamp},v1=`, 'mismatch'],
    [`t=${timestamp}${`,v1=${v1}`.repeat(11)}`, 'malformed'],
  ])('refuses %j', (signature, refusal) => {
    expect(look(signature)).toBe(refusal);
  });

  it('refuses what is older than five minutes', () => {
    expect(look(`t=${timestamp},v1=${v1}`, timestamp + 301)).toBe('expired');
  });
});

describe('hmac', () => {
  const base: VerifyConfig = {
    scheme: 'hmac',
    credentialId,
    algorithm: 'sha256',
    header: 'x-signature',
    encoding: 'hex',
    prefix: '',
    toleranceSeconds: 300,
  };

  it('takes what a shop signs in base64', () => {
    // Self-made by the documented rule of Shopify.
    const config: VerifyConfig = { ...base, header: 'x-shopify-hmac-sha256', encoding: 'base64' };
    const headers = { 'x-shopify-hmac-sha256': 'qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=' };
    expect(verdict(config, secretOf('hush'), { headers, body: '{"id":820982911946154508}' })).toBe(ACCEPTED);
    expect(verdict(config, secretOf('hush'), { headers, body: '{"id":820982911946154509}' })).toBe('mismatch');
  });

  it.each(['sha1', 'sha256', 'sha384', 'sha512'] as const)('takes %s, with a prefix', (algorithm) => {
    const config: VerifyConfig = { ...base, algorithm, prefix: `${algorithm}=` };
    const signature = `${algorithm}=${createHmac(algorithm, 'key').update('text').digest('hex')}`;
    expect(verdict(config, secretOf('key'), { headers: { 'x-signature': signature }, body: 'text' })).toBe(ACCEPTED);
  });

  it('signs the time too when it has a header', () => {
    const config: VerifyConfig = { ...base, timestampHeader: 'x-time', toleranceSeconds: 60 };
    const signature = createHmac('sha256', 'key').update('1000.text').digest('hex');
    const look = (headers: Headers, at = 1000) => verdict(config, secretOf('key'), { headers, body: 'text', at });
    expect(look({ 'x-signature': signature, 'x-time': '1000' })).toBe(ACCEPTED);
    expect(look({ 'x-signature': signature, 'x-time': '1000' }, 1061)).toBe('expired');
    expect(look({ 'x-signature': signature, 'x-time': '1001' })).toBe('mismatch');
    expect(look({ 'x-signature': signature })).toBe('missing');
    expect(look({ 'x-time': '1000' })).toBe('missing');
  });
});

describe('logins', () => {
  const basic: TypedData = { type: 'http.basic', data: { username: 'ada', password: 'lövelace:' } };
  const login = (text: string): Headers => ({ authorization: text });
  const encoded = Buffer.from('ada:lövelace:').toString('base64');

  it.each<[Headers, Refusal | undefined]>([
    [login(`Basic ${encoded}`), ACCEPTED],
    [login(`basic ${encoded}`), ACCEPTED],
    [login(`Basic ${Buffer.from('ada:').toString('base64')}`), 'mismatch'],
    [login('Basic %%%'), 'mismatch'],
    [login('Basic'), 'missing'],
    [login(`Bearer ${encoded}`), 'missing'],
    [{}, 'missing'],
  ])('basic: %j is %s', (headers, expected) => {
    expect(verdict({ scheme: 'basic', credentialId }, basic, { headers })).toBe(expected);
  });

  it('bearer takes the token, of either secret, or in a header of its own', () => {
    const bearer: TypedData = { type: 'http.bearer', data: { token: 't0ken' } };
    const config: VerifyConfig = { scheme: 'bearer', credentialId };
    expect(verdict(config, bearer, { headers: login('Bearer t0ken') })).toBe(ACCEPTED);
    expect(verdict(config, bearer, { headers: login('Bearer t0ke') })).toBe('mismatch');
    expect(verdict(config, bearer, { headers: login('t0ken') })).toBe('missing');
    expect(verdict(config, secretOf('new', 'old'), { headers: login('Bearer old') })).toBe(ACCEPTED);
    const own: VerifyConfig = { ...config, header: 'x-gitlab-token' };
    expect(verdict(own, secretOf('new'), { headers: { 'x-gitlab-token': 'new' } })).toBe(ACCEPTED);
    expect(verdict(own, secretOf('new'), { headers: login('Bearer new') })).toBe('missing');
  });

  it('are verified with credentials of their kind', () => {
    expect(problemOf({ scheme: 'basic', credentialId }, secretOf('x'))).toMatch(/http.basic/);
    expect(problemOf({ scheme: 'github', credentialId }, basic)).toMatch(/webhook.secret/);
    expect(problemOf({ scheme: 'basic', credentialId }, basic)).toBeUndefined();
  });
});

describe('a proof without a credential', () => {
  const body = Buffer.from('{}');
  const signedWith = (secret: string): SignedCall => ({
    headers: { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` },
    body,
  });

  it('is a signature with any of the secrets that it is looked at with', () => {
    const verify = secretVerifierOf({ scheme: 'github' }, ['new', 'old', 'older']);
    expect(['new', 'older', 'foreign'].map((secret) => verify(signedWith(secret), 0))).toEqual([
      ACCEPTED,
      ACCEPTED,
      'mismatch',
    ]);
    expect(secretVerifierOf({ scheme: 'github' }, [])(signedWith(''), 0)).toBe('mismatch');
  });

  it('has the defaults of its scheme', () => {
    expect(verifyOf({ scheme: 'github' })).toEqual({ scheme: 'github' });
    expect(verifyOf({ scheme: 'slack', credentialId })).toEqual({
      scheme: 'slack',
      credentialId,
      toleranceSeconds: 300,
    });
    expect(verifyOf({ scheme: 'hmac' })).toEqual({
      scheme: 'hmac',
      algorithm: 'sha256',
      header: 'x-signature',
      encoding: 'hex',
      prefix: '',
      toleranceSeconds: 300,
    });
  });
});

describe('a credential of a type that a connector brings', () => {
  it('verifies nothing', () => {
    expect(unfitType({ scheme: 'github' }, 'webhook.secret')).toBeUndefined();
    expect(unfitType({ scheme: 'github' }, 'github.app')).toBe(
      'github is verified with a credential of type webhook.secret, and this one is github.app',
    );
  });
});
