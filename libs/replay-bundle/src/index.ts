export {
  BUNDLE_FORMAT,
  BUNDLE_FORMAT_VERSION,
  bundleSchema,
  type BundledCommit,
  type BundledWorkflow,
  type ReplayBundle,
} from './bundle.ts';
export { definitionIn, firstFlawOf, parseBundle } from './read-bundle.ts';
export { bundleText, type BundleSources } from './write-bundle.ts';
