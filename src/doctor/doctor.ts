import { createCommitCodec, executionLog, JetStreamEventStore, workflowLog } from '#libs/event-store-jetstream';
import { executionEventSchema } from '#libs/execution-engine';
import { KnownStates, PlanCache } from '#libs/execution-runtime';
import { JetStreamPublisher } from '#libs/jetstream';
import { workflowEventSchema } from '#libs/workflow-definition';
import type { Config } from '../config/config.ts';
import { installNodeTypes } from '../node-types/install.ts';
import { systemClock } from '../platform/clock.ts';
import { loadPlan } from '../workflows/load-plan.ts';
import { CaseReader } from './cases.ts';
import { connectToDatabase, connectToLog } from './connect.ts';
import { Examination } from './examination.ts';
import { readLogShape } from './log-shape.ts';
import { readNotes } from './notes.ts';
import { withPoisonNamed } from './poison.ts';
import type { Report } from './report.ts';
import { Witness } from './witness.ts';

export interface Examined {
  readonly config: Config;
  /** Only executions of this workspace. */
  readonly workspaceId?: string;
  readonly onProgress: (done: number, total: number) => void;
}

/** Looks at a whole installation, beside whatever runs there, and writes nothing. Rejects when it can't look. */
export async function examine({ config, workspaceId, onProgress }: Examined): Promise<Report> {
  await using log = await connectToLog(config);
  await using installed = installNodeTypes({
    outbound: { allowPrivateNetwork: false, allow: [], deny: [] },
    clock: systemClock,
  });
  // The stores want one to append by; nothing is given to it.
  await using publisher = new JetStreamPublisher(log.connection);
  const { connection, manager } = log;
  const { logStreams, executions } = await readLogShape(manager);
  const codec = createCommitCodec(executionEventSchema);
  const parts = { connection, publisher };
  const store = new JetStreamEventStore({ ...parts, layout: executionLog(logStreams, 1), codec });
  const workflows = new JetStreamEventStore({
    ...parts,
    layout: workflowLog(1),
    codec: createCommitCodec(workflowEventSchema),
  });
  const states = new KnownStates(store);
  const plans = new PlanCache((workflowId, version) =>
    loadPlan(workflows, installed.nodeTypes, { workflowId, version }),
  );
  const examination = new Examination({
    histories: { connection, logStreams, codec },
    look: { connection, manager, logStreams },
    cases: new CaseReader({ states, plans, ...(workspaceId === undefined ? {} : { workspaceId }) }),
    witness: new Witness({ connection, store, states }),
    onProgress: (done) => onProgress(done, executions),
  });
  const findings = await examination.run();
  await using database = await connectToDatabase(config);
  const notes = await readNotes({ connection, manager, logStreams, database });
  return { ...(database ? await withPoisonNamed(findings, database) : findings), notes };
}
