import type { JsonObject } from '#libs/kernel';
import type { HookAttempt, HookRegistration } from '#libs/node-kit';
import { attemptWith, checkedBy, refusedBy } from '#libs/nodes/testing';
import { startFakeGitHub, type FakeGitHub } from '../testing/index.ts';
import { gitHubRunner, tokenCredential } from '../testing/run-github.ts';

const URL = 'https://millrace.example.com/hooks/abc';

describe('trigger.github', () => {
  const runner = gitHubRunner();
  const node = runner.node('trigger.github');
  let fake: FakeGitHub;
  beforeEach(async () => {
    fake = await startFakeGitHub();
  });
  afterEach(() => fake[Symbol.asyncDispose]());
  afterAll(() => runner[Symbol.asyncDispose]());

  const source = () => {
    if (node.runs !== 'trigger' || !node.webhook) throw new Error('it has no webhook');
    return node.webhook;
  };
  const registration = (): HookRegistration<JsonObject> => {
    const { registration: found } = source();
    if (!found) throw new Error('it has no registration');
    return found;
  };
  const attempt = (): HookAttempt => attemptWith({ credentials: [tokenCredential(fake.url)] });
  const targetOf = (config: JsonObject) => {
    const target = registration().targetOf(node.configSchema.parse(config));
    if (!target) throw new Error('nothing to register');
    return target;
  };
  const create = (config: JsonObject, secret = 'secret-1') =>
    registration().create({ ...targetOf({ credentialId: 'cr_1', ...config }), url: URL, secret }, attempt());

  it('makes a hook at the repository, and removes it', async () => {
    const config = { repository: 'octocat/hello-world', events: ['push', 'issues', 'push'] };
    const { hookId } = await create(config);
    const { hooks } = fake.hooksOf('octocat/hello-world');
    const written = { url: URL, content_type: 'json', secret: 'secret-1', insecure_ssl: '0' };
    expect(hooks).toEqual([{ id: 1, name: 'web', active: true, events: ['issues', 'push'], config: written }]);
    const present = { ...targetOf({ credentialId: 'cr_1', ...config }), url: URL, hookId };
    await registration().remove(present, attempt());
    expect(hooks).toEqual([]);
    await expect(registration().remove(present, attempt())).resolves.toBeUndefined();
  });

  it('takes over the hook with its URL, and all of it, since its secret may be of somebody else', async () => {
    const config = { repository: 'octocat/hello-world', events: ['push'] };
    const { hooks } = fake.hooksOf('octocat/hello-world');
    for (let id = 1; id <= 120; id++) hooks.push({ id, config: { url: `https://example.com/${id}` } });
    hooks.push({ id: 500, active: false, events: ['star'], config: { url: URL, secret: 'of somebody else' } });
    expect(await create(config)).toEqual({ hookId: '500' });
    expect(await create(config, 'secret-2')).toEqual({ hookId: '500' });
    expect(hooks).toHaveLength(121);
    expect(hooks.at(-1)).toMatchObject({ active: true, events: ['push'], config: { secret: 'secret-2' } });
  });

  it('makes a hook at the organisation, for everything', async () => {
    await create({ organization: 'octo-org', events: '*' });
    expect(fake.hooksOf('octo-org').hooks).toMatchObject([{ events: ['*'] }]);
    expect(fake.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /orgs/octo-org/hooks?per_page=100',
      'POST /orgs/octo-org/hooks',
    ]);
  });

  it('may be tried again when the answer was lost: the hook is found', async () => {
    fake.trouble = ({ method }) => (method === 'POST' ? { kind: 'lost' } : undefined);
    const config = { repository: 'octocat/hello-world', events: ['push'] };
    await expect(create(config)).rejects.toMatchObject({ code: 'HTTP_DISCONNECTED', options: { retryable: true } });
    fake.trouble = undefined;
    expect(await create(config)).toEqual({ hookId: '1' });
    expect(fake.hooksOf('octocat/hello-world').hooks).toHaveLength(1);
  });

  it('fails as GitHub says', async () => {
    fake.trouble = () => ({ kind: 'answer', status: 404 });
    const config = { repository: 'octocat/hello-world', events: ['push'] };
    await expect(create(config)).rejects.toMatchObject({ code: 'GITHUB_NOT_FOUND', options: { retryable: false } });
    fake.trouble = () => ({ kind: 'answer', status: 500 });
    const present = { ...targetOf({ credentialId: 'cr_1', ...config }), url: URL, hookId: '1' };
    await expect(registration().remove(present, attempt())).rejects.toMatchObject({ code: 'GITHUB_FAILED' });
    // All of the repository may be what the credential can't see.
    fake.trouble = () => ({ kind: 'answer', status: 404 });
    await expect(registration().remove(present, attempt())).rejects.toMatchObject({ code: 'GITHUB_NOT_FOUND' });
    fake.trouble = undefined;
    await registration().remove(present, attempt());
  });

  it('is the same target in whatever order its events are', () => {
    const place = { credentialId: 'cr_1', repository: 'a/b' };
    expect(targetOf({ ...place, events: ['push', 'issues'] })).toEqual(
      targetOf({ ...place, events: ['issues', 'push'] }),
    );
    const byHand = node.configSchema.parse({ events: ['push'], secretCredentialId: 'cr_2' });
    expect(registration().targetOf(byHand)).toBeUndefined();
    expect(source().proofOf(byHand)).toEqual({ scheme: 'github', credentialId: 'cr_2' });
    const byUs = node.configSchema.parse({ ...place, events: '*' });
    expect(source().proofOf(byUs)).toEqual({ scheme: 'github' });
  });

  it.each<[JsonObject, string]>([
    [{ events: ['push'] }, 'credentialId'],
    [{ events: ['push'], credentialId: 'cr_1' }, 'repository'],
    [{ events: ['push'], credentialId: 'cr_1', repository: 'a/b', organization: 'a' }, 'organization'],
    [{ events: ['push'], credentialId: 'cr_1', secretCredentialId: 'cr_2', repository: 'a/b' }, 'credentialId'],
    [{ events: [], secretCredentialId: 'cr_2' }, 'events'],
    [{ events: ['Push'], secretCredentialId: 'cr_2' }, 'events'],
    [{ events: ['push'], secretCredentialId: 'cr_2', repository: 'a' }, 'repository'],
  ])('refuses %j', (config, path) => {
    expect(refusedBy(node, config)[0]).toMatch(new RegExp(`^${path}`));
  });

  it('says what is missing before it runs', () => {
    expect(checkedBy(node, { events: ['push'] })).toEqual([
      'credentialId: or secretCredentialId is needed, and not both',
    ]);
    expect(checkedBy(node, { events: ['push'], secretCredentialId: 'cr_2' })).toEqual([]);
  });
});
