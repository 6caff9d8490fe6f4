import type { JsonValue } from '#libs/kernel';

/** Why a node or an execution failed, as callers see it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonValue;
}
