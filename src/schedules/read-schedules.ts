import { Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError } from '#libs/kernel';
import { ScheduleJournal, ScheduleTable, type KnownSchedule, type SchedulePlace } from '#libs/scheduler';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { scheduleViewOf, type ScheduleView } from './schedule-view.ts';
import type { ListSchedulesQuery, ScheduleTarget } from './schedules.dto.ts';

/** Schedules as callers see them, from the memory of this process. */
@Injectable()
export class ReadSchedules {
  constructor(
    private readonly table: ScheduleTable,
    private readonly journal: ScheduleJournal,
  ) {}

  /** Those that are armed, the newest first. */
  list(workspaceId: string, { cursor, limit, workflowId, status }: ListSchedulesQuery): Page<ScheduleView> {
    const behind = cursor === undefined ? undefined : schedulePlaceOf(cursor);
    const views: ScheduleView[] = [];
    // A state is parsed only for the page: there may be a hundred thousand of them.
    for (const summary of this.table.newest(workspaceId, { behind, workflowId })) {
      if (status !== undefined && summary.status !== status) continue;
      const view = summary.status && this.#viewOf(summary.identity.id);
      if (view && views.push(view) > limit) break;
    }
    return pageOf(views, limit, same);
  }

  /** Throws `SCHEDULE_NOT_FOUND`, also when it is not armed. */
  get({ workspaceId, scheduleId }: ScheduleTarget): ScheduleView {
    const isOfWorkspace = this.table.summaryOf(scheduleId)?.identity.workspaceId === workspaceId;
    const view = isOfWorkspace ? this.#viewOf(scheduleId) : undefined;
    if (view) return view;
    throw notFound(`there is no schedule ${scheduleId}, or no active version of a workflow has it`);
  }

  /** Also when it is over: its history stays, and the log has it. Throws `SCHEDULE_NOT_FOUND`. */
  async known({ workspaceId, scheduleId }: ScheduleTarget): Promise<KnownSchedule> {
    const known = this.table.find(scheduleId) ?? (await this.journal.read(scheduleId));
    if (known?.state.workspaceId === workspaceId) return known;
    throw notFound(`there is no schedule ${scheduleId}`);
  }

  #viewOf(id: string): ScheduleView | undefined {
    const known = this.table.find(id);
    return known && scheduleViewOf(id, known.state);
  }
}

function schedulePlaceOf(cursor: string): SchedulePlace {
  const { createdAt, id } = placeOf(cursor);
  return { armedAtMs: epochMsOf(createdAt), id };
}

function notFound(message: string): MillraceError {
  return new MillraceError('notFound', 'SCHEDULE_NOT_FOUND', message);
}

function same(view: ScheduleView): ScheduleView {
  return view;
}
