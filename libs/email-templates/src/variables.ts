import { HTML_LIQUID, TEXT_LIQUID } from './liquid.ts';
import type { CompiledTemplate } from './types.ts';

/** What a template takes from outside, e.g. `customer.name`; not what it assigns, captures and loops with itself. */
export function variablesOf({ subject, html, text = '' }: Omit<CompiledTemplate, 'variables'>): readonly string[] {
  const found = [
    ...TEXT_LIQUID.globalFullVariablesSync(subject),
    ...HTML_LIQUID.globalFullVariablesSync(html),
    ...TEXT_LIQUID.globalFullVariablesSync(text),
  ];
  return [...new Set(found)].sort();
}
