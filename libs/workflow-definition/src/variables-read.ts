import { allVariablesOf, compileTemplate, type VariableReferences } from '#libs/expressions';
import type { JsonObject } from '#libs/kernel';
import type { WorkflowDefinition } from './definition.ts';

/** The workspace variables that the expressions of a definition read, whichever of its nodes run. */
export function variablesReadBy({ nodes }: Pick<WorkflowDefinition, 'nodes'>): VariableReferences {
  return allVariablesOf(nodes.map(({ config }) => variablesIn(config)));
}

function variablesIn(config: JsonObject): VariableReferences {
  // Most workflows read none, and compiling is dear beside looking for the word.
  if (!JSON.stringify(config).includes('vars')) return [];
  const compiled = compileTemplate(config);
  return compiled.kind === 'compiled' ? compiled.template.variableReferences : [];
}
