export {
  evolveCircuit,
  initialCircuit,
  type Breaker,
  type CallOutcome,
  type Circuit,
  type CircuitEvent,
  type Span,
} from './circuit.ts';
export { decidePassage, statusOf, worthKnowingMs, type CircuitStatus, type Passage } from './passage.ts';
export { LONGEST_LINE_MS, takePlace, type Line } from './line.ts';
export { CIRCUIT_RULES, coolDownMs } from './rules.ts';
export { storedCircuit, type StoredCircuit } from './stored-circuit.ts';
export { merge, recent, slotAt, totalOf, type SlotCount, type Window } from './window.ts';
export { learnQuota, mergeReports, reportOf, type AnsweredCall, type QuotaReport } from './learn-quota.ts';
export { quotaNow, type QuotaLine, type QuotaPhase, type QuotaState, type QuotaTerms } from './quota.ts';
export { QUOTA_RULES } from './quota-rules.ts';
export { quotaStatusOf, quotaWorthKnowingMs, type QuotaStatus } from './quota-status.ts';
export { storedQuota, type StoredQuota } from './stored-quota.ts';
export { takePermits, type Permits, type Taken, type Wanted } from './take-permits.ts';
