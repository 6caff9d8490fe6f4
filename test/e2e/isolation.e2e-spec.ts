import { createHmac, randomBytes } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { dataOf } from '#libs/api-client';
import type { JsonObject } from '#libs/kernel';
import { AccessTokens, jwtOptions } from '../../src/accounts/access-tokens.ts';
import { isGranted, MEMBER_ROLES, type Permission } from '../../src/platform/access/permissions.ts';
import { call, type Reply } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { operationsOf, requiredQueryOf, type DocumentedOperation } from '../support/openapi/document.ts';
import { World } from '../support/openapi/world.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
const KEY_LIVES_MS = 1_000;

/** Every route is in the document, so a new one is held against all of this without a line here. */
/** What no workspace has for itself. */
const OF_THE_INSTALLATION = /^\/v1\/(queues|projections)\//;

describe('who may do what, on every route of the document', () => {
  let millrace: LocalMillrace;
  let ours: World;
  let theirs: World;
  let guarded: readonly DocumentedOperation[];
  beforeAll(async () => {
    millrace = await startMillrace();
    ours = await World.create(millrace);
    theirs = await World.create(millrace);
    const document = (await call(millrace.url, 'GET', '/openapi.json')).body as JsonObject;
    guarded = operationsOf(document).filter(({ permission }) => permission !== undefined);
    expect(guarded.length).toBeGreaterThan(30);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  /** The documented example, to what is there in `world`. */
  function send(
    { method, path, body, parameters }: DocumentedOperation,
    world: World,
    headers: Record<string, string>,
  ): Promise<Reply> {
    const query = new URLSearchParams(requiredQueryOf({ parameters })).toString();
    return call(millrace.url, method, query === '' ? world.pathOf(path) : `${world.pathOf(path)}?${query}`, {
      headers: { 'if-match': '"1"', ...headers },
      ...(body && method !== 'GET' && { json: body.example ?? {} }),
    });
  }

  const asRole = (world: World, role: (typeof MEMBER_ROLES)[number]) => ({
    authorization: `Bearer ${world.tokenOf(role)}`,
  });

  /** What the same login would have been given an hour ago. */
  function expired(token: string): string {
    const issuerOf = (nowMs: () => number) =>
      new AccessTokens(new JwtService(jwtOptions(millrace.rootKeys)), { nowMs });
    return issuerOf(() => Date.now() - HOUR_MS).issue(issuerOf(() => Date.now()).verify(token));
  }

  async function newKey(asked: { role: (typeof MEMBER_ROLES)[number]; expiresAt?: string }): Promise<string> {
    const { key } = await dataOf(ours.owner.client.POST('/v1/api-keys', { body: { name: 'Test', ...asked } }));
    return key;
  }

  async function exceptions(check: (operation: DocumentedOperation) => Promise<string | undefined>): Promise<string[]> {
    const found: string[] = [];
    for (const operation of guarded) {
      const objection = await check(operation);
      if (objection !== undefined) found.push(`${operation.method} ${operation.path}: ${objection}`);
    }
    return found;
  }

  it('without a token nobody comes in', async () => {
    expect(await exceptions(async (one) => unlessRefused(await send(one, ours, {}), 401, 'UNAUTHENTICATED'))).toEqual(
      [],
    );
  });

  it.each([
    ['expired', 'TOKEN_EXPIRED', () => expired(ours.tokenOf('owner'))],
    ['not signed', 'TOKEN_INVALID', () => unsigned(ours.tokenOf('owner'))],
    ['signed with another key', 'TOKEN_INVALID', () => resigned(ours.tokenOf('owner'))],
    ['an API key that was never given out', 'TOKEN_INVALID', () => `mrk_${randomBytes(32).toString('base64url')}`],
  ])('a token that is %s opens nothing', async (_, code, token) => {
    const headers = { authorization: `Bearer ${token()}` };
    expect(await exceptions(async (one) => unlessRefused(await send(one, ours, headers), 401, code))).toEqual([]);
  });

  it('what belongs to another workspace is not there', async () => {
    const named = (one: DocumentedOperation): boolean => one.parameters.some((parameter) => parameter.in === 'path');
    const found = await exceptions(async (one) => {
      if (!named(one) || OF_THE_INSTALLATION.test(one.path)) return undefined;
      const reply = await send(one, theirs, asRole(ours, 'owner'));
      return reply.status === 404 ? undefined : `${reply.status} ${reply.text}`;
    });
    expect(found).toEqual([]);
  });

  it('an API key that has expired opens nothing', async () => {
    const soon = new Date(Date.now() + KEY_LIVES_MS).toISOString();
    const headers = { authorization: `Bearer ${await newKey({ role: 'owner', expiresAt: soon })}` };
    await until('the key has expired', async () =>
      (await call(millrace.url, 'GET', '/v1/me', { headers })).status === 401 ? true : undefined,
    );
    const code = 'API_KEY_EXPIRED';
    expect(await exceptions(async (one) => unlessRefused(await send(one, ours, headers), 401, code))).toEqual([]);
  });

  it.each([
    ...MEMBER_ROLES.filter((role) => role !== 'owner').map((role) => ['a member', role] as const),
    ...MEMBER_ROLES.map((role) => ['an API key', role] as const),
  ])('%s that is %s: what the role does not grant is forbidden, and nothing else', async (who, role) => {
    const token = who === 'a member' ? ours.tokenOf(role) : await newKey({ role });
    const found = await exceptions(async (one) => {
      const reply = await send(one, ours, { authorization: `Bearer ${token}` });
      if (!isGranted(role, neededFor(one))) return unlessRefused(reply, 403, 'FORBIDDEN');
      return [401, 403].includes(reply.status) || reply.status >= 500 ? `${reply.status} ${reply.text}` : undefined;
    });
    expect(found).toEqual([]);
  });

  it('nothing of it has reached the other workspace', async () => {
    for (const word of ['workflows', 'executions', 'credentials', 'api-keys'] as const)
      expect((await theirs.owner.send('GET', `/v1/${word}/${theirs.named(word).at(-1)}`)).status).toBe(200);
  });
});

/** Leaving is for everybody, removing somebody else is not: the one route whose declaration is not the whole rule. */
function neededFor({ id, permission }: DocumentedOperation): Permission {
  return id === 'membersRemove' ? 'members:write' : (permission as Permission);
}

function unlessRefused(reply: Reply, status: number, code: string): string | undefined {
  const refused = reply.status === status && (reply.body as { code?: string }).code === code;
  return refused ? undefined : `${reply.status} ${reply.text}`;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function unsigned(token: string): string {
  const claims = token.split('.')[1] ?? '';
  return `${part({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
}

function resigned(token: string): string {
  const content = token.split('.').slice(0, 2).join('.');
  return `${content}.${createHmac('sha256', randomBytes(32)).update(content).digest('base64url')}`;
}
