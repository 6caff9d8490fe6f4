import { Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import type { PresentSchedule } from '#libs/schedule';
import { ScheduleTable, type KnownSchedule } from '#libs/scheduler';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { scheduleViewOf, type ScheduleView } from './schedule-view.ts';
import type { ListSchedulesQuery, ScheduleTarget } from './schedules.dto.ts';

/** Schedules as callers see them, from the memory of this process. */
@Injectable()
export class ReadSchedules {
  constructor(private readonly table: ScheduleTable) {}

  /** Those that are armed, the newest first. */
  list(workspaceId: string, { cursor, limit, workflowId, status }: ListSchedulesQuery): Page<ScheduleView> {
    const place = cursor === undefined ? undefined : placeOf(cursor);
    const isAskedFor = (view: ScheduleView): boolean =>
      (workflowId === undefined || view.workflowId === workflowId) &&
      (status === undefined || view.status === status) &&
      (place === undefined || isBehind(view, place));
    const found = [...this.table.idsOf(workspaceId)].flatMap((id) => this.#viewOf(id) ?? []).filter(isAskedFor);
    return pageOf(found.toSorted((one, other) => (isBehind(one, other) ? 1 : -1)).slice(0, limit + 1), limit, same);
  }

  /** Throws `SCHEDULE_NOT_FOUND`, also when it is not armed. */
  get({ workspaceId, scheduleId }: ScheduleTarget): ScheduleView {
    const known = this.known({ workspaceId, scheduleId });
    const view = scheduleViewOf(scheduleId, known.state);
    if (!view) throw notFound('its workflow is not active, or the active version does not have it');
    return view;
  }

  /** Also when it is not armed any more: its history stays. Throws `SCHEDULE_NOT_FOUND`. */
  known({ workspaceId, scheduleId }: ScheduleTarget): KnownSchedule {
    const known = this.table.find(scheduleId);
    if (known?.state.workspaceId === workspaceId) return known;
    throw notFound(`there is no schedule ${scheduleId}`);
  }

  #viewOf(id: string): ScheduleView | undefined {
    const state: PresentSchedule | undefined = this.table.find(id)?.state;
    return state && scheduleViewOf(id, state);
  }
}

function notFound(message: string): MillraceError {
  return new MillraceError('notFound', 'SCHEDULE_NOT_FOUND', message);
}

type Place = Pick<ScheduleView, 'createdAt' | 'id'>;

function isBehind(one: Place, other: Place): boolean {
  return one.createdAt === other.createdAt ? one.id < other.id : one.createdAt < other.createdAt;
}

function same(view: ScheduleView): ScheduleView {
  return view;
}
