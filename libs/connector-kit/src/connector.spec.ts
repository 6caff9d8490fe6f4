import { isOfHost } from './index.ts';

describe('isOfHost', () => {
  it.each<[string[], string[], string, boolean]>([
    [['slack.com'], [], 'slack.com', true],
    [['slack.com'], [], 'a.slack.com', false],
    [['slack.com'], ['*.example.com'], 'api.example.com', true],
    [['slack.com'], ['*.example.com'], 'slack.com', false],
    [[], [], 'slack.com', false],
  ])('of %j, bound to %j: %s', (hosts, allowedHosts, host, may) => {
    expect(isOfHost(hosts, allowedHosts)(host)).toBe(may);
  });
});
