import type { FailureReason } from '../bounce-report.ts';

/** One recipient of one event of a provider. */
export interface ProviderEvent {
  /** What the provider called it, such as `ses.permanent`. */
  readonly rule: string;
  /** `failed` without a word about how long that lasts. */
  readonly outcome: 'permanent' | 'temporary' | 'refused' | 'failed' | 'delayed' | 'complaint';
  /** What the provider's own category says. */
  readonly reason?: FailureReason | undefined;
  readonly address?: string | undefined;
  readonly status?: string | undefined;
  readonly diagnostic?: string | undefined;
  /** The mail's, where the provider tells it. */
  readonly messageId?: string | undefined;
  /** The provider's name for the mail: the one it gave when it took it. */
  readonly envelopeId?: string | undefined;
}

/** The events in a notice of one provider; undefined when it is not one of it, empty when it tells of no failure. */
export type ProviderReader = (notice: unknown) => readonly ProviderEvent[] | undefined;
