import type { JsonObject, JsonValue, Problem } from '#libs/kernel';
import { defineNodeType } from '#libs/node-kit';
import { ruleProblems } from '#libs/schedule';
import { z } from 'zod';
import { ruleFields, scheduleTriggerConfigSchema, type ScheduleTriggerConfig } from './config.ts';

const LARGEST_PAYLOAD_BYTES = 65_536;

export const scheduleTrigger = defineNodeType<ScheduleTriggerConfig>({
  type: 'trigger.schedule',
  kind: 'trigger',
  title: 'Schedule trigger',
  description:
    'Starts an execution whenever it is due, by a cron pattern, an interval or once; its output says for when, and has the payload as body.',
  runs: 'trigger',
  configSchema: scheduleTriggerConfigSchema,
  outputsOf: () => ['main'],
  check: checkSchedule,
  concurrencyOf: ({ overlap }) => {
    if (overlap === 'queue') return { limit: 1, onLimit: 'queue' };
    // What `skip` leaves out is never started: the scheduler decides that, and records it as the slot's outcome.
    return overlap === 'cancelPrevious' ? { limit: 1, onLimit: 'cancelOldest' } : undefined;
  },
});

const ruleSchema = z.object(ruleFields);

/** What the schema tells is not told again. */
function checkSchedule(config: JsonObject): readonly Problem[] {
  const rule = ruleSchema.safeParse(config);
  return [...(rule.success ? ruleProblems(rule.data) : []), ...payloadProblems(config.payload)];
}

function payloadProblems(payload: JsonValue | undefined): readonly Problem[] {
  if (payload === undefined) return [];
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes <= LARGEST_PAYLOAD_BYTES) return [];
  return [{ path: 'payload', message: `has ${bytes} bytes as JSON: at most ${LARGEST_PAYLOAD_BYTES} go along` }];
}
