import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import { call, type Reply } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { AnswerChecks } from '../support/openapi/answer-checks.ts';
import { operationsOf, requiredQueryOf, type DocumentedOperation } from '../support/openapi/document.ts';
import { requestsOf, type FuzzBody, type FuzzRequest, type PathChoice } from '../support/openapi/requests-of.ts';
import { filledPath, World } from '../support/openapi/world.ts';

/** `MILLRACE_FUZZ_REQUESTS=100000 MILLRACE_FUZZ_SEED=7 npm run test:e2e -- --testPathPatterns contract-fuzz` looks longer, and elsewhere. */
const REQUESTS = Number(process.env['MILLRACE_FUZZ_REQUESTS'] ?? 5_000);
const SEED = Number(process.env['MILLRACE_FUZZ_SEED'] ?? 20_261_124);

/** What only a worker that dies makes possible; in-doubt.e2e-spec tells that story. */
const NEEDS_A_DEAD_WORKER: ReadonlySet<string> = new Set(['steeringSettle']);
/** They send browsers to an OAuth provider and take them back: test/e2e/oauth.e2e-spec.ts has one. */
const NEEDS_A_PROVIDER: ReadonlySet<string> = new Set([
  'oAuthAuthorize',
  'oAuthCallback',
  'oauthStartAsk',
  'oauthStartGo',
]);

describe('the document and the server', () => {
  let millrace: LocalMillrace;
  let world: World;
  let operations: readonly DocumentedOperation[];
  const checks = new AnswerChecks();
  beforeAll(async () => {
    millrace = await startMillrace();
    operations = operationsOf((await call(millrace.url, 'GET', '/openapi.json')).body as JsonObject);
  });
  beforeEach(async () => {
    world = await World.create(millrace);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  async function send({ operation, path, query, headers, body, caller }: FuzzRequest): Promise<Reply> {
    // First, as it may make what the path then names.
    const json = body.kind === 'right' ? { json: await world.bodyFor(operation) } : {};
    const choices = path.values();
    const target = filledPath(operation.path, (word) => {
      const choice = choices.next().value;
      if (choice?.kind === 'text') return choice.text;
      const known = world.named(word);
      return known.at((choice?.place ?? 0) % known.length) ?? '';
    });
    const search = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
    return call(millrace.url, operation.method, search === '' ? target : `${target}?${search}`, {
      headers: {
        ...latin1(headers),
        ...authorizationOf(caller),
        ...(body.kind === 'text' && { 'content-type': body.contentType }),
      },
      ...(body.kind === 'json' && { json: body.value }),
      ...json,
      ...(body.kind === 'text' && { text: body.text }),
    });
  }

  function authorizationOf(caller: FuzzRequest['caller']): Record<string, string> {
    if (caller === 'nobody') return {};
    return { authorization: `Bearer ${caller === 'somebody false' ? 'a.b.c' : world.tokenOf(caller)}` };
  }

  it('agree on what each operation is for: as documented, it succeeds', async () => {
    const deletionsLast = operations.toSorted(
      (one, other) => Number(one.method === 'DELETE') - Number(other.method === 'DELETE'),
    );
    const failed: string[] = [];
    for (const operation of deletionsLast) {
      if (NEEDS_A_DEAD_WORKER.has(operation.id) || NEEDS_A_PROVIDER.has(operation.id)) continue;
      const path = operation.parameters
        .filter((one) => one.in === 'path')
        .map((): PathChoice => ({ kind: 'known', place: -1 }));
      const body: FuzzBody = operation.method === 'GET' ? { kind: 'none' } : { kind: 'right' };
      const query = requiredQueryOf(operation);
      const reply = await send({ operation, path, query, headers: { 'if-match': '"1"' }, body, caller: 'owner' });
      const objection = reply.status < 300 ? checks.objectionTo(operation, reply) : `${reply.status} ${reply.text}`;
      if (objection !== undefined) failed.push(`${operation.id}: ${objection}`);
    }
    expect(failed).toEqual([]);
  });

  it(`agree on ${REQUESTS} requests, most of them as documented and many of them wrong`, async () => {
    const request = fc.oneof(...operations.map(requestsOf));
    await fc.assert(
      fc.asyncProperty(request, async (one) => {
        const reply = await send(one);
        if (reply.status === 201 || reply.status === 202) world.remember(one.operation.path, reply);
        expect(checks.objectionTo(one.operation, reply)).toBeUndefined();
      }),
      { numRuns: REQUESTS, seed: SEED, endOnFailure: true },
    );
  }, 600_000);
});

/** Header values as fetch takes them: bytes. */
function latin1(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
  );
}
