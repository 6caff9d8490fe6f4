import type { JsonObject, JsonValue } from '#libs/kernel';
import type { CallMeaning, SourceCall } from '#libs/node-kit';

/** What the contract suite has to know of a connector beside the connector. */
export interface ConnectorSetup {
  /**
   * One for each type of credential that actions take, with secrets of eight letters or more that stand nowhere else. Their
   * calls go to the service at the URL; `at` is where its API begins there when it is not at the root, e.g. `/api/v3`.
   */
  credentials(url: string): readonly { readonly type: string; readonly data: unknown; readonly at?: string }[];
  /** By type, every action. */
  readonly actions: Readonly<Record<string, ActionScenario>>;
  /** By type, every trigger that a service calls. */
  readonly triggers?: Readonly<Record<string, TriggerScenario>>;
  /** What each failure is called; null when the service has no such. */
  readonly failures: Readonly<Record<FaultName, FailureScenario | null>>;
  /** What a failure is called after which nobody knows what was done. Default: as any other. */
  readonly codeInDoubt?: string;
  /** Answers to what is called beside an action, such as for a token. */
  readonly beside?: readonly RecordedAnswer[];
  /** Where quotas learn: headers that any answer may have, and what they say. */
  readonly limits?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly allowance: { readonly limit: number; readonly remaining: number };
  };
  /** Where an account of OAuth 2 can be used: the answer after which its token is renewed. Default: `unauthenticated`. */
  readonly renewsAfter?: Answer;
}

export interface Answer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: JsonValue;
  /** In the place of `json`. */
  readonly text?: string;
}

export interface RecordedAnswer extends Answer {
  /** Method and path, e.g. `POST /items`; with the query when that is to be looked at. */
  readonly to: string;
}

/** `failed` and `away` are the service's own fault, and worth another try; `rateLimited` says to wait for 7 s. */
export type FaultName =
  'unauthenticated' | 'forbidden' | 'notFound' | 'conflict' | 'invalid' | 'rateLimited' | 'failed' | 'away';

/** The code; with an answer of its own where the service does not say it by the usual status (401, 403, 404, 409, 422, 429, 500, 503). */
export type FailureScenario = string | { readonly code: string; readonly answer: Answer };

export interface ActionScenario {
  /** Evaluated, and without `credentialId`. A function where it names the service. */
  readonly config: JsonObject | ((url: string) => JsonObject);
  /** In the order in which they are called for; the output comes of the last one. A function where they name the service. */
  readonly answers: readonly RecordedAnswer[] | ((url: string) => readonly RecordedAnswer[]);
  /** Default: the JSON of the last answer. */
  readonly output?: JsonValue;
  /** Body of the last request, as JSON or as the fields of a form. */
  readonly sends?: JsonValue;
  /** Places in the last answer, e.g. `items[0].id`. When one is missing or of another type, that is drift. None only where the output is not made of the answer. */
  readonly reliesOn: readonly string[];
  /** Failures that mean something else to this action: the code, or `success`. */
  readonly unlike?: Readonly<Partial<Record<FaultName, string>>>;
  /** That the trigger brought. */
  readonly files?: readonly Uint8Array[];
}

export interface TriggerScenario {
  /** One at least that starts an execution. */
  readonly calls: readonly CallScenario[];
  /** Where the service can be told to call: both for the credential `cr_spec`. */
  readonly registration?: {
    readonly config: JsonObject;
    readonly create: readonly RecordedAnswer[];
    readonly hookId: string;
    readonly remove: readonly RecordedAnswer[];
    /** Answers to a removal of what is gone already, where the service is asked more than once; default: not found. */
    readonly gone?: readonly RecordedAnswer[];
  };
}

export interface CallScenario {
  readonly name: string;
  readonly config: JsonObject;
  readonly call: Pick<SourceCall, 'headers' | 'body'> & Partial<SourceCall>;
  readonly meaning: CallMeaning;
}
