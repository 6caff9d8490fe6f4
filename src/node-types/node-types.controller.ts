import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { unknownNodeType } from '#libs/workflow-definition';
import { z } from 'zod';
import { Public } from '../platform/access/access.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { nodeTypeView, nodeTypeViewOf, type NodeTypeView } from './node-type-view.ts';
import { NODE_TYPES } from './tokens.ts';

const listNodeTypesQuery = z.strictObject({
  name: z.string().max(128).meta({ description: 'All versions of one node type.', example: 'http.request' }).optional(),
});
type ListNodeTypesQuery = z.infer<typeof listNodeTypesQuery>;

@Controller('v1/node-types')
export class NodeTypesController {
  readonly #views: ReadonlyMap<string, NodeTypeView>;

  constructor(@Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes) {
    this.#views = new Map([...nodeTypes].map(([type, nodeType]) => [type, nodeTypeViewOf(nodeType)]));
  }

  @Get()
  @Public()
  @Operation({
    summary: 'List the node types',
    description: 'Each version of a node type is one of its own.',
    answers: { 200: { description: 'All of them, on one page.', schema: pageSchema(nodeTypeView) } },
  })
  list(@Query({ schema: listNodeTypesQuery }) { name }: ListNodeTypesQuery): Page<NodeTypeView> {
    const views = [...this.#views.values()];
    return { items: name === undefined ? views : views.filter((view) => view.name === name), nextCursor: null };
  }

  @Get(':type')
  @Public()
  @Operation({
    summary: 'Read a node type',
    answers: { 200: { description: 'The node type.', schema: nodeTypeView } },
    refusals: { 404: ['NODE_TYPE_NOT_FOUND'] },
  })
  get(@Param('type') type: string): NodeTypeView {
    const view = this.#views.get(type);
    if (view) return view;
    throw new MillraceError('notFound', 'NODE_TYPE_NOT_FOUND', unknownNodeType(type, this.nodeTypes));
  }
}
