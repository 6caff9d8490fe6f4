export { bringHooks, type BringHooksParts, type ReadWorkflow, type WorkflowHistories } from './bring-hooks.ts';
export { desiredHooks, type DesiredHookOf, type HookedWorkflow, type HookNodeTypes } from './desired-hooks.ts';
export type { HookServiceParts } from './do-step.ts';
export { isSameHook, type HookEntry, type HookIdentity, type HookPlace, type KnownHook } from './hook-entry.ts';
export { stateOf, type HookState } from './hook-state.ts';
export { HookStore } from './hook-store.ts';
export { HookTable } from './hook-table.ts';
export { HOOK_WORK_CONSUMER, HookWorker, type HookWorkerParts } from './hook-worker.ts';
export { askedAgain } from './plan.ts';
