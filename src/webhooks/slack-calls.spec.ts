import type { Route } from '#libs/webhook-routes';
import { isSlackSslCheck } from './slack-calls.ts';

describe('whether Slack only looks at the certificate', () => {
  const route: Route = {
    webhookId: 'wh_1',
    workspaceId: 'ws_1',
    workflowId: 'wf_1',
    version: 1,
    nodeId: 'hook',
    methods: ['POST'],
    maxBodyBytes: 1_024,
    variables: [],
    priority: 'normal',
    verify: { scheme: 'slack', credentialId: 'cr_1', toleranceSeconds: 300 },
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const check = 'ssl_check=1&token=x';

  it.each<[string, Record<string, string>, string, boolean]>([
    ['a form that says so', form, check, true],
    ['with a character set', { 'content-type': `${form['content-type']}; charset=utf-8` }, check, true],
    ['another form', form, 'command=%2Fdeploy', false],
    ['one that is signed', { ...form, 'x-slack-signature': 'v0=00' }, check, false],
    [
      'an event with an address in its text',
      { 'content-type': 'application/json' },
      '{"url":"https://x/?a=1&ssl_check=1&b=2"}',
      false,
    ],
    ['of no type', {}, check, false],
  ])('%s', (...[, headers, text, is]) => {
    expect(isSlackSslCheck(route, { headers, body: Buffer.from(text) })).toBe(is);
  });
});
