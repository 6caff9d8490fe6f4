import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { createCommitCodec, workflowLog } from '#libs/event-store-jetstream';
import {
  EXAMPLE_DEFINITION,
  workflowEventSchema,
  type Publication,
  type WorkflowCommand,
  type WorkflowDefinition,
  type WorkflowEvent,
} from '#libs/workflow-definition';
import { WorkflowJournal, type ChangedWorkflow } from './workflow-journal.ts';

const target = { workspaceId: 'ws_1', workflowId: 'wf_1', actor: { type: 'user', id: 'usr_1' } } as const;
const publicationOf = (name: string): Publication => ({
  definition: { ...EXAMPLE_DEFINITION, name },
  contentHash: `hash of ${name}`,
  warnings: [],
  endpoints: [],
});

describe('the journal of workflows', () => {
  let store: InMemoryEventStore<WorkflowEvent>;
  let journal: WorkflowJournal;

  beforeEach(async () => {
    store = new InMemoryEventStore();
    const log = { layout: workflowLog(1), codec: createCommitCodec(workflowEventSchema), store };
    journal = new WorkflowJournal(log, { nowMs: () => Date.UTC(2026, 10, 23) });
    await journal.create(target, publicationOf('v1'));
  });

  const publishing = (name: string, expectedVersion: number): WorkflowCommand => ({
    type: 'PublishVersion',
    publication: publicationOf(name),
    expectedVersion,
  });
  const publish = (name: string, expectedVersion: number): Promise<ChangedWorkflow> =>
    journal.change(target, publishing(name, expectedVersion));

  it('has what was created, with its latest version', async () => {
    await publish('v2', 1);
    const { record, sequence } = await journal.read('ws_1', 'wf_1');
    expect(record).toMatchObject({ latestVersion: 2, revision: 3, name: 'v2' });
    expect(sequence).toBe(2);
  });

  it('answers a change that changes nothing with what is there', async () => {
    const again = await publish('v1', 1);
    expect(again).toMatchObject({ record: { latestVersion: 1 }, sequence: 1 });
    expect((await store.readLast('wf_1'))?.sequence).toBe(1);
  });

  it('asks about the version that becomes active, and appends nothing when that is refused', async () => {
    await publish('v2', 1);
    const asked: string[] = [];
    const ensure = async ({ name }: WorkflowDefinition): Promise<void> => {
      asked.push(name);
      throw new Error('refused');
    };
    await expect(journal.change(target, { type: 'ActivateWorkflow', version: 1 }, ensure)).rejects.toThrow('refused');
    await expect(journal.change(target, { type: 'ActivateWorkflow' }, ensure)).rejects.toThrow('refused');
    expect(asked).toEqual(['v1', 'v2']);
    expect((await journal.read('ws_1', 'wf_1')).record?.activeVersion).toBeNull();
  });

  it('gives the definition that is active after a change, of whichever version', async () => {
    await publish('v2', 1);
    const activeAfter = async (command: WorkflowCommand): Promise<string | undefined> =>
      (await journal.change(target, command)).active?.name;
    expect(await activeAfter({ type: 'ActivateWorkflow', version: 1 })).toBe('v1');
    expect(await activeAfter({ type: 'ActivateWorkflow', version: 1 })).toBe('v1');
    expect(await activeAfter(publishing('v3', 2))).toBe('v1');
    expect((await journal.create(target, publicationOf('v1'))).active?.name).toBe('v1');
    expect(await activeAfter({ type: 'ActivateWorkflow' })).toBe('v3');
    expect(await activeAfter(publishing('v4', 3))).toBe('v3');
    expect(await activeAfter({ type: 'DeactivateWorkflow' })).toBeUndefined();
    expect(await activeAfter({ type: 'ArchiveWorkflow' })).toBeUndefined();
  });

  it('decides again when somebody else was first', async () => {
    const commands = [publishing('v2', 1), publishing('v3', 1), { type: 'ActivateWorkflow', version: 1 } as const];
    const changes = await Promise.allSettled(commands.map((command) => journal.change(target, command)));
    const refused = changes.filter(({ status }) => status === 'rejected');
    expect(refused).toMatchObject([{ reason: { code: 'WORKFLOW_CHANGED' } }]);
    const { record } = await journal.read('ws_1', 'wf_1');
    expect(record).toMatchObject({ latestVersion: 2, activeVersion: 1, revision: 4 });
  });

  it('has nothing of a workflow that is archived, and refuses to change it', async () => {
    const archived = await journal.change(target, { type: 'ArchiveWorkflow' });
    expect(archived.record.archivedAt).toBe('2026-11-23T00:00:00.000Z');
    expect((await journal.read('ws_1', 'wf_1')).record).toBeUndefined();
    await expect(publish('v2', 1)).rejects.toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
  });

  it('has nothing of another workspace', async () => {
    expect(await journal.read('ws_2', 'wf_1')).toMatchObject({ record: undefined, state: { status: 'none' } });
    await expect(journal.change({ ...target, workspaceId: 'ws_2' }, { type: 'ArchiveWorkflow' })).rejects.toMatchObject(
      { code: 'WORKFLOW_NOT_FOUND' },
    );
  });
});
