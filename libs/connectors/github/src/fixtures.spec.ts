import { readdirSync, readFileSync } from 'node:fs';
import type { JsonValue } from '#libs/kernel';
import type { ResponseDrift } from '#libs/node-kit';
import { startFakeGitHub } from './testing/index.ts';
import { gitHubRunner, tokenCredential } from './testing/run-github.ts';

/** Answers that were recorded from api.github.com, and are published with `@octokit/fixtures`. */
const SCENARIOS = new URL('../../../../node_modules/@octokit/fixtures/scenarios/api.github.com/', import.meta.url);

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly response: JsonValue;
}

function recorded(scenario: string): readonly Recorded[] {
  return JSON.parse(readFileSync(new URL(`${scenario}/normalized-fixture.json`, SCENARIOS), 'utf8')) as Recorded[];
}

/** Which action gives which answer. */
const OF: readonly (readonly [string, RegExp, string, Record<string, JsonValue>])[] = [
  ['get', /\/issues\?per_page=3(&page=\d)?$/, 'github.issue.list', { maxItems: 3 }],
  ['post', /\/issues$/, 'github.issue.create', { title: 'One' }],
  ['post', /\/issues\/1\/labels$/, 'github.label.add', { number: 1, labels: ['a'] }],
  ['get', /\/search\/issues/, 'github.issue.search', { query: 'sesame' }],
  ['get', /\/releases\/tags\/v1\.0\.0$/, 'github.release.latest', {}],
  ['put', /\/contents\/test\.txt$/, 'github.file.put', { path: 'test.txt', text: 'a', message: 'a' }],
];

const replayed = readdirSync(SCENARIOS).flatMap((scenario) =>
  recorded(scenario).flatMap((answer) => {
    const found = OF.find(([method, path]) => method === answer.method.toLowerCase() && path.test(answer.path));
    return found ? [[scenario, found[2], { answer, config: found[3] }] as const] : [];
  }),
);

describe('recorded answers', () => {
  it('are there for each action that has some', () => {
    expect(new Set(replayed.map(([, type]) => type)).size).toBe(OF.length);
  });

  it.each(replayed)('of %s are what %s expects', async (_scenario, type, { answer, config }) => {
    await using fake = await startFakeGitHub();
    await using runner = gitHubRunner();
    const drift: ResponseDrift[] = [];
    fake.trouble = () => ({ kind: 'answer', status: answer.status, body: answer.response });
    await runner.run(type, config, { credentials: [tokenCredential(fake.url)], drift });
    expect(drift).toEqual([]);
  });

  it('of an error are told field by field', async () => {
    await using fake = await startFakeGitHub();
    await using runner = gitHubRunner();
    const [error] = recorded('errors');
    if (!error) throw new Error('no error was recorded');
    fake.trouble = () => ({ kind: 'answer', status: error.status, body: error.response });
    const failed = runner.run('github.issue.create@2', { title: 'One' }, { credentials: [tokenCredential(fake.url)] });
    await expect(failed).rejects.toMatchObject({
      code: 'GITHUB_VALIDATION',
      options: { details: { errors: [{ resource: 'Label', code: 'invalid', field: 'color' }] } },
    });
  });
});
