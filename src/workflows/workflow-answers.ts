import type { FastifyReply } from 'fastify';
import type { Access } from '../platform/access/authenticator.ts';
import type { Answer } from '../platform/openapi/operation.ts';
import type { Author, WorkflowChange } from './change-workflow.ts';
import { entityTagOf } from './entity-tag.ts';
import { workflowView, workflowViewOf, type WorkflowView } from './workflow-view.ts';

export function authorOf({ workspaceId, actor }: Access): Author {
  return { workspaceId, actor };
}

/** A change that the read models do not show yet is answered as accepted, with the same body. */
export function answer(reply: FastifyReply, { record, visible }: WorkflowChange, status: number): WorkflowView {
  reply.status(visible ? status : 202).header('etag', entityTagOf(record));
  return workflowViewOf(record);
}

export function answerCreated(reply: FastifyReply, change: WorkflowChange): WorkflowView {
  reply.header('location', `/v1/workflows/${change.record.id}`);
  return answer(reply, change, 201);
}

const NOT_VISIBLE_YET = 'Stored; reads will show it in a moment.';

export const CREATED_ANSWERS: Readonly<Record<number, Answer>> = {
  201: { description: 'Created.', schema: workflowView, headers: ['etag', 'location'] },
  202: { description: NOT_VISIBLE_YET, schema: workflowView, headers: ['etag', 'location'] },
};
export const CHANGED_ANSWERS: Readonly<Record<number, Answer>> = {
  200: { description: 'The workflow as it is now.', schema: workflowView, headers: ['etag'] },
  202: { description: NOT_VISIBLE_YET, schema: workflowView, headers: ['etag'] },
};
export const ARCHIVED_ANSWERS: Readonly<Record<number, Answer>> = {
  204: { description: 'Archived.' },
  202: { description: NOT_VISIBLE_YET },
};
export const UNCHANGED: Answer = { description: 'The caller has it already.', headers: ['etag'] };
