import type { Credential, CredentialTypeDefinition, DefinedCredential } from '#libs/credential-types';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { AbortSignalLike } from './abort-signal-like.ts';

/** What a trigger makes of calls from one service, at a URL that belongs to the trigger. */
export interface WebhookSource<Config> {
  readonly maxBodyBytes: number;
  /**
   * How calls prove where they come from: as `verify` of `trigger.webhook`. Without `credentialId` they are signed with a
   * secret that the installation makes, which only `registration` can tell the service.
   */
  proofOf(config: Config): CallProof;
  /** What a verified call means. Pure, and must not throw: calls come from anywhere. */
  receive(config: Config, call: SourceCall): CallMeaning;
  /** For how long a call with the same `key` starts nothing again: at least as long as the service may send it again. */
  readonly rememberedForMs: number;
  /** What the service is answered when the log has the call. */
  readonly accepted: SourceAnswer;
  /** Where the service can be told by API to call. */
  readonly registration?: HookRegistration<Config>;
}

export interface CallProof {
  readonly scheme: 'github' | 'slack' | 'stripe' | 'standard-webhooks' | 'hmac';
  readonly credentialId?: string;
}

/** A call as the output of `trigger.webhook` has it: names of headers in lower case, the body parsed. */
export interface SourceCall {
  readonly headers: Readonly<Record<string, JsonValue>>;
  readonly query: JsonObject;
  readonly body: JsonValue;
}

export type CallMeaning =
  /** An execution starts, with this as `body` of its trigger's output. A call with the same `key` starts no other one. */
  | { readonly kind: 'starts'; readonly body: JsonValue; readonly key?: string }
  /** The service wanted an answer and nothing else, such as to a ping. */
  | { readonly kind: 'answered'; readonly answer: SourceAnswer }
  /** Nothing that the trigger asks for; `reason` is UPPER_SNAKE, e.g. `EVENT_NOT_WANTED`. Answered as if accepted. */
  | { readonly kind: 'ignored'; readonly reason: string };

export interface SourceAnswer {
  readonly status: number;
  readonly contentType?: string;
  readonly body: string;
}

/** Tells a service which URL to call, when a workflow is activated, and no longer to, when it is not active any more. */
export interface HookRegistration<Config> {
  /** What is to be registered; undefined when people do it by hand. Two targets with the same JSON are the same. */
  targetOf(config: Config): HookTarget | undefined;
  /**
   * Makes the hook, or finds the one that is there with the same URL and brings it to the target and the secret. The id
   * tells it from all hooks of the service that call the same URL. Rejects with NodeError.
   */
  create(hook: DesiredHook, attempt: HookAttempt): Promise<{ readonly hookId: string }>;
  /** Also resolves when it is gone already. Rejects with NodeError. */
  remove(hook: PresentHook, attempt: HookAttempt): Promise<void>;
}

export interface HookTarget {
  readonly credentialId: string;
  /** As the connector wants it, e.g. `{repository, events}`; kept as JSON. */
  readonly at: JsonObject;
}

export interface DesiredHook extends HookTarget {
  readonly url: string;
  /** With which calls are to be signed. */
  readonly secret: string;
}

export interface PresentHook extends HookTarget {
  readonly hookId: string;
  readonly url: string;
}

export interface HookAttempt {
  readonly credentialOf: <Definition extends CredentialTypeDefinition>(
    id: string,
    definitions: readonly Definition[],
  ) => Promise<DefinedCredential<Definition>>;
  readonly renewed: (credential: Credential<'oauth2'>) => Promise<Credential<'oauth2'>>;
  readonly signal: AbortSignalLike;
}
