/** Which library belongs to which layer. Lint, boundaries and the purity check all read this list. */
export const PURE = [
  'kernel',
  'event-sourcing',
  'expressions',
  'workflow-definition',
  'node-kit',
  'execution-engine',
  'execution-replay',
  'execution-gates',
  'credential-types',
  'destination-limits',
  'merkle-tree',
  'schedule',
  'mail-addresses',
  'bounces',
];
