import { anyJsonObject } from '#libs/node-kit';
import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { workflowRunAnswer } from '../answers.ts';
import { field, inRepository } from '../fields.ts';
import { bodyOf, jsonOf } from '../kinds.ts';

const REPOSITORY = { credentialId: 'cr_1', repository: 'octocat/hello-world' };

const repositoryConfig = z.strictObject({
  ...inRepository,
  eventType: field(z.string().min(1).max(100), {
    title: 'Event',
    description: 'What workflows of the repository listen for.',
    examples: ['deploy'],
  }),
  payload: field(anyJsonObject().optional(), {
    title: 'Payload',
    description: 'With it, as `client_payload`; at most 10 names.',
    examples: [{ environment: 'production' }],
  }),
});

export const dispatchRepository = defineAction({
  type: 'github.dispatch.repository',
  title: 'Dispatch an event',
  description:
    'Starts the workflows of a repository that listen for `repository_dispatch`; its output is `{dispatched}`.',
  hasSideEffects: true,
  config: repositoryConfig,
  examples: [{ ...REPOSITORY, eventType: 'deploy', payload: { environment: 'production' } }],
  does: async ({ repository, eventType, payload }: z.output<typeof repositoryConfig>, github) => {
    await github.call({
      method: 'POST',
      path: `${repositoryPath(repository)}/dispatches`,
      body: bodyOf({ event_type: eventType, client_payload: payload }),
    });
    return { dispatched: true };
  },
});

const workflowConfig = z.strictObject({
  ...inRepository,
  workflow: field(z.union([z.int().min(1), z.string().min(1).max(255)]), {
    title: 'Workflow',
    description: 'Its file or its id.',
    examples: ['deploy.yml'],
  }),
  ref: field(z.string().min(1).max(255), { title: 'At', description: 'A branch or tag.', examples: ['main'] }),
  inputs: field(anyJsonObject().optional(), {
    title: 'Inputs',
    description: 'That the workflow takes.',
    examples: [{ environment: 'production' }],
  }),
});

export const dispatchWorkflow = defineAction({
  type: 'github.dispatch.workflow',
  title: 'Run a workflow',
  description: 'Of GitHub Actions; its output is `{workflow_run_id, run_url, html_url}` of the run.',
  hasSideEffects: true,
  config: workflowConfig,
  examples: [{ ...REPOSITORY, workflow: 'deploy.yml', ref: 'main', inputs: { environment: 'production' } }],
  does: async ({ repository, workflow, ref, inputs }: z.output<typeof workflowConfig>, github) => {
    const answer = await github.call({
      method: 'POST',
      path: `${repositoryPath(repository)}${path`/actions/workflows/${workflow}/dispatches`}`,
      body: bodyOf({ ref, inputs }),
    });
    github.expect(workflowRunAnswer, answer.data);
    return jsonOf(answer) ?? {};
  },
});
