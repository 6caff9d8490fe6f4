import { generateKeyPairSync } from 'node:crypto';
import { describeConnector, type ActionScenario, type Answer } from '#libs/connector-kit/testing';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { github } from './index.ts';

// Answers with the fields that workflows rely on, in the shapes that docs.github.com has; the values are our own.

const repository = 'octocat/hello-world';
const base = '/repos/octocat/hello-world';
const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
const user = { login: 'octocat' };
const at = { created_at: '2026-11-23T10:00:00Z', updated_at: '2026-11-23T10:00:00Z' };
const html = (path: string): JsonObject => ({ html_url: `https://github.com/octocat/hello-world/${path}` });

const issue = {
  number: 42,
  title: 'One',
  state: 'open',
  user,
  labels: [],
  assignees: [],
  body: null,
  ...at,
  ...html('issues/42'),
};
const comment = { id: 7, body: 'Fixed.', user, ...at, ...html('issues/42#issuecomment-7') };
const branch = (ref: string): JsonObject => ({ ref, sha });
const pull = {
  number: 43,
  title: 'Two',
  state: 'open',
  user,
  head: branch('fix'),
  base: branch('main'),
  draft: false,
  ...at,
  ...html('pull/43'),
};
const release = {
  id: 9,
  tag_name: 'v1.2.0',
  name: '1.2.0',
  draft: false,
  prerelease: false,
  upload_url: 'https://uploads.github.com/9',
  ...html('releases/9'),
};
const file = {
  type: 'file',
  path: 'README.md',
  sha,
  size: 5,
  encoding: 'base64',
  content: 'SGVsbG8=',
  ...html('blob/main/README.md'),
};
const changedFile = { content: { path: 'README.md', sha }, commit: { sha, ...html(`commit/${sha}`) } };
const run = { workflow_run_id: 11, run_url: 'https://api.github.com/runs/11', ...html('actions/runs/11') };

type Given = Omit<ActionScenario, 'answers' | 'config'>;

const answered = (to: string, config: JsonObject, answer: Answer & Given): ActionScenario => {
  const { status = 200, json, ...given } = answer;
  return { ...given, config, answers: [{ to, status, ...(json === undefined ? {} : { json }) }] };
};
/** One thing as it is, with its ETag. */
const got = (json: JsonObject): JsonObject => ({ ...json, etag: null, notModified: false });
const listed = (items: readonly JsonValue[], more: JsonObject = {}): JsonObject => ({
  items,
  complete: true,
  etag: null,
  ...more,
  notModified: false,
});

const number = 42;
const actions: Readonly<Record<string, ActionScenario>> = {
  'github.issue.create': answered(
    `POST ${base}/issues`,
    { repository, title: 'One', assignee: 'octocat' },
    {
      status: 201,
      json: { ...issue, assignee: user },
      sends: { title: 'One', assignees: ['octocat'] },
      reliesOn: ['number', 'assignee'],
    },
  ),
  'github.issue.create@2': answered(
    `POST ${base}/issues`,
    { repository, title: 'One', labels: ['bug'] },
    { status: 201, json: issue, sends: { title: 'One', labels: ['bug'] }, reliesOn: ['number', 'title', 'user.login'] },
  ),
  'github.issue.get': answered(
    `GET ${base}/issues/42`,
    { repository, number },
    { json: issue, output: got(issue), reliesOn: ['number', 'state'] },
  ),
  'github.issue.update': answered(
    `PATCH ${base}/issues/42`,
    { repository, number, state: 'closed', stateReason: 'completed' },
    { json: issue, sends: { state: 'closed', state_reason: 'completed' }, reliesOn: ['number', 'state'] },
  ),
  'github.issue.list': answered(
    `GET ${base}/issues`,
    { repository },
    { json: [issue], output: listed([issue]), reliesOn: ['[0].number'] },
  ),
  'github.issue.search': answered(
    'GET /search/issues',
    { query: 'is:open' },
    {
      json: { total_count: 1, incomplete_results: false, items: [issue] },
      output: listed([issue], { totalCount: 1 }),
      reliesOn: ['items[0].number'],
    },
  ),
  'github.comment.create': answered(
    `POST ${base}/issues/42/comments`,
    { repository, number, body: 'Fixed.' },
    { status: 201, json: comment, sends: { body: 'Fixed.' }, reliesOn: ['id', 'body'] },
  ),
  'github.comment.list': answered(
    `GET ${base}/issues/42/comments`,
    { repository, number },
    { json: [comment], output: listed([comment]), reliesOn: ['[0].id'] },
  ),
  'github.label.add': answered(
    `POST ${base}/issues/42/labels`,
    { repository, number, labels: ['bug'] },
    {
      json: [{ name: 'bug' }],
      sends: { labels: ['bug'] },
      output: { labels: [{ name: 'bug' }] },
      reliesOn: ['[0].name'],
    },
  ),
  'github.label.remove': answered(
    `DELETE ${base}/issues/42/labels/bug`,
    { repository, number, label: 'bug' },
    { json: [{ name: 'new' }], output: { labels: [{ name: 'new' }] }, reliesOn: ['[0].name'] },
  ),
  'github.pull.create': answered(
    `POST ${base}/pulls`,
    { repository, title: 'Two', head: 'fix', base: 'main' },
    { status: 201, json: pull, sends: { title: 'Two', head: 'fix', base: 'main' }, reliesOn: ['number', 'head.sha'] },
  ),
  'github.pull.get': answered(
    `GET ${base}/pulls/43`,
    { repository, number: 43 },
    { json: pull, output: got(pull), reliesOn: ['number', 'base.ref'] },
  ),
  'github.pull.list': answered(
    `GET ${base}/pulls`,
    { repository },
    { json: [pull], output: listed([pull]), reliesOn: ['[0].number'] },
  ),
  'github.pull.merge': answered(
    `PUT ${base}/pulls/43/merge`,
    { repository, number: 43, method: 'squash' },
    { json: { sha, merged: true, message: 'merged' }, sends: { merge_method: 'squash' }, reliesOn: ['sha', 'merged'] },
  ),
  'github.review.create': answered(
    `POST ${base}/pulls/43/reviews`,
    { repository, number: 43, verdict: 'APPROVE' },
    {
      json: { id: 5, state: 'APPROVED', ...html('pull/43#r5') },
      sends: { event: 'APPROVE' },
      reliesOn: ['id', 'state'],
    },
  ),
  'github.release.create': answered(
    `POST ${base}/releases`,
    { repository, tag: 'v1.2.0' },
    { status: 201, json: release, sends: { tag_name: 'v1.2.0' }, reliesOn: ['id', 'upload_url'] },
  ),
  'github.release.latest': answered(
    `GET ${base}/releases/latest`,
    { repository },
    { json: release, output: got(release), reliesOn: ['id', 'tag_name'] },
  ),
  'github.release.list': answered(
    `GET ${base}/releases`,
    { repository },
    { json: [release], output: listed([release]), reliesOn: ['[0].id'] },
  ),
  'github.file.get': answered(
    `GET ${base}/contents/README.md`,
    { repository, path: 'README.md' },
    {
      json: file,
      output: got({ path: 'README.md', sha, size: 5, ...html('blob/main/README.md'), text: 'Hello' }),
      reliesOn: ['sha', 'size'],
    },
  ),
  'github.file.put': answered(
    `PUT ${base}/contents/README.md`,
    { repository, path: 'README.md', text: 'Hello', message: 'docs' },
    { json: changedFile, sends: { message: 'docs', content: 'SGVsbG8=' }, reliesOn: ['content.sha', 'commit.sha'] },
  ),
  'github.file.delete': answered(
    `DELETE ${base}/contents/README.md`,
    { repository, path: 'README.md', sha, message: 'docs' },
    { json: { ...changedFile, content: null }, sends: { message: 'docs', sha }, reliesOn: ['commit.sha'] },
  ),
  'github.dispatch.repository': answered(
    `POST ${base}/dispatches`,
    { repository, eventType: 'deploy' },
    { status: 204, sends: { event_type: 'deploy' }, output: { dispatched: true }, reliesOn: [] },
  ),
  'github.dispatch.workflow': answered(
    `POST ${base}/actions/workflows/deploy.yml/dispatches`,
    { repository, workflow: 'deploy.yml', ref: 'main' },
    { json: run, sends: { ref: 'main' }, reliesOn: ['workflow_run_id'] },
  ),
  'github.request': answered(
    `GET ${base}/topics?page=1`,
    { path: `${base}/topics`, query: { page: 1 } },
    {
      json: { names: ['a'] },
      output: { status: 200, body: { names: ['a'] }, etag: null, notModified: false },
      reliesOn: [],
    },
  ),
};

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const headers = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1' };
const opened = { action: 'opened', issue, repository: { full_name: repository } };
const hook = { id: 12, config: { url: 'https://millrace.example/hooks/wh_spec' } };

describeConnector(github, {
  credentials: (url) => [
    { type: 'github.token', data: { token: 'github_pat_of_the_spec', apiUrl: url } },
    { type: 'github.app', data: { appId: '7', installationId: '70', privateKey, apiUrl: url } },
    {
      type: 'oauth2',
      at: '/api/v3',
      data: {
        provider: 'generic',
        grant: 'authorizationCode',
        clientId: 'Iv23liAAAA',
        scopes: ['repo'],
        endpoints: {
          authorizationEndpoint: `${url}/login/oauth/authorize`,
          tokenEndpoint: `${url}/login/oauth/access_token`,
        },
        tokens: { accessToken: 'gho_token_of_the_spec', tokenType: 'bearer' },
      },
    },
  ],
  beside: [
    {
      to: 'POST /app/installations/70/access_tokens',
      status: 201,
      json: { token: 'ghs_token_of_the_installation', expires_at: '2026-11-23T11:00:00Z' },
    },
  ],
  failures: {
    unauthenticated: 'GITHUB_UNAUTHENTICATED',
    forbidden: 'GITHUB_FORBIDDEN',
    notFound: 'GITHUB_NOT_FOUND',
    conflict: 'GITHUB_CONFLICT',
    invalid: 'GITHUB_VALIDATION',
    rateLimited: 'GITHUB_RATE_LIMITED',
    failed: 'GITHUB_FAILED',
    away: 'GITHUB_FAILED',
  },
  limits: {
    headers: {
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': '4999',
      'x-ratelimit-reset': String(Date.UTC(2026, 10, 23, 11) / 1_000),
    },
    allowance: { limit: 5_000, remaining: 4_999 },
  },
  actions,
  triggers: {
    'trigger.github': {
      calls: [
        {
          name: 'an event',
          config: { events: ['issues'], actions: ['opened'], secretCredentialId: 'cr_secret' },
          call: { headers, body: opened },
          meaning: { kind: 'starts', body: opened, key: 'd-1' },
        },
        {
          name: 'another event',
          config: { events: ['push'], secretCredentialId: 'cr_secret' },
          call: { headers, body: opened },
          meaning: { kind: 'ignored', reason: 'EVENT_NOT_WANTED' },
        },
        {
          name: 'a form',
          config: { events: '*', repository, credentialId: 'cr_spec' },
          call: { headers, body: { payload: JSON.stringify(opened) } },
          meaning: { kind: 'starts', body: opened, key: 'd-1' },
        },
        {
          name: 'a ping',
          config: { events: '*', secretCredentialId: 'cr_secret' },
          call: { headers: { ...headers, 'x-github-event': 'ping' }, body: { zen: 'Keep it.' } },
          meaning: { kind: 'answered', answer: { status: 200, contentType: 'application/json', body: '{"ok":true}' } },
        },
      ],
      registration: {
        config: { repository, events: ['issues'], credentialId: 'cr_spec' },
        create: [
          { to: `GET ${base}/hooks`, json: [] },
          { to: `POST ${base}/hooks`, status: 201, json: hook },
        ],
        hookId: '12',
        remove: [{ to: `DELETE ${base}/hooks/12`, status: 204 }],
        gone: [
          { to: `DELETE ${base}/hooks/12`, status: 404, json: { message: 'Not Found' } },
          { to: `GET ${base}/hooks`, json: [] },
        ],
      },
    },
  },
});
