import type { Credential, CredentialType, CredentialTypeDefinition, DefinedCredential } from '#libs/credential-types';
import type { Scope } from '#libs/expressions';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { z } from 'zod';
import type { AbortSignalLike } from './abort-signal-like.ts';
import type { Allowance, Quota } from './quota.ts';
import type { ResponseDrift } from './response-drift.ts';
import type { WebhookSource } from './webhook-source.ts';

export type NodeKind = 'trigger' | 'action' | 'condition';

/** What every node type tells about itself; `GET /v1/node-types` publishes it. */
export interface NodeTypeBase<Config> {
  /** As it stands in a workflow, e.g. `http.request`; with its version from the second on, e.g. `github.issue.create@2`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  /** The config after its expressions were evaluated. Unknown fields are refused. */
  readonly configSchema: z.ZodType<Config>;
  /** Fields of the config that hold no expressions, whatever is in them, such as code; the config has them as they are written. */
  readonly verbatim?: readonly string[];
  /** Fields of the config that are evaluated anew for each item; the config has them as they are written. */
  readonly perItem?: readonly string[];
  /** Names of the outputs that connections may leave by, for a config as written: not yet evaluated, perhaps malformed; never throws. */
  outputsOf(config: JsonObject): readonly string[];
  /** What else is wrong with a config as written, perhaps malformed; paths are relative to the config, e.g. `cases[0].output`. */
  check?(config: JsonObject): readonly { readonly path: string; readonly message: string }[];
  /** Configs that are good, for people to begin with. */
  readonly examples?: readonly JsonObject[];
  /** There is a better one: workflows that have this one keep it, and new ones should not take it. */
  readonly deprecated?: {
    readonly reason: string;
    /** The type to use in its place, e.g. `github.issue.create@2`. */
    readonly replacedBy: string;
  };
  /** Makes the config of this version of one of the version before, as written, perhaps malformed; never throws. Absent where they are the same. */
  upgrade?(config: JsonObject): UpgradedConfig;
}

export interface UpgradedConfig {
  readonly config: JsonObject;
  /** What a person has to look at, with paths relative to the new config. */
  readonly notes: readonly { readonly path: string; readonly message: string }[];
}

/** Starts executions; its output is what the trigger delivered. */
export interface TriggerNodeType<Config = JsonObject> extends NodeTypeBase<Config> {
  readonly kind: 'trigger';
  readonly runs: 'trigger';
  /**
   * How many executions that a node with this config starts may be under way at once, whoever starts them; undefined: any
   * number. Of a config as written, perhaps malformed; never throws.
   */
  concurrencyOf?(config: JsonObject): TriggerConcurrency | undefined;
  /** Of a trigger that a service calls at a URL of its own. */
  readonly webhook?: WebhookSource<Config>;
}

/** One more than `limit` waits, and with `cancelOldest` the oldest makes room for it. */
export interface TriggerConcurrency {
  readonly limit: number;
  readonly onLimit: 'queue' | 'cancelOldest';
}

/** Computed inside the decision: the same input gives the same output for ever. */
export interface PureNodeType<Config = JsonObject> extends NodeTypeBase<Config> {
  readonly kind: 'action' | 'condition';
  readonly runs: 'decision';
  compute(input: PureNodeInput<Config>): PureNodeOutput;
}

export interface PureNodeInput<Config> {
  readonly config: Config;
  /** Output of the node behind the first connection taken into this one. */
  readonly incoming: JsonValue;
  /** Outputs of all nodes behind connections taken into this one, in connection order. */
  readonly taken: readonly { readonly nodeId: string; readonly output: JsonValue }[];
  /**
   * The value of a field of `perItem` for one item, which it sees as `item` and `index`. Throws ExpressionError, also when
   * all items together take more than one evaluation may.
   */
  readonly forItem: (field: string, item: JsonValue, index: number) => JsonValue;
}

export interface PureNodeOutput {
  readonly output: JsonValue;
  /** The outputs by which the flow leaves. */
  readonly leavesBy: readonly string[];
}

/** Done by an executor: may take long, may fail, may be tried again. */
export interface ActionNodeType<Config = JsonObject> extends NodeTypeBase<Config> {
  readonly kind: 'action';
  readonly runs: 'executor';
  /** The executor class whose workers run it, e.g. `http`; letters, digits and dashes. */
  readonly executor: string;
  /**
   * What an attempt with this config calls, e.g. `api.example.com:443`: attempts at one destination share its circuit, its
   * pauses and its room, within their workspace. At most 256 letters; undefined, also for a config that makes no sense,
   * is held back by nothing. Never throws. Shown to people, so never a secret.
   */
  destinationOf?(config: Config): string | undefined;
  /** What an attempt with this config takes one of each. Never throws. */
  quotasOf?(config: Config): readonly Quota[];
  /** False when nobody but the execution notices that it ran: then a dry run runs it too. Default true. */
  readonly hasSideEffects?: boolean;
  /** Gives the output, or throws NodeError. Any other error is a fault of ours and retryable. */
  run(config: Config, attempt: AttemptContext): Promise<JsonValue | AwaitedExecution>;
}

/** In the place of an output: it is that of an execution which the attempt started, once it is over. */
export class AwaitedExecution {
  constructor(readonly executionId: string) {}
}

/** Done by the engine itself, which waits or hands out the items of a loop; nothing of it is bound to a process. */
export interface EngineNodeType<Config = JsonObject> extends NodeTypeBase<Config> {
  readonly kind: 'action';
  readonly runs: 'engine';
  /** What to do, from the evaluated config. Pure; may throw a terminal NodeError. */
  begin(config: Config): EngineWork;
  /** What a loop does with each item, from the config as written, perhaps malformed: then undefined. */
  innerOf?(config: JsonObject): InnerNode | undefined;
}

export type EngineWork =
  | { readonly kind: 'timer'; readonly delayMs: number }
  | { readonly kind: 'timer'; readonly at: string }
  | {
      readonly kind: 'signal';
      readonly name: string;
      readonly timeoutMs?: number;
      readonly onTimeout: 'fail' | 'continue';
    }
  | {
      readonly kind: 'loop';
      readonly items: readonly JsonValue[];
      readonly concurrency: number;
      readonly batchSize?: number;
      readonly onItemError: 'fail' | 'continue';
    };

/** A node within another one. */
export interface InnerNode {
  readonly type: string;
  readonly config: JsonObject;
  /** As a node of a workflow has it. */
  readonly retry?: JsonValue;
  readonly timeoutMs?: number;
  /** Where its config stands in that of the node around it, e.g. `node.config`. */
  readonly path: string;
}

export interface AttemptContext {
  readonly executionId: string;
  readonly workspaceId: string;
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
  /**
   * For an outside system to know a repeated attempt by: the same for every attempt at one node (at one item of it) in one
   * execution, and for no other. Letters, digits, `-` and `_`.
   */
  readonly idempotencyKey: string;
  /** What the execution's expressions see at this node; with `item` and `index` where it works on an item. */
  readonly scope: Scope;
  /**
   * Starts an execution of another workflow of the workspace. The same attempt starts the same one, however often it is
   * asked. Rejects with a terminal NodeError: `WORKFLOW_NOT_FOUND`, `WORKFLOW_NOT_STARTABLE`, `SUBWORKFLOW_TOO_DEEP`.
   */
  readonly startExecution: (start: {
    readonly workflowId: string;
    readonly input: JsonValue;
    readonly waits: boolean;
  }) => Promise<{ readonly executionId: string }>;
  /**
   * The bytes of a file that the execution's trigger brought, by their SHA-256 in hex. Rejects with a terminal NodeError
   * `FILE_NOT_FOUND` when it brought no such file.
   */
  readonly file: (sha256: string) => Promise<Uint8Array>;
  /** Aborts when the attempt's time is over (its reason is then named `TimeoutError`) or when the process ends. */
  readonly signal: AbortSignalLike;
  /**
   * A credential of the execution's workspace, as it is now: the one way to any. Rejects with a terminal NodeError:
   * `CREDENTIAL_NOT_FOUND`, `CREDENTIAL_WRONG_TYPE` when it is of none of `types`, `CREDENTIAL_UNREADABLE`. What is secret
   * of it is taken out of the attempt's output and error before these are recorded.
   */
  readonly credential: <Type extends CredentialType>(id: string, types: readonly Type[]) => Promise<Credential<Type>>;
  /** As `credential`, of types that a connector defines. */
  readonly credentialOf: <Definition extends CredentialTypeDefinition>(
    id: string,
    definitions: readonly Definition[],
  ) => Promise<DefinedCredential<Definition>>;
  /**
   * The credential with another access token, as the one that it had was refused (401). Of all who ask at once, over all
   * workers, one gets a new one. Rejects as `credential` does.
   */
  readonly renewed: (credential: Credential<'oauth2'>) => Promise<Credential<'oauth2'>>;
  /**
   * A call after the first one that takes from a quota of `quotasOf`, such as that of a second page. It is counted and not held
   * back: the attempt is under way, and would have to begin anew.
   */
  readonly spendQuota: (key: string) => void;
  /** An answer said what is left of a quota of `quotasOf`. */
  readonly learnQuota: (key: string, allowance: Allowance) => void;
  /** The answer was good enough to go on, and not as it should be: recorded in the history and counted. */
  readonly noticeDrift: (drift: readonly ResponseDrift[]) => void;
}

export type NodeType<Config = JsonObject> =
  TriggerNodeType<Config> | PureNodeType<Config> | ActionNodeType<Config> | EngineNodeType<Config>;

/** The node types an installation knows, by type. */
export type NodeTypes = ReadonlyMap<string, NodeType>;

/** Keeps a definition's config type to itself: a registry holds node types of many configs. */
export function defineNodeType<Config>(nodeType: NodeType<Config>): NodeType {
  return nodeType as unknown as NodeType;
}

export interface NodeErrorOptions {
  /** Whether another attempt may help. */
  readonly retryable: boolean;
  /**
   * Nobody knows whether the other side did what was asked, and it must not be done twice: no attempt follows by itself. A
   * node waits for a person to say what came of it, unless its `onInterrupted` is `fail`; an item of a loop has failed.
   */
  readonly inDoubt?: boolean;
  /** No attempt before this has passed; the other side said so. */
  readonly retryAfterMs?: number;
  /**
   * A limit of the destination refused a call, and nothing was done that must not be done twice: the same attempt is made
   * again after `retryAfterMs` (default: a minute) and is not used up, unless the node's `dontRetryOn` has the code.
   * Counts only at node types with `destinationOf`, and not together with `inDoubt`.
   */
  readonly rateLimited?: boolean;
  /**
   * With `rateLimited`: other calls of the attempt were answered before, so that these are made again. An attempt that was put
   * back ten times may never get past the limit; then it has failed, as `retry` counts.
   */
  readonly afterAnswers?: boolean;
  /**
   * What the error says of the attempt's destination: `failed` opens its circuit when there are too many, and with
   * `retryAfterMs` all attempts wait that long; `answered` means that it works, though not as the node wants. Default:
   * nothing, as when it was not even asked.
   */
  readonly destination?: 'answered' | 'failed';
  /** What helps to find the cause; shown to people, so never a secret. */
  readonly details?: JsonValue;
  readonly cause?: unknown;
}

/** How a node's own work failed. `code` is stable API, UPPER_SNAKE; retry policies name it. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
  constructor(
    readonly code: string,
    message: string,
    readonly options: NodeErrorOptions,
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
  }
}
