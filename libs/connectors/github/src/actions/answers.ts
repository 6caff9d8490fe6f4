import { z } from 'zod';

// What workflows rely on of each answer, and no more: `driftOf` tells what is not so.

const user = z.looseObject({ login: z.string() });
const label = z.looseObject({ name: z.string() });

export const labelsAnswer = z.array(label);
export const issueAnswer = z.looseObject({
  number: z.int(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
  user: user.nullable(),
  labels: z.array(z.union([label, z.string()])),
  assignees: z.array(user),
  body: z.string().nullish(),
  created_at: z.string(),
  updated_at: z.string(),
});
/** Gone from the version of 2026-03-10 on. */
export const issueAnswerOf2022 = issueAnswer.extend({ assignee: user.nullable() });
export const commentAnswer = z.looseObject({
  id: z.int(),
  body: z.string(),
  html_url: z.string(),
  user: user.nullable(),
  created_at: z.string(),
});
const branch = z.looseObject({ ref: z.string(), sha: z.string() });
export const pullAnswer = z.looseObject({
  number: z.int(),
  title: z.string(),
  state: z.string(),
  html_url: z.string(),
  user: user.nullable(),
  head: branch,
  base: branch,
  draft: z.boolean().optional(),
  created_at: z.string(),
});
export const mergeAnswer = z.looseObject({ sha: z.string(), merged: z.boolean(), message: z.string() });
export const reviewAnswer = z.looseObject({ id: z.int(), state: z.string(), html_url: z.string() });
export const releaseAnswer = z.looseObject({
  id: z.int(),
  tag_name: z.string(),
  name: z.string().nullable(),
  draft: z.boolean(),
  prerelease: z.boolean(),
  html_url: z.string(),
  upload_url: z.string(),
});
export const fileAnswer = z.looseObject({
  type: z.string(),
  path: z.string(),
  sha: z.string(),
  size: z.int(),
  html_url: z.string().nullable(),
});
export const changedFileAnswer = z.looseObject({
  content: z.looseObject({ path: z.string(), sha: z.string() }).nullable(),
  commit: z.looseObject({ sha: z.string(), html_url: z.string() }),
});
export const workflowRunAnswer = z.looseObject({
  workflow_run_id: z.int(),
  run_url: z.string(),
  html_url: z.string(),
});
export const hookAnswer = z.looseObject({ id: z.int(), config: z.looseObject({ url: z.string().optional() }) });
