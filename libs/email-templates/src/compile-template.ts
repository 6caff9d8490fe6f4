import { withProblems } from './errors.ts';
import { TEMPLATE_LIMITS } from './limits.ts';
import { HTML_LIQUID, TEXT_LIQUID } from './liquid.ts';
import { compileMjml } from './mjml/compile-mjml.ts';
import { parseLiquid, tokenizeLiquid } from './parse-liquid.ts';
import type { CompiledTemplate, TemplateProblem, TemplateSource } from './types.ts';
import { variablesOf } from './variables.ts';

/**
 * Makes of a template what mails are rendered from. MJML is compiled in a worker thread, HTML is taken as it is. Rejects with
 * EmailTemplateError: TEMPLATE_INVALID or TEMPLATE_TOO_LARGE with all problems that were found, TEMPLATE_BUSY.
 */
export async function compileTemplate(template: TemplateSource): Promise<CompiledTemplate> {
  const tooLarge = sizeProblems(template);
  if (tooLarge.length > 0) throw withProblems('TEMPLATE_TOO_LARGE', tooLarge);
  const { subject, source, text } = template;
  const problems = [
    ...subjectProblems(subject),
    ...problemsIn(parseLiquid(HTML_LIQUID, 'source', source)),
    ...(text === undefined ? [] : problemsIn(parseLiquid(TEXT_LIQUID, 'text', text))),
  ];
  if (problems.length > 0) throw withProblems('TEMPLATE_INVALID', problems);
  const html = template.format === 'html' ? source : await htmlOf(source);
  const compiled = { subject, html, ...(text === undefined ? {} : { text }) };
  return { ...compiled, variables: variablesOf(compiled) };
}

function sizeProblems({ subject, source, text = '' }: TemplateSource): readonly TemplateProblem[] {
  const { subjectLength, sourceBytes } = TEMPLATE_LIMITS;
  const problems: TemplateProblem[] = [];
  if (subject.length > subjectLength) {
    problems.push({ path: 'subject', message: `it is longer than ${subjectLength} characters` });
  }
  for (const [path, part] of [['source', source] as const, ['text', text] as const]) {
    if (Buffer.byteLength(part, 'utf8') > sourceBytes) {
      problems.push({ path, message: `it is larger than ${sourceBytes} bytes` });
    }
  }
  return problems;
}

function subjectProblems(subject: string): readonly TemplateProblem[] {
  if (subject.trim() === '') return [{ path: 'subject', message: 'it is empty' }];
  if (/[\p{Cc}\u2028\u2029]/u.test(subject)) return [{ path: 'subject', message: 'it must be one line' }];
  return problemsIn(parseLiquid(TEXT_LIQUID, 'subject', subject));
}

async function htmlOf(source: string): Promise<string> {
  const tokenized = tokenizeLiquid('source', source);
  const compiled = tokenized.ok ? await compileMjml(source, tokenized.tokens) : tokenized;
  if (!compiled.ok) throw withProblems('TEMPLATE_INVALID', compiled.problems);
  const { html } = compiled;
  const limit = TEMPLATE_LIMITS.compiledBytes;
  if (Buffer.byteLength(html, 'utf8') > limit) {
    throw withProblems('TEMPLATE_TOO_LARGE', [{ path: 'source', message: `its HTML is larger than ${limit} bytes` }]);
  }
  // MJML may have taken a tag twice, or moved it; lines of what it wrote tell nobody anything.
  const problems = problemsIn(parseLiquid(HTML_LIQUID, 'source', html));
  if (problems.length > 0) {
    throw withProblems(
      'TEMPLATE_INVALID',
      problems.map(({ path, message }) => ({ path, message: `after MJML: ${message}` })),
    );
  }
  return html;
}

function problemsIn(parsed: ReturnType<typeof parseLiquid>): readonly TemplateProblem[] {
  return parsed.ok ? [] : parsed.problems;
}
