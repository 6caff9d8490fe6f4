import type { OwnPayload } from '#libs/execution-engine';
import { canonicalJson } from '#libs/workflow-definition';

/** Equal as JSON: the order of keys is no difference. */
export function isEqual(one: unknown, other: unknown): boolean {
  return one === other || canonicalJson(one) === canonicalJson(other);
}

/** What lies in the object store under one key is one value; anything else is looked at. */
export function isSamePlace(one: OwnPayload, other: OwnPayload): boolean {
  return one === other || ('stored' in one && 'stored' in other && one.stored.object === other.stored.object);
}
