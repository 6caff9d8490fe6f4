import type { Instant, JsonObject } from '#libs/kernel';

/** A template as somebody wrote it. */
export interface TemplateSource {
  /** One line of Liquid. */
  readonly subject: string;
  readonly format: 'mjml' | 'html';
  /** Liquid in MJML, or in HTML that is taken as it is. */
  readonly source: string;
  /** Liquid. Without, the text part is made from the HTML of each mail. */
  readonly text?: string;
}

/** What mails are rendered from. Plain JSON, to be stored. */
export interface CompiledTemplate {
  readonly subject: string;
  /** Liquid in HTML. */
  readonly html: string;
  readonly text?: string;
  /** What the parts together take from the data, e.g. `customer.name`, each once, sorted. */
  readonly variables: readonly string[];
}

export type TemplatePart = 'subject' | 'source' | 'text';

/** What is wrong with a template, for whoever wrote it. */
export interface TemplateProblem {
  readonly path: TemplatePart;
  /** From 1. */
  readonly line?: number;
  readonly message: string;
}

export interface RenderOptions {
  /**
   * What happens to variables that the data does not have: `refuse` throws TEMPLATE_VARIABLE_MISSING with all of them,
   * `empty` puts nothing in their place. Neither is about variables with `default` as their first filter, or that are asked
   * about by `if`, `unless` and `case`. `null` is there, and empty.
   */
  readonly missing: 'refuse' | 'empty';
  /** What `"now" | date` gives; without, that is an error. */
  readonly now?: Instant;
}

/** Of a template: whatever has own properties alone. */
export type TemplateData = JsonObject;

export interface RenderedMail {
  /** One line. */
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Variables that the data did not have, as the template writes them, each once. Empty with `refuse`. */
  readonly missing: readonly string[];
}
