import type { CompiledTemplate } from '#libs/email-templates';
import type { MailTemplate, MailTemplates, NamedTemplate } from '../mail-templates.ts';

/** Templates of one workspace: all versions of each, from 1. */
export class InMemoryMailTemplates implements MailTemplates {
  constructor(readonly versions = new Map<string, readonly CompiledTemplate[]>()) {}

  async find({ id, version }: NamedTemplate): Promise<MailTemplate | undefined> {
    const versions = this.versions.get(id) ?? [];
    const wanted = version ?? versions.length;
    const compiled = versions[wanted - 1];
    return compiled && { version: wanted, compiled };
  }
}
