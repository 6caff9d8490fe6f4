import type { CompiledTemplate } from '#libs/email-templates';

/** A template as a node names it. */
export interface NamedTemplate {
  readonly workspaceId: string;
  readonly id: string;
  /** Undefined for the latest. */
  readonly version: number | undefined;
}

export interface MailTemplate {
  readonly version: number;
  /** The same object for the same version as long as possible: it is parsed once for each. */
  readonly compiled: CompiledTemplate;
}

/** Where templates come from. Rejects with an error of kind `unavailable` alone. */
export interface MailTemplates {
  /** Undefined when the workspace has no such template, or that has no such version. */
  find(named: NamedTemplate): Promise<MailTemplate | undefined>;
}
