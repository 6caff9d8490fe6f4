import { z } from 'zod';
import type { Circuit } from './circuit.ts';

const ms = z.number().min(0);
const span = z.object({ sinceMs: ms, untilMs: ms });
const openings = z.int().min(1);
const count = z.int().min(0);

const circuit: z.ZodType<Circuit> = z.object({
  window: z.array(z.object({ slot: count, ok: count, failed: count })),
  breaker: z.discriminatedUnion('state', [
    z.object({ state: z.literal('closed') }),
    z.object({ state: z.literal('open'), openedAtMs: ms, openings, coolDown: span }),
    z.object({
      state: z.literal('halfOpen'),
      openedAtMs: ms,
      openings,
      probe: z.object({ id: z.string(), lease: span }),
    }),
  ]),
  pause: span.exactOptional(),
});

/** What workers share of a destination, as JSON. */
export interface StoredCircuit {
  readonly workspaceId: string;
  /** What it is called, e.g. `api.example.com:443`. */
  readonly key: string;
  readonly circuit: Circuit;
}

/** Parses what is stored; throws ZodError. */
export const storedCircuit: z.ZodType<StoredCircuit> = z.object({
  workspaceId: z.string(),
  key: z.string(),
  circuit,
});
