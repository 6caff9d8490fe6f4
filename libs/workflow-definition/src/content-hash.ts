import { canonicalJson } from './canonical-json.ts';
import type { WorkflowDefinition } from './definition.ts';

/**
 * What a version holds, in one word: `sha256:` and 64 hex digits over the definition's canonical JSON. Two versions with
 * the same hash are the same definition, whatever the order of keys was when they were sent.
 *
 * @param sha256 hex digest of the text's UTF-8; the platform brings it
 */
export function contentHashOf(definition: WorkflowDefinition, sha256: (text: string) => string): string {
  return `sha256:${sha256(canonicalJson(definition))}`;
}
