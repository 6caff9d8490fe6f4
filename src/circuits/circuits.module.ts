import { Module } from '@nestjs/common';
import { CircuitStoreModule } from './circuit-store.module.ts';
import { CircuitsController } from './circuits.controller.ts';
import { ReadCircuits } from './read-circuits.ts';
import { ResetCircuit } from './reset-circuit.ts';

/** Circuits of the role `api`. */
@Module({
  imports: [CircuitStoreModule],
  controllers: [CircuitsController],
  providers: [ReadCircuits, ResetCircuit],
})
export class CircuitsModule {}
