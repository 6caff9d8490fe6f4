import { anyJsonObject, nodeTypeNameOf, type NodeType } from '#libs/node-kit';
import { publishedConfigSchema } from '#libs/workflow-definition';
import { z } from 'zod';

export const nodeTypeView = z
  .object({
    type: z.string().meta({ description: 'As nodes have it; with its version from the second on.' }),
    name: z.string().meta({ description: 'The same for all versions.' }),
    version: z.int().min(1),
    kind: z.enum(['trigger', 'action', 'condition']),
    title: z.string(),
    description: z.string(),
    deprecated: z
      .object({ reason: z.string(), replacedBy: z.string().meta({ description: 'Another node type.' }) })
      .nullable()
      .meta({
        description: 'When there is a better one. Workflows that have this one keep it, and it goes on to work.',
      }),
    outputs: z
      .array(z.string())
      .meta({ description: 'By which connections may leave, for a config that names no others.' }),
    configSchema: anyJsonObject().meta({ description: 'JSON Schema (2020-12) of the config as it is written.' }),
    examples: z.array(anyJsonObject()).meta({ description: 'Configs to begin with.' }),
  })
  .meta({
    id: 'NodeType',
    description: 'What a node can be.',
    examples: [
      {
        type: 'noop',
        name: 'noop',
        version: 1,
        kind: 'action',
        title: 'Do nothing',
        description: 'Passes on what comes in.',
        deprecated: null,
        outputs: ['main'],
        configSchema: { type: 'object', properties: {}, additionalProperties: false },
        examples: [],
      },
    ],
  });
/** A node type as `GET /v1/node-types` answers it. */
export type NodeTypeView = z.output<typeof nodeTypeView>;

export function nodeTypeViewOf(nodeType: NodeType): NodeTypeView {
  const { type, kind, title, description, deprecated, examples = [] } = nodeType;
  return {
    type,
    ...nodeTypeNameOf(type),
    kind,
    title,
    description,
    deprecated: deprecated ?? null,
    outputs: [...nodeType.outputsOf({})],
    configSchema: publishedConfigSchema(nodeType),
    examples: [...examples],
  };
}
