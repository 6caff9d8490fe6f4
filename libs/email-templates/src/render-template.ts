import { UndefinedVariableError, type Liquid, type Template } from 'liquidjs';
import { EmailTemplateError, withProblems } from './errors.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { globalsOf, HTML_LIQUID, TEXT_LIQUID } from './liquid.ts';
import { liquidErrorsOf, parseLiquid, problemOf } from './parse-liquid.ts';
import { textOfHtml } from './text-of-html.ts';
import type { CompiledTemplate, RenderedMail, RenderOptions, TemplateData, TemplatePart } from './types.ts';

/**
 * The mail that a template is with this data. The same data and time give the same mail. A compiled template is parsed once
 * for as long as the caller keeps the object. Throws EmailTemplateError TEMPLATE_VARIABLE_MISSING, TEMPLATE_RENDER_FAILED,
 * TEMPLATE_TOO_LARGE, and TEMPLATE_INVALID for what compileTemplate did not make.
 */
export function renderTemplate(compiled: CompiledTemplate, data: TemplateData, options: RenderOptions): RenderedMail {
  const parsed = parsedOf(compiled);
  const results = parsed.map((part) => renderPart(part, data, options));
  const missing = [...new Set(results.flatMap((result) => result.missing))];
  if (missing.length > 0 && options.missing === 'refuse') {
    throw new EmailTemplateError('TEMPLATE_VARIABLE_MISSING', `the data does not have ${missing.join(', ')}`, {
      missing,
    });
  }
  const outputOf = (path: TemplatePart) => results.find((result) => result.path === path)?.output;
  const html = outputOf('source') ?? '';
  return {
    subject: subjectOf(bounded('subject', outputOf('subject') ?? '')),
    html: bounded('source', html),
    text: bounded('text', outputOf('text') ?? textOf(html)),
    missing,
  };
}

interface ParsedPart {
  readonly path: TemplatePart;
  readonly liquid: Liquid;
  readonly templates: Template[];
}

/** Kept as long as what they were parsed of. */
const PARSED = new WeakMap<CompiledTemplate, readonly ParsedPart[]>();

function parsedOf(compiled: CompiledTemplate): readonly ParsedPart[] {
  const known = PARSED.get(compiled);
  if (known) return known;
  const { subject, html, text } = compiled;
  const parts = [
    parsePart(TEXT_LIQUID, 'subject', subject),
    parsePart(HTML_LIQUID, 'source', html),
    ...(text === undefined ? [] : [parsePart(TEXT_LIQUID, 'text', text)]),
  ];
  PARSED.set(compiled, parts);
  return parts;
}

function parsePart(liquid: Liquid, path: TemplatePart, text: string): ParsedPart {
  const parsed = parseLiquid(liquid, path, text);
  if (!parsed.ok) throw withProblems('TEMPLATE_INVALID', parsed.problems);
  return { path, liquid, templates: [...parsed.templates] };
}

interface RenderedPart {
  readonly path: TemplatePart;
  readonly output: string;
  readonly missing: readonly string[];
}

function renderPart(part: ParsedPart, data: TemplateData, options: RenderOptions): RenderedPart {
  const { path } = part;
  try {
    return { path, output: outputOf(part, data, options, true), missing: [] };
  } catch (error) {
    const errors = liquidErrorsOf(error);
    const others = errors.filter((one) => !(one instanceof UndefinedVariableError));
    if (others.length > 0) throw renderFailed(path, others);
    const missing = errors.flatMap((one) => (one instanceof UndefinedVariableError ? [one.token.getText()] : []));
    return { path, output: options.missing === 'refuse' ? '' : leniently(part, data, options), missing };
  }
}

function leniently(part: ParsedPart, data: TemplateData, options: RenderOptions): string {
  try {
    return outputOf(part, data, options, false);
  } catch (error) {
    throw renderFailed(part.path, liquidErrorsOf(error));
  }
}

function outputOf({ liquid, templates }: ParsedPart, data: TemplateData, { now }: RenderOptions, isStrict: boolean) {
  // A copy: `increment` writes into what it is given.
  const output: unknown = liquid.renderSync(
    templates,
    { ...data },
    { strictVariables: isStrict, globals: globalsOf(now) },
  );
  return String(output);
}

function renderFailed(path: TemplatePart, errors: readonly unknown[]): EmailTemplateError {
  return withProblems(
    'TEMPLATE_RENDER_FAILED',
    errors.slice(0, 20).map((error) => problemOf(path, error)),
  );
}

/** Data may hold line breaks; a subject may not. */
function subjectOf(rendered: string): string {
  const subject = rendered.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (subject.length <= TEMPLATE_LIMITS.subjectLength) return subject;
  throw tooLarge('subject', `it is longer than ${TEMPLATE_LIMITS.subjectLength} characters`);
}

function bounded(path: TemplatePart, rendered: string): string {
  const limit = TEMPLATE_LIMITS.renderedBytes;
  // Characters first: what is far too long has not been put together yet, and is not for that.
  if (rendered.length <= limit && Buffer.byteLength(rendered, 'utf8') <= limit) return rendered;
  throw tooLarge(path, `with this data it is larger than ${limit} bytes`);
}

function tooLarge(path: TemplatePart, message: string): EmailTemplateError {
  return withProblems('TEMPLATE_TOO_LARGE', [{ path, message }]);
}

function textOf(html: string): string {
  try {
    return textOfHtml(html);
  } catch (error) {
    // HTML that nests deeper than the stack holds.
    throw withProblems('TEMPLATE_RENDER_FAILED', [problemOf('text', error)]);
  }
}
