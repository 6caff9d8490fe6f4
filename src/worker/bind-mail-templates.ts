import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { LateMailTemplates } from '#libs/nodes';
import { StoredMailTemplates } from './stored-mail-templates.ts';

/** Gives mail nodes their templates, which need the connections of this process. */
@Injectable()
export class BindMailTemplates {
  constructor(late: LateMailTemplates, em: EntityManager) {
    late.bind(new StoredMailTemplates(em));
  }
}
