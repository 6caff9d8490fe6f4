import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '#libs/kernel';
import fc from 'fast-check';
import { receive } from './receive.ts';

const HEADERS = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1' };
const ALL = { events: '*' } as const;
/** Payloads that GitHub has published, with `@octokit/webhooks-examples`. */
const PUBLISHED = new URL(import.meta.resolve('@octokit/webhooks-examples'));

describe('receive', () => {
  const published = JSON.parse(readFileSync(PUBLISHED, 'utf8')) as readonly {
    readonly name: string;
    readonly examples: readonly JsonObject[];
  }[];
  const payloads = published.flatMap(({ name, examples: of }) =>
    of.map((payload, index) => [name, index, payload] as const),
  );

  it('knows all that GitHub has published', () => {
    expect(payloads.length).toBeGreaterThan(300);
  });

  it.each(payloads)('takes %s, example %i', (event, _index, body) => {
    const headers = { ...HEADERS, 'x-github-event': event };
    const meaning = receive(ALL, { headers, query: {}, body });
    const form = receive({ events: [event] }, { headers, query: {}, body: { payload: JSON.stringify(body) } });
    if (event === 'ping') expect([meaning.kind, form.kind]).toEqual(['answered', 'answered']);
    else expect([meaning, form]).toEqual([{ kind: 'starts', body, key: 'd-1' }, meaning]);
    if (typeof body.action === 'string') {
      const wanted = (actions: readonly string[]) => receive({ ...ALL, actions }, { headers, query: {}, body }).kind;
      expect([wanted([body.action]), wanted(['never'])]).toEqual(['starts', 'ignored']);
    }
  });

  it.each<[string, { config?: object; body?: JsonValue; headers?: Record<string, string> }, string]>([
    ['another event', { config: { events: ['push'] } }, 'EVENT_NOT_WANTED'],
    ['another action', { config: { actions: ['opened'] }, body: { action: 'closed' } }, 'ACTION_NOT_WANTED'],
    ['no event', { headers: { 'x-github-delivery': 'd-1' } }, 'NOT_FROM_GITHUB'],
    ['no payload', { body: 'text' }, 'PAYLOAD_UNREADABLE'],
    ['a broken form', { body: { payload: '{' } }, 'PAYLOAD_UNREADABLE'],
    [
      'another repository',
      { config: { repository: 'a/b' }, body: { repository: { full_name: 'a/c' } } },
      'OTHER_REPOSITORY',
    ],
    [
      'another organisation',
      { config: { organization: 'a' }, body: { organization: { login: 'b' } } },
      'OTHER_ORGANIZATION',
    ],
  ])('starts nothing for %s', (_of, { config = {}, body = {}, headers = HEADERS }, reason) => {
    expect(receive({ ...ALL, ...config }, { headers, query: {}, body })).toEqual({ kind: 'ignored', reason });
  });

  it.each<[object, JsonValue]>([
    [{ repository: 'Octocat/Hello' }, { repository: { full_name: 'octocat/hello' } }],
    [{ repository: 'octocat/hello' }, { zen: 'of an organisation' }],
    [{ actions: ['opened'] }, { ref: 'of a push, which has no action' }],
    [{ actions: ['opened'] }, { action: 'opened' }],
  ])('with %j starts for %j', (config, body) => {
    expect(receive({ ...ALL, ...config }, { headers: HEADERS, query: {}, body }).kind).toBe('starts');
  });

  it('knows a delivery by its id, and takes one without', () => {
    const { 'x-github-delivery': _, ...headers } = HEADERS;
    expect(receive(ALL, { headers, query: {}, body: {} })).toEqual({ kind: 'starts', body: {} });
    expect(receive(ALL, { headers: { ...headers, 'x-github-delivery': ['a', 'b'] }, query: {}, body: {} })).toEqual({
      kind: 'starts',
      body: {},
    });
  });

  it('never throws, whatever comes', () => {
    const json = fc.jsonValue().map((value) => value as JsonValue);
    const headers = fc.dictionary(fc.constantFrom('x-github-event', 'x-github-delivery', '__proto__'), json);
    const names = fc.constantFrom('action', 'repository', 'organization', 'payload', '__proto__');
    const body = fc.oneof(
      json,
      fc.dictionary(names, fc.oneof(json, fc.dictionary(fc.constantFrom('full_name', 'login'), json))),
    );
    const config = { events: ['issues'], actions: ['opened'], repository: 'a/b', organization: 'a' };
    fc.assert(
      fc.property(headers, body, (given, sent) => {
        expect(['starts', 'answered', 'ignored']).toContain(
          receive(config, { headers: given, query: {}, body: sent }).kind,
        );
      }),
    );
  });
});
