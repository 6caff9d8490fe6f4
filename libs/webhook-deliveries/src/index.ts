export { deliveryIdOf, executionIdOf } from './accepted-delivery.ts';
export { CallLedger, type CallLedgerParts } from './call-ledger.ts';
export { type LedgerCall } from './call-windows.ts';
export { decodeEntry, encodeEntry, type DeliveryEntry } from './delivery-entry.ts';
export { DELIVERY_STREAM, deliveryStream } from './layout.ts';
