import type { VariableReferences } from './types.ts';

/** The variables that are read when all of these are evaluated. */
export function allVariablesOf(references: Iterable<VariableReferences>): VariableReferences {
  const names = new Set<string>();
  for (const one of references) {
    if (one === 'all') return 'all';
    for (const name of one) names.add(name);
  }
  return [...names].sort();
}
