import { Module } from '@nestjs/common';
import { ChangeVariables } from './change-variables.ts';
import { ReadVariables } from './read-variables.ts';
import { VariableStoreModule } from './variable-store.module.ts';
import { VariablesController } from './variables.controller.ts';

/** Variables of the role `api`. */
@Module({
  imports: [VariableStoreModule],
  controllers: [VariablesController],
  providers: [ChangeVariables, ReadVariables],
})
export class VariablesModule {}
