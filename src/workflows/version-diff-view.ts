import { z } from 'zod';
import { connectionSchema, nodeSchema, type DefinitionDiff } from '#libs/workflow-definition';
import { versionNumber } from './workflow-view.ts';

export interface VersionDiffView extends DefinitionDiff {
  readonly from: number;
  readonly to: number;
}

const valueChange = z
  .object({
    path: z.string().meta({ example: 'config.url' }),
    before: z.unknown().meta({ description: 'Any JSON; absent where there was nothing.' }).optional(),
    after: z.unknown().meta({ description: 'Any JSON; absent where nothing is any more.' }).optional(),
  })
  .meta({ id: 'ValueChange', description: 'A place at which two versions differ.' });

/** What turns one definition into another. */
export const definitionDiffFields = {
  name: z.object({ before: z.string(), after: z.string() }).meta({ description: 'When it differs.' }).optional(),
  nodes: z.object({
    added: z.array(nodeSchema),
    removed: z.array(nodeSchema),
    changed: z.array(z.object({ id: z.string(), changes: z.array(valueChange) })).meta({
      description: 'Nodes that both have. After 1,000 changes told one by one, fields are told as a whole.',
    }),
  }),
  connections: z.object({ added: z.array(connectionSchema), removed: z.array(connectionSchema) }),
  settings: z.array(valueChange),
  reordered: z
    .array(z.enum(['nodes', 'connections']))
    .meta({ description: 'Lists whose common entries stand in another order.' }),
};

export const versionDiffView: z.ZodType<VersionDiffView> = z
  .object({ from: versionNumber, to: versionNumber, ...definitionDiffFields })
  .meta({
    id: 'WorkflowVersionDiff',
    description: 'What turns one version into the other.',
    examples: [
      {
        from: 1,
        to: 2,
        nodes: {
          added: [],
          removed: [],
          changed: [
            {
              id: 'notify',
              changes: [{ path: 'config.url', before: 'https://example.com/big', after: 'https://example.com/huge' }],
            },
          ],
        },
        connections: { added: [], removed: [{ from: 'order', to: 'big', output: 'main' }] },
        settings: [{ path: 'timeoutMs', before: 3_600_000 }],
        reordered: [],
      },
    ],
  });
