import { Injectable } from '@nestjs/common';
import { Circuits } from '#libs/destination-limits-jetstream';
import { MillraceError, type WorkspaceId } from '#libs/kernel';

@Injectable()
export class ResetCircuit {
  constructor(private readonly circuits: Circuits) {}

  /** Throws `CIRCUIT_NOT_FOUND`, also for a destination of which nothing is known. */
  async reset(workspaceId: WorkspaceId, key: string): Promise<void> {
    if (await this.circuits.reset({ workspaceId, key })) return;
    throw new MillraceError('notFound', 'CIRCUIT_NOT_FOUND', 'there is no circuit of this destination');
  }
}
