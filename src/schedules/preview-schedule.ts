import { Inject, Injectable } from '@nestjs/common';
import { epochMsOf, MillraceError, toInstant, type Clock } from '#libs/kernel';
import { nextOccurrence, ruleOf, ruleProblems } from '#libs/schedule';
import { CLOCK } from '../platform/tokens.ts';
import type { PreviewBody, PreviewView } from './schedules.dto.ts';

@Injectable()
export class PreviewSchedule {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Throws `INVALID_SCHEDULE` with what is wrong with the rule. */
  preview({ from, count, ...config }: PreviewBody): PreviewView {
    const problems = ruleProblems(config);
    if (problems.length > 0)
      throw new MillraceError('refused', 'INVALID_SCHEDULE', 'this is no rule of a schedule', { problems });
    const rule = ruleOf(config);
    const instants: string[] = [];
    let afterMs = (from === undefined ? this.clock.nowMs() : epochMsOf(from)) - 1;
    while (instants.length < count) {
      const slotMs = nextOccurrence(rule, afterMs);
      if (slotMs === undefined) break;
      instants.push(toInstant(slotMs));
      afterMs = slotMs;
    }
    return { instants };
  }
}
