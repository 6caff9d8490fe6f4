import type { MakeAction } from '../define-action.ts';
import { dispatchRepository, dispatchWorkflow } from './dispatches/dispatches.ts';
import { deleteFile, putFile } from './files/change.ts';
import { getFile } from './files/read.ts';
import { addLabels, removeLabel, updateIssue } from './issues/change.ts';
import { createComment, listComments } from './issues/comments.ts';
import { createIssue, createIssueV2 } from './issues/create.ts';
import { getIssue, listIssues, searchIssues } from './issues/read.ts';
import { createPull, createReview, mergePull } from './pulls/change.ts';
import { getPull, listPulls } from './pulls/read.ts';
import { createRelease, getLatestRelease, listReleases } from './releases/releases.ts';
import { request } from './request/request.ts';

/** In the order in which people see them. */
export const ACTIONS: readonly MakeAction[] = [
  createIssue,
  createIssueV2,
  getIssue,
  updateIssue,
  listIssues,
  searchIssues,
  createComment,
  listComments,
  addLabels,
  removeLabel,
  createPull,
  getPull,
  listPulls,
  mergePull,
  createReview,
  createRelease,
  getLatestRelease,
  listReleases,
  getFile,
  putFile,
  deleteFile,
  dispatchRepository,
  dispatchWorkflow,
  request,
];
