import { Controller, Get, Inject } from '@nestjs/common';
import { anyJsonObject, type NodeTypes } from '#libs/node-kit';
import { publishedConfigSchema } from '#libs/workflow-definition';
import { z } from 'zod';
import { Public } from '../platform/access/access.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { NODE_TYPES } from './tokens.ts';

const nodeTypeView = z
  .object({
    type: z.string(),
    kind: z.enum(['trigger', 'action', 'condition']),
    title: z.string(),
    description: z.string(),
    outputs: z
      .array(z.string())
      .meta({ description: 'By which connections may leave, for a config that names no others.' }),
    configSchema: anyJsonObject().meta({ description: 'JSON Schema (2020-12) of the config as it is written.' }),
  })
  .meta({
    id: 'NodeType',
    description: 'What a node can be.',
    examples: [
      {
        type: 'noop',
        kind: 'action',
        title: 'Do nothing',
        description: 'Passes on what comes in.',
        outputs: ['main'],
        configSchema: { type: 'object', properties: {}, additionalProperties: false },
      },
    ],
  });
/** A node type as `GET /v1/node-types` answers it. */
export type NodeTypeView = z.output<typeof nodeTypeView>;

@Controller('v1/node-types')
export class NodeTypesController {
  readonly #views: readonly NodeTypeView[];

  constructor(@Inject(NODE_TYPES) nodeTypes: NodeTypes) {
    this.#views = [...nodeTypes.values()].map((nodeType) => ({
      type: nodeType.type,
      kind: nodeType.kind,
      title: nodeType.title,
      description: nodeType.description,
      outputs: [...nodeType.outputsOf({})],
      configSchema: publishedConfigSchema(nodeType),
    }));
  }

  @Get()
  @Public()
  @Operation({
    summary: 'List the node types',
    answers: { 200: { description: 'All of them, on one page.', schema: pageSchema(nodeTypeView) } },
  })
  list(): Page<NodeTypeView> {
    return { items: this.#views, nextCursor: null };
  }
}
