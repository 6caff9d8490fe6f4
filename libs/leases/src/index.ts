export { Lease, type LeaseLoss, type LeaseObserver, type LeaseOptions } from './lease.ts';
export { leaseTtlMs } from './lease-times.ts';
export { readLease, type LeaseHolding } from './read-lease.ts';
