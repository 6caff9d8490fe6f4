import { Module } from '@nestjs/common';
import { ReadTemplates } from './read-templates.ts';

/** What others need that name templates. */
@Module({ providers: [ReadTemplates], exports: [ReadTemplates] })
export class EmailTemplateStoreModule {}
