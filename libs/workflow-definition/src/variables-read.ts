import { allVariablesOf, compileTemplate, type VariableReferences } from '#libs/expressions';
import type { NodeDefinition, WorkflowDefinition } from './definition.ts';

/** The workspace variables that the nodes of a definition read, whichever of them run. */
export function variablesReadBy({ nodes }: Pick<WorkflowDefinition, 'nodes'>): VariableReferences {
  return allVariablesOf(nodes.map(variablesIn));
}

function variablesIn({ type, config }: Pick<NodeDefinition, 'type' | 'config'>): VariableReferences {
  // Most workflows read none, and compiling is dear beside looking for the word.
  if (!JSON.stringify(config).includes('vars')) return [];
  // Which ones code reads, nobody can tell before it runs. By its name: who makes routes has no node types at hand.
  if (type === 'code') return 'all';
  const compiled = compileTemplate(config);
  return compiled.kind === 'compiled' ? compiled.template.variableReferences : [];
}
