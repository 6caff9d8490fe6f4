import type { ExecutionJournal } from '#libs/execution-runtime';
import type { Applicant } from '#libs/execution-gates';

/** The state of each gate and key, changed by compare and set. */
export interface GateValues {
  /** As the leader has it now; undefined, with the revision 0, when there is none. */
  read(token: string): Promise<{ readonly value: unknown; readonly revision: number }>;
  /** False, and nothing is written, when the value is not that of `revision` any more. Without `expiresAfterMs` it stays. */
  tryWrite(
    token: string,
    value: object,
    at: { readonly revision: number; readonly expiresAfterMs?: number },
  ): Promise<boolean>;
}

/** Those who wait at a gate, in the order in which they came. */
export interface GateLines {
  /** At the end, unless it is in the line already. */
  join(token: string, applicant: Applicant): Promise<void>;
  first(token: string): Promise<Applicant | undefined>;
  /** No matter whether it is in the line. */
  drop(token: string, executionId: string): Promise<void>;
}

/** What gates need of executions: their state as the log has it, and to tell them what the gate says. */
export type GatedExecutions = Pick<ExecutionJournal, 'fresh' | 'submit'>;
