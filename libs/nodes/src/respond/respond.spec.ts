import type { JsonObject, JsonValue } from '#libs/kernel';
import { computeWritten, refusedAtPublish } from '../testing/run-nodes.ts';
import { MAX_HEADERS } from './config.ts';
import { respondNode } from './respond.ts';

const respond = (config: JsonObject, body: JsonValue = null) => computeWritten(respondNode, config, body);

describe('respond', () => {
  it('gives what is sent', () => {
    const config = {
      status: '{{ trigger.body.status }}',
      headers: { 'X-Order': '{{ trigger.body.id }}', 'Content-Type': 'text/csv', 'X-Yes': true, 'X-None': null },
      body: { id: '{{ trigger.body.id }}' },
    };
    expect(respond(config, { status: 201, id: 7 })).toEqual({
      output: {
        status: 201,
        headers: { 'x-order': '7', 'content-type': 'text/csv', 'x-yes': 'true' },
        body: { id: 7 },
      },
      leavesBy: ['main'],
    });
  });

  it('is 200 without headers and body when nothing is said', () => {
    expect(respond({}).output).toEqual({ status: 200, headers: {}, body: null });
  });

  it.each([200, 599])('has the status %i', (status) => {
    expect(respond({ status }).output).toMatchObject({ status });
  });

  it.each([199, 600, 200.5])('does not have the status %d', (status) => {
    expect(refusedAtPublish(respondNode, { status })).toEqual([expect.stringMatching(/^status: /)]);
    expect(() => respond({ status: '{{ trigger.body }}' }, status)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }) as Error,
    );
  });

  it.each(['', 'a b', 'a:', 'ä', 'a\r\nb', 'a'.repeat(257)])('does not have a header named %j', (name) => {
    const told = `headers[${JSON.stringify(name.slice(0, 64))}]`;
    for (const value of ['x', '{{ trigger.body }}'])
      expect(refusedAtPublish(respondNode, { headers: { [name]: value } })).toEqual([`${told}: is not a header name`]);
    expect(() => respond({ headers: '{{ trigger.body }}' }, { [name]: 'x' })).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        options: { retryable: false, details: { problems: [{ path: told, message: 'is not a header name' }] } },
      }) as Error,
    );
  });

  it('has a header whose name is of 256 characters', () => {
    expect(refusedAtPublish(respondNode, { headers: { ['a'.repeat(256)]: 'x' } })).toEqual([]);
  });

  it.each(['Connection', 'content-length', 'Transfer-Encoding', 'upgrade'])('leaves %s to the connection', (name) => {
    expect(refusedAtPublish(respondNode, { headers: { [name]: 'x' } })).toEqual([
      `headers["${name}"]: belongs to the connection and cannot be set`,
    ]);
  });

  it.each<[string, JsonValue]>([
    ['a line break', 'a\r\nset-cookie: b'],
    ['a NUL', 'a\0'],
    ['what is beyond Latin-1', '€'],
    ['more than 8,192 characters', 'x'.repeat(8_193)],
    ['a list', ['a']],
  ])('does not have a header with %s', (_what, value) => {
    expect(refusedAtPublish(respondNode, { headers: { 'x-a': value } })).toHaveLength(1);
    expect(() => respond({ headers: { 'x-a': '{{ trigger.body }}' } }, value)).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' }) as Error,
    );
  });

  it('has a header of 8,192 characters of Latin-1', () => {
    const value = 'ÿ'.repeat(8_192);
    expect(respond({ headers: { 'x-a': value } }).output).toMatchObject({ headers: { 'x-a': value } });
  });

  it('has up to 50 headers', () => {
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'x']));
    expect(refusedAtPublish(respondNode, { headers: headers(MAX_HEADERS) })).toEqual([]);
    expect(refusedAtPublish(respondNode, { headers: headers(MAX_HEADERS + 1) })).toEqual([
      'headers: must be at most 50',
    ]);
  });
});
