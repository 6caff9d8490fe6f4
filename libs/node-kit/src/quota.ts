/**
 * How often something may be called, by whoever calls it with the same key: an account at a service, or one method of it.
 * All workers count together; an attempt that finds nothing left is put back until more is there.
 */
export interface Quota {
  /** Within the workspace, e.g. `cr_1@api.github.com`; at most 256 letters. Shown to people, so never a secret. */
  readonly key: string;
  /** Calls in a window. Until the other side has said how many there are, what is assumed. */
  readonly limit: number;
  readonly perMs: number;
  /**
   * Whether answers tell what is left (`AttemptContext.learnQuota`). Then the first few calls go alone until one has told, as
   * others may use the same account.
   */
  readonly learns: boolean;
}

/** What an answer said of a quota. */
export type Allowance =
  | {
      readonly kind: 'limited';
      readonly limit: number;
      readonly remaining: number;
      /** Until there is all of `limit` again, by the clock of who answered. */
      readonly resetInMs: number;
    }
  /** The other side has no limit, or says nothing of it. */
  | { readonly kind: 'unlimited' };
