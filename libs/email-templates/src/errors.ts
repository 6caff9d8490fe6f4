import type { TemplateProblem } from './types.ts';

/** Code is API, the message is for people. */
export type EmailTemplateErrorCode =
  /** It cannot be compiled; `problems` say why. */
  | 'TEMPLATE_INVALID'
  /** A part, or what it became, is larger than may be; `problems` say which. */
  | 'TEMPLATE_TOO_LARGE'
  /** The data does not have all that the template takes; `missing` names it. */
  | 'TEMPLATE_VARIABLE_MISSING'
  /** With this data it cannot be rendered, or not in its time and memory; `problems` say where. */
  | 'TEMPLATE_RENDER_FAILED'
  /** Too many templates are compiled at a time. The only one that may be tried again. */
  | 'TEMPLATE_BUSY';

export interface EmailTemplateErrorDetails {
  readonly problems?: readonly TemplateProblem[];
  readonly missing?: readonly string[];
}

export class EmailTemplateError extends Error {
  override readonly name = 'EmailTemplateError';
  readonly retryable: boolean;
  /** Empty where the code says all. */
  readonly problems: readonly TemplateProblem[];
  readonly missing: readonly string[];

  constructor(
    readonly code: EmailTemplateErrorCode,
    message: string,
    { problems = [], missing = [] }: EmailTemplateErrorDetails = {},
  ) {
    super(message);
    this.retryable = code === 'TEMPLATE_BUSY';
    this.problems = problems;
    this.missing = missing;
  }
}

export function withProblems(
  code: 'TEMPLATE_INVALID' | 'TEMPLATE_TOO_LARGE' | 'TEMPLATE_RENDER_FAILED',
  problems: readonly TemplateProblem[],
): EmailTemplateError {
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  return new EmailTemplateError(code, first ? `${placeOf(first)}: ${first.message}${more}` : code, { problems });
}

function placeOf({ path, line }: TemplateProblem): string {
  return line === undefined ? path : `${path}, line ${line}`;
}
