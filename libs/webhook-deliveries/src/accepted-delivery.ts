import { ID_PREFIXES, type DeliveryId } from '#libs/kernel';

const EXECUTION = `${ID_PREFIXES.execution}_`;
const DELIVERY = `${ID_PREFIXES.delivery}_`;

/** An accepted call is in the ledger by its execution: one's id follows from the other's. */
export function deliveryIdOf(executionId: string): DeliveryId {
  return `${DELIVERY}${executionId.slice(EXECUTION.length)}` as DeliveryId;
}

/** Of the execution that there is when the delivery was accepted. */
export function executionIdOf(deliveryId: string): string {
  return `${EXECUTION}${deliveryId.slice(DELIVERY.length)}`;
}
