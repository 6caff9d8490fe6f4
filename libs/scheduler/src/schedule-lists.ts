import { epochMsOf } from '#libs/kernel';
import type { PresentSchedule } from '#libs/schedule';
import { NewestFirst, type SchedulePlace } from './newest-first.ts';
import type { ScheduleIdentity } from './schedule-summary.ts';

interface WorkspaceList {
  /** The one text that all of its schedules share. */
  readonly workspaceId: string;
  readonly schedules: NewestFirst;
}

/** Which schedules each workspace has, the newest first. */
export class ScheduleLists {
  readonly #lists = new Map<string, WorkspaceList>();

  add(id: string, { workspaceId, workflowId, armedAt }: PresentSchedule): ScheduleIdentity {
    const list = this.#lists.get(workspaceId) ?? { workspaceId, schedules: new NewestFirst() };
    this.#lists.set(list.workspaceId, list);
    const identity = { id, workspaceId: list.workspaceId, workflowId, armedAtMs: epochMsOf(armedAt) };
    list.schedules.add(identity);
    return identity;
  }

  delete(identity: ScheduleIdentity): void {
    const list = this.#lists.get(identity.workspaceId);
    list?.schedules.delete(identity);
    if (list?.schedules.isEmpty) this.#lists.delete(identity.workspaceId);
  }

  behind(workspaceId: string, place: SchedulePlace | undefined): Iterable<ScheduleIdentity> {
    return this.#lists.get(workspaceId)?.schedules.behind(place) ?? [];
  }
}
