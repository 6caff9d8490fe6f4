import { Controller, Get, Inject } from '@nestjs/common';
import type { JsonObject } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import { publishedConfigSchema } from '#libs/workflow-definition';
import { Public } from '../platform/access/access.decorators.ts';
import { NODE_TYPES } from './tokens.ts';

/** A node type as `GET /v1/node-types` answers it. */
export interface NodeTypeView {
  readonly type: string;
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly outputs: readonly string[];
  readonly configSchema: JsonObject;
}

@Controller('v1/node-types')
export class NodeTypesController {
  readonly #views: readonly NodeTypeView[];

  constructor(@Inject(NODE_TYPES) nodeTypes: NodeTypes) {
    this.#views = [...nodeTypes.values()].map((nodeType) => ({
      type: nodeType.type,
      kind: nodeType.kind,
      title: nodeType.title,
      description: nodeType.description,
      outputs: nodeType.outputsOf({}),
      configSchema: publishedConfigSchema(nodeType),
    }));
  }

  @Get()
  @Public()
  list(): { items: readonly NodeTypeView[]; nextCursor: null } {
    return { items: this.#views, nextCursor: null };
  }
}
