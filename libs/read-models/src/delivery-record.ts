export const DELIVERY_OUTCOMES = ['accepted', 'refused', 'answered'] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

/** A call of a webhook, or several that were answered alike. */
export interface DeliveryRecord {
  readonly id: string;
  readonly webhookId: string;
  readonly createdAt: string;
  readonly outcome: DeliveryOutcome;
  readonly status: number;
  readonly reason: string | null;
  readonly executionId: string | null;
  /** The execution of the call that was sent again by this one. */
  readonly redeliveryOf: string | null;
  readonly method: string | null;
  readonly ip: string | null;
  readonly calls: number;
}
