import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** An answer, before the server has put its headers to it. */
export interface FakeAnswer {
  readonly status: number;
  readonly body?: JsonValue;
  /** In place of `body`. */
  readonly bytes?: Buffer;
  /** A list, of which a page is sent. */
  readonly items?: readonly JsonValue[];
}

export interface FakeCall {
  readonly method: string;
  /** Behind the repository. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: JsonObject;
  readonly apiVersion: string;
}

export const NOT_FOUND: FakeAnswer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com/rest' },
};
const AT = '2026-11-29T00:00:00Z';

export function invalid(resource: string, field: string, code: string): FakeAnswer {
  return { status: 422, body: { message: 'Validation Failed', errors: [{ resource, field, code }] } };
}

/** A thing of the repository, which calls change. */
export type Stored = Record<string, JsonValue>;

type Handler = (call: FakeCall, match: RegExpExecArray) => FakeAnswer;

/** What one repository holds, as far as actions get at it. Numbers and ids begin at 1. */
export class FakeRepository {
  readonly issues: Stored[] = [];
  readonly comments: Stored[] = [];
  readonly releases: Stored[] = [];
  readonly reviews: Stored[] = [];
  readonly dispatched: Stored[] = [];
  readonly files = new Map<string, Buffer>();

  constructor(
    readonly name: string,
    private readonly login: string,
  ) {}

  readonly #routes: readonly (readonly [string, RegExp, Handler])[] = [
    ['GET', /^\/issues$/, ({ query }) => ({ status: 200, items: this.#listed(query) })],
    ['POST', /^\/issues$/, (call) => this.#created(call, {})],
    ['GET', /^\/issues\/(\d+)$/, (call, match) => this.#one(call, match)],
    ['PATCH', /^\/issues\/(\d+)$/, (call, match) => this.#patched(call, match)],
    ['GET', /^\/issues\/(\d+)\/comments$/, (_call, [, number]) => ({ status: 200, items: this.#commentsOf(number) })],
    ['POST', /^\/issues\/(\d+)\/comments$/, (call, match) => this.#commented(call, match)],
    ['POST', /^\/issues\/(\d+)\/labels$/, (call, match) => this.#labelled(call, match)],
    ['DELETE', /^\/issues\/(\d+)\/labels\/([^/]+)$/, (_call, match) => this.#unlabelled(match)],
    ['GET', /^\/pulls$/, () => ({ status: 200, items: this.issues.filter((one) => 'head' in one) })],
    ['POST', /^\/pulls$/, (call) => this.#pulled(call)],
    ['GET', /^\/pulls\/(\d+)$/, (call, match) => this.#one(call, match)],
    ['PUT', /^\/pulls\/(\d+)\/merge$/, (_call, match) => this.#merged(match)],
    ['POST', /^\/pulls\/(\d+)\/reviews$/, ({ body }) => this.#reviewed(body)],
    ['GET', /^\/releases$/, () => ({ status: 200, items: this.releases.toReversed() })],
    ['GET', /^\/releases\/latest$/, () => this.#latest()],
    ['POST', /^\/releases$/, ({ body }) => this.#released(body)],
    ['GET', /^\/contents\/(.+)$/, (call, match) => this.#content(call, match)],
    ['PUT', /^\/contents\/(.+)$/, (call, match) => this.#written(call, match)],
    ['DELETE', /^\/contents\/(.+)$/, (call, match) => this.#removed(call, match)],
    ['GET', /^\/git\/blobs\/([0-9a-f]+)$/, (_call, match) => this.#blob(match)],
    ['POST', /^\/dispatches$/, ({ body }) => (this.dispatched.push({ ...body }), { status: 204 })],
    ['POST', /^\/actions\/workflows\/([^/]+)\/dispatches$/, (call) => this.#run(call)],
  ];

  answer(call: FakeCall): FakeAnswer {
    for (const [method, pattern, handler] of this.#routes) {
      const match = method === call.method ? pattern.exec(call.path) : null;
      if (match) return handler(call, match);
    }
    return NOT_FOUND;
  }

  /** An issue as others would have opened it. */
  open(fields: JsonObject): Stored {
    const number = this.issues.length + 1;
    const { assignees = [], labels = [] } = fields;
    const issue: Stored = {
      ...{ id: 1_000 + number, number, state: 'open', body: null, user: { login: this.login }, comments: 0 },
      ...{ html_url: `https://github.com/${this.name}/issues/${number}`, created_at: AT, updated_at: AT },
      ...fields,
      assignees: listOf(assignees).map((login) => ({ login })),
      labels: listOf(labels).map((name) => ({ name })),
    };
    this.issues.push(issue);
    return issue;
  }

  #created({ body, apiVersion }: FakeCall, more: JsonObject): FakeAnswer {
    if (typeof body.title !== 'string') return invalid('Issue', 'title', 'missing_field');
    return { status: 201, body: versioned(this.open({ ...body, ...more }), apiVersion) };
  }

  #one({ apiVersion }: FakeCall, [, number]: RegExpExecArray): FakeAnswer {
    const issue = this.#find(number);
    return issue ? { status: 200, body: versioned(issue, apiVersion) } : NOT_FOUND;
  }

  #patched({ body, apiVersion }: FakeCall, [, number]: RegExpExecArray): FakeAnswer {
    const issue = this.#find(number);
    if (!issue) return NOT_FOUND;
    const { labels, assignees, ...rest } = body;
    Object.assign(issue, rest);
    if (labels !== undefined) issue.labels = listOf(labels).map((name) => ({ name }));
    if (assignees !== undefined) issue.assignees = listOf(assignees).map((login) => ({ login }));
    return { status: 200, body: versioned(issue, apiVersion) };
  }

  #listed(query: URLSearchParams): readonly JsonValue[] {
    const state = query.get('state') ?? 'open';
    const names = (query.get('labels') ?? '').split(',').filter((name) => name !== '');
    return this.issues
      .filter((issue) => state === 'all' || issue.state === state)
      .filter((issue) => names.every((name) => namesIn(issue.labels).includes(name)));
  }

  #commentsOf(number: string | undefined): readonly JsonValue[] {
    return this.comments.filter(({ issue_url }) => issue_url === `/issues/${number}`);
  }

  #commented({ body }: FakeCall, [, number]: RegExpExecArray): FakeAnswer {
    if (!this.#find(number)) return NOT_FOUND;
    const id = this.comments.length + 1;
    const html_url = `https://github.com/${this.name}/issues/${number}#issuecomment-${id}`;
    const comment = {
      id,
      user: { login: this.login },
      html_url,
      issue_url: `/issues/${number}`,
      created_at: AT,
      ...body,
    };
    this.comments.push(comment);
    return { status: 201, body: comment };
  }

  #labelled({ body }: FakeCall, [, number]: RegExpExecArray): FakeAnswer {
    const issue = this.#find(number);
    if (!issue) return NOT_FOUND;
    const names = new Set([...namesIn(issue.labels), ...listOf(body.labels)]);
    issue.labels = [...names].map((name) => ({ name }));
    return { status: 200, body: issue.labels };
  }

  #unlabelled([, number, label = '']: RegExpExecArray): FakeAnswer {
    const issue = this.#find(number);
    const name = decodeURIComponent(label);
    if (!issue || !namesIn(issue.labels).includes(name)) return NOT_FOUND;
    issue.labels = namesIn(issue.labels)
      .filter((one) => one !== name)
      .map((one) => ({ name: one }));
    return { status: 200, body: issue.labels };
  }

  #pulled(call: FakeCall): FakeAnswer {
    const { head, base } = call.body;
    const isThere = this.issues.some((one) => isJsonObject(one.head) && one.head.ref === head);
    if (isThere) return invalid('PullRequest', 'head', 'custom');
    const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
    return this.#created(call, { head: { ref: head ?? '', sha }, base: { ref: base ?? '', sha } });
  }

  #merged([, number]: RegExpExecArray): FakeAnswer {
    const pull = this.#find(number);
    if (!pull) return NOT_FOUND;
    if (pull.state !== 'open') return { status: 405, body: { message: 'Pull Request is not mergeable' } };
    pull.state = 'closed';
    const sha = '6dcb09b5b57875f334f61aebed695e2e4193db5e';
    return { status: 200, body: { sha, merged: true, message: 'Pull Request successfully merged' } };
  }

  #reviewed(body: JsonObject): FakeAnswer {
    const id = this.reviews.push({ ...body });
    const states: Readonly<Record<string, string>> = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED' };
    const state = states[textOf(body.event)] ?? 'COMMENTED';
    return { status: 200, body: { id, state, html_url: `https://github.com/${this.name}/pull/1#review-${id}` } };
  }

  #released(body: JsonObject): FakeAnswer {
    if (this.releases.some(({ tag_name }) => tag_name === body.tag_name))
      return invalid('Release', 'tag_name', 'already_exists');
    const id = this.releases.length + 1;
    const urls = {
      html_url: `https://github.com/${this.name}/releases/${id}`,
      upload_url: 'https://uploads.github.com/',
    };
    const release = { id, name: null, draft: false, prerelease: false, ...urls, ...body };
    this.releases.push(release);
    return { status: 201, body: release };
  }

  #latest(): FakeAnswer {
    const latest = this.releases.findLast(({ draft, prerelease }) => draft !== true && prerelease !== true);
    return latest ? { status: 200, body: latest } : NOT_FOUND;
  }

  #content(_call: FakeCall, [, path = '']: RegExpExecArray): FakeAnswer {
    const name = decodeURIComponent(path);
    const bytes = this.files.get(name);
    if (bytes) return { status: 200, body: fileOf(name, bytes) };
    const inside = [...this.files].filter(([one]) => one.startsWith(`${name}/`));
    return inside.length === 0
      ? NOT_FOUND
      : { status: 200, body: inside.map(([one, content]) => fileOf(one, content)) };
  }

  #written({ body }: FakeCall, [, path = '']: RegExpExecArray): FakeAnswer {
    const name = decodeURIComponent(path);
    const present = this.files.get(name);
    const mismatch = mismatchOf(present, body.sha);
    if (mismatch) return mismatch;
    const bytes = Buffer.from(typeof body.content === 'string' ? body.content : '', 'base64');
    this.files.set(name, bytes);
    const { content: _, ...content } = fileOf(name, bytes);
    return { status: present ? 200 : 201, body: { content, commit: COMMIT } };
  }

  #removed({ body }: FakeCall, [, path = '']: RegExpExecArray): FakeAnswer {
    const name = decodeURIComponent(path);
    const present = this.files.get(name);
    if (!present) return NOT_FOUND;
    const mismatch = mismatchOf(present, body.sha);
    if (mismatch) return mismatch;
    this.files.delete(name);
    return { status: 200, body: { content: null, commit: COMMIT } };
  }

  #blob([, sha]: RegExpExecArray): FakeAnswer {
    const bytes = [...this.files.values()].find((one) => shaOf(one) === sha);
    return bytes ? { status: 200, bytes } : NOT_FOUND;
  }

  #run({ body }: FakeCall): FakeAnswer {
    const id = this.dispatched.push({ ...body });
    const html_url = `https://github.com/${this.name}/actions/runs/${id}`;
    return { status: 200, body: { workflow_run_id: id, run_url: `https://api.github.com/runs/${id}`, html_url } };
  }

  #find(number: string | undefined): Stored | undefined {
    return this.issues.find((one) => one.number === Number(number));
  }
}

const COMMIT = { sha: '7638417db6d59f3c431d3e1f261cc637155684cd', html_url: 'https://github.com/commit/7638417' };
/** Above it the answer tells no content. */
const LARGEST_INLINE_BYTES = 1_048_576;

function fileOf(path: string, bytes: Buffer): JsonObject {
  const isLarge = bytes.length > LARGEST_INLINE_BYTES;
  const content = isLarge
    ? { encoding: 'none', content: '' }
    : { encoding: 'base64', content: bytes.toString('base64') };
  return {
    type: 'file',
    path,
    sha: shaOf(bytes),
    size: bytes.length,
    html_url: `https://github.com/${path}`,
    ...content,
  };
}

function mismatchOf(present: Buffer | undefined, sha: JsonValue | undefined): FakeAnswer | undefined {
  if (!present) return sha === undefined ? undefined : NOT_FOUND;
  if (sha === undefined) return { status: 422, body: { message: 'Invalid request.\n\n"sha" wasn\'t supplied.' } };
  return sha === shaOf(present) ? undefined : { status: 409, body: { message: 'does not match' } };
}

function shaOf(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Issues of the API of 2022 have one `assignee` beside `assignees`. */
function versioned(issue: JsonObject, apiVersion: string): JsonObject {
  return apiVersion === '2022-11-28' ? { ...issue, assignee: listOf(issue.assignees)[0] ?? null } : issue;
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function namesIn(labels: JsonValue | undefined): readonly JsonValue[] {
  return listOf(labels).flatMap((label) => (isJsonObject(label) ? [label.name ?? null] : []));
}
