import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { issueAnswer, labelsAnswer } from '../answers.ts';
import { body, field, inRepository, issueNumber, labels, logins, milestone, oneOf, title } from '../fields.ts';
import { bodyOf, jsonOf } from '../kinds.ts';
import { writes } from '../kinds.ts';

const ISSUE = { credentialId: 'cr_1', repository: 'octocat/hello-world', number: 42 };

const updateConfig = z.strictObject({
  ...inRepository,
  number: issueNumber,
  title: title.optional(),
  body: body.optional(),
  state: oneOf(['open', 'closed'], { title: 'State', description: 'To close or to reopen it.' }).optional(),
  stateReason: oneOf(['completed', 'not_planned', 'duplicate', 'reopened'], {
    title: 'Why',
    description: 'Of a change of the state.',
  }).optional(),
  labels: field(labels.optional(), {
    title: 'Labels',
    description: 'They take the place of all that it has.',
    examples: [['bug']],
  }),
  assignees: field(logins.optional(), {
    title: 'Assignees',
    description: 'They take the place of all that it has.',
    examples: [['octocat']],
  }),
  milestone: milestone.optional(),
});

export const updateIssue = defineAction({
  type: 'github.issue.update',
  title: 'Update an issue',
  description: 'Changes what is given of an issue or pull request; its output is the issue.',
  hasSideEffects: true,
  config: updateConfig,
  examples: [{ ...ISSUE, state: 'closed', stateReason: 'completed' }],
  does: writes(
    ({ repository, number, credentialId: _, stateReason, ...fields }: z.output<typeof updateConfig>) => ({
      method: 'PATCH',
      path: `${repositoryPath(repository)}${path`/issues/${number}`}`,
      body: bodyOf({ ...fields, state_reason: stateReason }),
      isRepeatable: true,
    }),
    issueAnswer,
  ),
});

const addConfig = z.strictObject({ ...inRepository, number: issueNumber, labels: labels.min(1) });

export const addLabels = defineAction({
  type: 'github.label.add',
  title: 'Add labels',
  description: 'To an issue or pull request; its output is `{labels}`, all that it has then.',
  hasSideEffects: true,
  config: addConfig,
  examples: [{ ...ISSUE, labels: ['bug'] }],
  does: async ({ repository, number, labels: names }: z.output<typeof addConfig>, github) => {
    const answer = await github.call({
      method: 'POST',
      path: `${repositoryPath(repository)}${path`/issues/${number}/labels`}`,
      body: { labels: names },
      isRepeatable: true,
    });
    github.expect(labelsAnswer, answer.data);
    return { labels: jsonOf(answer) };
  },
});

const removeConfig = z.strictObject({
  ...inRepository,
  number: issueNumber,
  label: field(z.string().min(1).max(200), { title: 'Label', description: 'Its name.', examples: ['bug'] }),
});

export const removeLabel = defineAction({
  type: 'github.label.remove',
  title: 'Remove a label',
  description:
    'From an issue or pull request; its output is `{labels}`, all that it has then. A label that it does not have is an error GITHUB_NOT_FOUND.',
  hasSideEffects: true,
  config: removeConfig,
  examples: [{ ...ISSUE, label: 'bug' }],
  does: async ({ repository, number, label }: z.output<typeof removeConfig>, github) => {
    const answer = await github.call({
      method: 'DELETE',
      path: `${repositoryPath(repository)}${path`/issues/${number}/labels/${label}`}`,
      isRepeatable: true,
    });
    github.expect(labelsAnswer, answer.data);
    return { labels: jsonOf(answer) };
  },
});
