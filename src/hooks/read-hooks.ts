import { Inject, Injectable } from '@nestjs/common';
import { HookStore } from '#libs/hook-registrations';
import type { NodeTypes } from '#libs/node-kit';
import type { WorkflowRecord } from '#libs/read-models';
import type { Config } from '../config/config.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { CONFIG } from '../platform/tokens.ts';
import { ReadVersions } from '../workflows/read-versions.ts';
import { hookViewsOf, type HookView } from './hook-view.ts';

/** The hooks that services have for a workflow, or are to have, or had. */
@Injectable()
export class ReadHooks {
  constructor(
    private readonly versions: ReadVersions,
    private readonly store: HookStore,
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async of(record: WorkflowRecord): Promise<HookView[]> {
    const { nodeTypes } = this;
    const { publicUrl } = this.config.http;
    const active = await this.versions.activeDefinitionOf(record);
    return hookViewsOf(record, { active, entries: await this.store.ofWorkflow(record.id), nodeTypes, publicUrl });
  }
}
