export { compileTemplate } from './compile-template.ts';
export { EmailTemplateError, type EmailTemplateErrorCode, type EmailTemplateErrorDetails } from './errors.ts';
export { TEMPLATE_LIMITS } from './limits.ts';
export { renderTemplate } from './render-template.ts';
export type {
  CompiledTemplate,
  RenderedMail,
  RenderOptions,
  TemplateData,
  TemplatePart,
  TemplateProblem,
  TemplateSource,
} from './types.ts';
