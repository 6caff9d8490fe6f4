import { Inject, Injectable } from '@nestjs/common';
import type { CompiledTemplate } from '#libs/email-templates';
import { toInstant, type Clock } from '#libs/kernel';
import { CLOCK } from '../platform/tokens.ts';
import type { PreviewSourceBody, PreviewTemplateBody, PreviewView } from './email-templates.dto.ts';
import { compiledOf, renderedOf } from './make-mails.ts';
import { ReadTemplates, type AskedTemplate } from './read-templates.ts';
import { sourceOf } from './template-view.ts';

/** Shows what mail would be sent. */
@Injectable()
export class PreviewTemplate {
  constructor(
    private readonly reading: ReadTemplates,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async ofStored(asked: AskedTemplate, { version: wanted, ...given }: PreviewTemplateBody): Promise<PreviewView> {
    const { compiled, version } = await this.reading.version(asked, wanted);
    return { ...this.#rendered(compiled, given), version };
  }

  async ofSource({ data, missing, ...source }: PreviewSourceBody): Promise<PreviewView> {
    return { ...this.#rendered(await compiledOf(sourceOf(source)), { data, missing }), version: null };
  }

  #rendered(compiled: CompiledTemplate, { data, missing }: Pick<PreviewSourceBody, 'data' | 'missing'>) {
    return renderedOf(compiled, data, { missing, now: toInstant(this.clock.nowMs()) });
  }
}
