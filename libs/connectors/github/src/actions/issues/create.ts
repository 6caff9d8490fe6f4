import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { UpgradedConfig } from '#libs/node-kit';
import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { repositoryPath } from '../../paths.ts';
import { issueAnswer, issueAnswerOf2022 } from '../answers.ts';
import { body, field, inRepository, labels, logins, milestone, oneLogin, title } from '../fields.ts';
import { bodyOf, writes } from '../kinds.ts';

const common = {
  ...inRepository,
  title,
  body: body.optional(),
  labels: labels.optional(),
  milestone: milestone.optional(),
};
const ISSUE = { credentialId: 'cr_1', repository: 'octocat/hello-world', title: 'The build fails on Windows' };

const configOf2022 = z.strictObject({
  ...common,
  assignee: field(oneLogin.optional(), {
    title: 'Assignee',
    description: 'A user name; GitHub leaves out who cannot be assigned.',
    examples: ['octocat'],
  }),
});

/** Written for the API of 2022, whose issues have one `assignee`. */
export const createIssue = defineAction({
  type: 'github.issue.create',
  title: 'Create an issue',
  description: 'Opens an issue in a repository; its output is the issue.',
  deprecated: {
    reason: 'GitHub ends the version of its API that this one was written for, where an issue has one assignee',
    replacedBy: 'github.issue.create@2',
  },
  apiVersion: '2022-11-28',
  hasSideEffects: true,
  config: configOf2022,
  examples: [ISSUE, { ...ISSUE, body: '{{ trigger.body.text }}', assignee: 'octocat', labels: ['bug'] }],
  does: writes(
    ({ repository, ...fields }: z.output<typeof configOf2022>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}/issues`,
      body: issueBody({ ...fields, assignees: fields.assignee === undefined ? undefined : [fields.assignee] }),
    }),
    issueAnswerOf2022,
  ),
});

const config = z.strictObject({ ...common, assignees: logins.optional() });

export const createIssueV2 = defineAction({
  type: 'github.issue.create@2',
  title: 'Create an issue',
  description: 'Opens an issue in a repository; its output is the issue.',
  hasSideEffects: true,
  config,
  examples: [ISSUE, { ...ISSUE, body: '{{ trigger.body.text }}', assignees: ['octocat'], labels: ['bug'] }],
  upgrade: upgradeCreateIssue,
  does: writes(
    ({ repository, ...fields }: z.output<typeof config>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}/issues`,
      body: issueBody(fields),
    }),
    issueAnswer,
  ),
});

type IssueFields = Omit<z.output<typeof config>, 'repository' | 'credentialId'>;

function issueBody({
  title: heading,
  body: text,
  labels: names,
  milestone: number,
  assignees,
}: IssueFields): JsonObject {
  return bodyOf({ title: heading, body: text, labels: names, milestone: number, assignees });
}

/** One assignee becomes a list of one. */
function upgradeCreateIssue(written: JsonObject): UpgradedConfig {
  if (!isJsonObject(written)) return { config: written, notes: [] };
  const { assignee, ...rest } = written;
  const message =
    'the output has `assignees`, a list, and no `assignee` any more: look at expressions that read `output.assignee`';
  const notes = [{ path: '', message }];
  return { config: assignee === undefined ? rest : { ...rest, assignees: [assignee] }, notes };
}
