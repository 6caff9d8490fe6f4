import { InvariantError } from '#libs/kernel';
import type { MailTemplates } from './mail-templates.ts';

/** Stands for templates that are there only once the process has its connections; nodes are known before. */
export class LateMailTemplates implements MailTemplates {
  #templates: MailTemplates | undefined;

  /** Before the first attempt runs. */
  bind(templates: MailTemplates): void {
    this.#templates = templates;
  }

  find: MailTemplates['find'] = (named) => {
    if (!this.#templates) throw new InvariantError('a template was to be read where no templates are kept');
    return this.#templates.find(named);
  };
}
