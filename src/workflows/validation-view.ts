import { z } from 'zod';
import type { ParsedDefinition } from '#libs/workflow-definition';
import { definitionProblem } from './workflow-view.ts';

export const validationView = z
  .object({
    valid: z.boolean().meta({ description: 'Whether it would be accepted.' }),
    problems: z.array(definitionProblem).meta({ description: 'Why it would not.' }),
    warnings: z.array(definitionProblem).meta({ description: 'Looked for only when there are no problems.' }),
  })
  .meta({
    id: 'WorkflowValidation',
    description: 'What creating the workflow would say.',
    examples: [{ valid: false, problems: [{ path: 'nodes[2].config.url', message: 'is required' }], warnings: [] }],
  });
export type ValidationView = z.output<typeof validationView>;

export function validationViewOf(checked: ParsedDefinition): ValidationView {
  return checked.kind === 'accepted'
    ? { valid: true, problems: [], warnings: [...checked.warnings] }
    : { valid: false, problems: [...checked.problems], warnings: [] };
}
