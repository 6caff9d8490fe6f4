export {
  NO_HOLDERS,
  storedApplicant,
  storedHolders,
  turnOf,
  without,
  type Applicant,
  type Holders,
  type Turn,
} from './concurrency.ts';
export { debounce, storedNewest, type Arrival, type Debounced, type Newest } from './debounce.ts';
export { NO_GRANTS, storedGrants, throttle, type Grants, type ThrottleRule } from './throttle.ts';
