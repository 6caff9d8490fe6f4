import { z } from 'zod';
import { DIFFERENCE_KINDS, type Replay } from '#libs/execution-replay';

const EXAMPLE_ID = 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4';
const EXAMPLE_DIFFERENCE = {
  nodeId: 'notify',
  kind: 'input' as const,
  at: 'url',
  before: { method: 'POST', url: 'https://example.com/big' },
  after: { method: 'POST', url: 'https://example.com/huge' },
};

const difference = z
  .object({
    nodeId: z.string(),
    kind: z.enum(DIFFERENCE_KINDS).meta({
      description:
        '`path`: the node is reached now and was not, or the other way, or is left by other outputs. `input`: what it is given ' +
        'is another value. `output`: it computes another value. `error`: it fails now, or otherwise, or no longer. ' +
        '`missingRecording`: it needs the outside, and nothing recorded says what that would answer. `outcome`: the ' +
        'execution ends otherwise.',
    }),
    at: z
      .string()
      .optional()
      .meta({ description: 'Where the two first differ, in objects and lists.', example: 'url' }),
    before: z.unknown().meta({
      description:
        'As it was recorded. Of a large value the part that differs, or `{cut, length}`: the beginning of its JSON.',
    }),
    after: z.unknown().meta({ description: 'As it is now; for `missingRecording` what the node would be given.' }),
  })
  .meta({
    id: 'ReplayDifference',
    description: 'One thing that is not as it was recorded.',
    examples: [EXAMPLE_DIFFERENCE],
  });
const isCut = z.boolean().meta({ description: 'There are more differences.' });

export const replayView: z.ZodType<Replay> = z
  .discriminatedUnion('same', [
    z.object({ same: z.literal(true) }),
    z.object({ same: z.literal(false), differences: z.array(difference), isCut }),
  ])
  .meta({
    id: 'Replay',
    description: 'What a version makes of the recorded results of an execution.',
    examples: [{ same: true }, { same: false, differences: [EXAMPLE_DIFFERENCE], isCut: false }],
  }) as z.ZodType<Replay>;

const count = z.int().min(0);
const checkedExecution = z.object({
  executionId: z.string(),
  workflowVersion: z.int().min(1).meta({ description: 'That it ran with.' }),
  same: z.boolean(),
  takesAnotherPath: z.boolean().meta({ description: 'Nodes would run that did not, or the other way.' }),
  differences: z.array(difference).meta({ description: 'The first of them, other paths before all else.' }),
  isCut,
  notReplayable: z
    .object({ code: z.string(), message: z.string() })
    .optional()
    .meta({ description: 'Why nothing can be said of it.' }),
});
export type CheckedExecution = z.output<typeof checkedExecution>;

export const versionCheckView = z
  .object({
    checked: count,
    same: count,
    different: count,
    notReplayable: count,
    isCut: z.boolean().meta({ description: 'The time was over before all that were asked for were looked at.' }),
    executions: z.array(checkedExecution).meta({
      description: 'Those that would take another path first, those that are the same last, newest first among them.',
    }),
  })
  .meta({
    id: 'WorkflowVersionCheck',
    description: 'What a version would have made of the last executions of its workflow.',
    examples: [
      {
        checked: 2,
        same: 1,
        different: 1,
        notReplayable: 0,
        isCut: false,
        executions: [
          {
            executionId: EXAMPLE_ID,
            workflowVersion: 1,
            same: false,
            takesAnotherPath: false,
            differences: [EXAMPLE_DIFFERENCE],
            isCut: false,
          },
        ],
      },
    ],
  });
export type VersionCheck = z.output<typeof versionCheckView>;
