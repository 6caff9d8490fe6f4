import { Injectable } from '@nestjs/common';
import { LogUnavailableError } from '#libs/event-sourcing';
import { PlacesInLine } from '#libs/execution-gates-jetstream';
import type { ExecutionView } from './execution-view.ts';

/** Looks up the place in line of an execution that is shown alone: it changes with every one that begins. */
@Injectable()
export class PlaceInLine {
  constructor(private readonly places: PlacesInLine) {}

  async shownIn(view: ExecutionView): Promise<ExecutionView> {
    const { id, waitingOn } = view;
    if (waitingOn?.kind !== 'concurrency') return view;
    const place = await this.#placeOf(id, waitingOn.key);
    return place === undefined ? view : { ...view, waitingOn: { ...waitingOn, place } };
  }

  /** Executions can be read while the log is away. */
  async #placeOf(id: string, key: string): Promise<number | undefined> {
    try {
      return await this.places.placeOf(id, key);
    } catch (error) {
      if (error instanceof LogUnavailableError) return undefined;
      throw error;
    }
  }
}
