export { consequenceOf, SOFT_BOUNCES, type Consequence, type Misfortune } from './consequence.ts';
export type { SoftBounce } from './soft-bounces.ts';
export {
  decodeSuppression,
  lastsLonger,
  SUPPRESSION_REASONS,
  type Suppression,
  type SuppressionReason,
} from './suppression.ts';
export { suppressionIdOf } from './suppression-id.ts';
export { SuppressionList, SUPPRESSION_STREAM, workspaceAndIdIn, type AddedSuppression } from './suppression-list.ts';
