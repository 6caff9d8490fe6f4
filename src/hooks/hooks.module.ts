import { Module } from '@nestjs/common';
import { WorkflowsModule } from '../workflows/workflows.module.ts';
import { HookStoreModule } from './hook-store.module.ts';
import { HooksController } from './hooks.controller.ts';
import { ReadHooks } from './read-hooks.ts';
import { RetryHooks } from './retry-hooks.ts';

/** Hooks at services, of the role `api`. */
@Module({
  imports: [HookStoreModule, WorkflowsModule],
  controllers: [HooksController],
  providers: [ReadHooks, RetryHooks],
})
export class HooksModule {}
