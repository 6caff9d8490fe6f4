import {
  compileTemplate,
  EmailTemplateError,
  renderTemplate,
  type CompiledTemplate,
  type RenderedMail,
  type RenderOptions,
  type TemplateProblem,
  type TemplateSource,
} from '#libs/email-templates';
import { MillraceError, type JsonObject, type Problem } from '#libs/kernel';

/** Throws `INVALID_EMAIL_TEMPLATE` with all problems, `EMAIL_TEMPLATES_BUSY`. */
export async function compiledOf(source: TemplateSource): Promise<CompiledTemplate> {
  try {
    return await compileTemplate(source);
  } catch (error) {
    if (!(error instanceof EmailTemplateError)) throw error;
    if (error.retryable) throw busy(error);
    const problems = error.problems.map(problemOf);
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const message = `the email template has ${count}`;
    throw new MillraceError('refused', 'INVALID_EMAIL_TEMPLATE', message, { problems, cause: error });
  }
}

/** Throws `TEMPLATE_VARIABLE_MISSING`, `TEMPLATE_RENDER_FAILED`, `TEMPLATE_TOO_LARGE`. */
export function renderedOf(compiled: CompiledTemplate, data: JsonObject, options: RenderOptions): RenderedMail {
  try {
    return renderTemplate(compiled, data, options);
  } catch (error) {
    if (!(error instanceof EmailTemplateError)) throw error;
    const { code, message, missing } = error;
    const problems = [...error.problems.map(problemOf), ...missing.map(missingProblem)];
    throw new MillraceError('refused', code, message, { problems, cause: error });
  }
}

function problemOf({ path, line, message }: TemplateProblem): Problem {
  return { path, message: line === undefined ? message : `line ${line}: ${message}` };
}

function missingProblem(name: string): Problem {
  return { path: `data.${name}`, message: 'is missing, and the template takes it' };
}

function busy(cause: EmailTemplateError): MillraceError {
  const message = 'too many email templates are compiled at the moment; try again';
  return new MillraceError('unavailable', 'EMAIL_TEMPLATES_BUSY', message, { retryAfterMs: 1_000, cause });
}
