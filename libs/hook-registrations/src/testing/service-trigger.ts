import { defineCredentialType } from '#libs/credential-types';
import { defineNodeType, NodeError, type HookRegistration, type NodeTypes } from '#libs/node-kit';
import { z } from 'zod';
import type { Refusal } from './hook-service.ts';

export const TRIGGER = 'trigger.test';

const configSchema = z.strictObject({
  credentialId: z.string(),
  repository: z.string(),
  byHand: z.boolean().optional(),
});
type Config = z.infer<typeof configSchema>;

const token = defineCredentialType({
  type: 'test.token',
  title: 'Token',
  description: 'Of the service of tests',
  data: z.object({ token: z.string() }),
  example: { token: 'token' },
  bindsToHosts: false,
  secretsOf: (data) => [data.token],
});

/** A trigger whose hooks are registered at the service of tests. */
export function serviceTriggers(serviceUrl: () => string): NodeTypes {
  const trigger = defineNodeType<Config>({
    kind: 'trigger',
    runs: 'trigger',
    type: TRIGGER,
    title: 'Test',
    description: 'Of tests',
    configSchema,
    outputsOf: () => ['main'],
    webhook: {
      maxBodyBytes: 1_000,
      proofOf: () => ({ scheme: 'github' }),
      receive: (_config, { body }) => ({ kind: 'starts', body }),
      rememberedForMs: 1_000,
      accepted: { status: 202, body: '' },
      registration: registrationAt(serviceUrl),
    },
  });
  return new Map([[TRIGGER, trigger]]);
}

function registrationAt(serviceUrl: () => string): HookRegistration<Config> {
  return {
    targetOf: ({ credentialId, repository, byHand = false }) =>
      byHand ? undefined : { credentialId, at: { repository } },
    create: async ({ url, secret, credentialId, at }, { credentialOf, signal }) => {
      const { data } = await credentialOf(credentialId, [token]);
      const body = JSON.stringify({ url, secret, repository: at['repository'], token: data.token });
      const answer = await asked(
        `${serviceUrl()}/hooks`,
        { method: 'POST', body, signal: signalOf(signal) },
        data.token,
      );
      return { hookId: z.object({ id: z.string() }).parse(answer).id };
    },
    remove: async ({ hookId, credentialId }, { credentialOf, signal }) => {
      const { data } = await credentialOf(credentialId, [token]);
      const headers = { authorization: data.token };
      await asked(
        `${serviceUrl()}/hooks/${hookId}`,
        { method: 'DELETE', headers, signal: signalOf(signal) },
        data.token,
      );
    },
  };
}

function signalOf(signal: { readonly aborted: boolean }): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  throw new TypeError('the signal is not one of Node');
}

/** The message of a refusal repeats the token, as those of services may. */
async function asked(url: string, request: RequestInit, secret: string): Promise<unknown> {
  const response = await fetch(url, request).catch((cause: unknown) => {
    throw new NodeError('SERVICE_AWAY', 'the service can not be reached', { retryable: true, cause });
  });
  const answer: unknown = await response.json();
  if (response.ok || (response.status === 404 && request.method === 'DELETE')) return answer;
  const { retryAfterMs } = answer as Refusal;
  throw new NodeError(`SERVICE_${response.status}`, `${secret} is refused`, {
    retryable: response.status >= 500 || response.status === 429,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
