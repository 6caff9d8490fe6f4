import type { JsonObject } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { rulesOf } from './route-rules.ts';

function routeWith(rules: Partial<Route>): Route {
  return {
    webhookId: 'wh_1',
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    version: 1,
    nodeId: 'hook',
    methods: ['POST'],
    maxBodyBytes: 1024,
    variables: [],
    priority: 'normal',
    ...rules,
  };
}

describe('the addresses that a webhook is called from', () => {
  const { isFrom } = rulesOf(routeWith({ allowIps: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1'] }));

  it.each([
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.1', true],
    ['192.0.2.2', false],
    ['::ffff:10.0.0.1', true],
    ['::FFFF:192.0.2.2', false],
    ['2001:db8:1::7', true],
    ['2001:db9::1', false],
    ['::1', true],
    ['127.0.0.1', false],
    ['', false],
    ['unknown', false],
  ])('%s: %s', (ip, allowed) => {
    expect(isFrom(ip)).toBe(allowed);
  });

  it('are all where none are named', () => {
    expect(rulesOf(routeWith({})).isFrom('203.0.113.9')).toBe(true);
  });
});

describe('what tells a call from others', () => {
  const keyOf = (key: string, call: JsonObject) =>
    rulesOf(routeWith({ dedupe: { key, windowMs: 1000 } })).dedupeKeyOf(call);

  it.each<[string, JsonObject, string | undefined]>([
    ['{{ trigger.headers["x-id"] }}', { headers: { 'x-id': 'a' } }, 'a'],
    ['{{ trigger.body.id }}', { body: { id: 7 } }, '7'],
    ['{{ trigger.body.id }}', { body: { id: [1, { a: 2 }] } }, '[1,{"a":2}]'],
    ['{{ trigger.body.id }}-{{ trigger.body.kind }}', { body: { id: 7, kind: 'x' } }, '7-x'],
    ['{{ trigger.body.id }}', { body: { id: null } }, undefined],
    ['{{ trigger.body.id }}', { body: { id: '' } }, undefined],
  ])('%s', (key, call, expected) => {
    expect(keyOf(key, call)).toBe(expected);
  });

  it('is nothing when the webhook does not ask', () => {
    expect(rulesOf(routeWith({})).dedupeKeyOf({ body: 1 })).toBeUndefined();
  });

  it('can not be found in any call', () => {
    expect(() => keyOf('{{ trigger.body.id }}', { body: {} })).toThrow(/what tells this call from others/);
  });

  it('is made ready once for a route', () => {
    const route = routeWith({ allowIps: ['::1'] });
    expect(rulesOf(route)).toBe(rulesOf(route));
  });
});
