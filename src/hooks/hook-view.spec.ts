import { serviceTriggers, TRIGGER } from '#libs/hook-registrations/testing';
import type { HookEntry, KnownHook } from '#libs/hook-registrations';
import type { JsonObject } from '#libs/kernel';
import type { WorkflowDefinition } from '#libs/workflow-definition';
import { hookView, hookViewsOf } from './hook-view.ts';

const AT = '2026-11-29T10:00:00.000Z';
const PARTS = { nodeTypes: serviceTriggers(() => 'http://127.0.0.1'), publicUrl: 'https://m.example.com' };
const RECORD = { endpoints: [{ webhookId: 'wh_1', nodeId: 'in', token: 't', createdAt: AT }], updatedAt: AT };
const HOOK: KnownHook = {
  ...{ type: TRIGGER, credentialId: 'cr_1', at: { repository: 'shop' }, url: 'https://m.example.com/hooks/t' },
  ...{ isWanted: true, stage: 'there', hookId: '1', since: AT },
};

function active(config: JsonObject): WorkflowDefinition {
  const nodes = [{ id: 'in', type: TRIGGER, config }];
  return { name: 'Pushes', nodes, connections: [], settings: { priority: 'normal' } };
}

function entryOf(...hooks: readonly KnownHook[]): HookEntry {
  return { workspaceId: 'ws_1', workflowId: 'wf_1', webhookId: 'wh_1', nodeId: 'in', hooks };
}

describe('hooks as people see them', () => {
  const wanted = { active: active({ credentialId: 'cr_1', repository: 'shop' }), ...PARTS };

  it('are pending before any worker has heard of them', () => {
    const pending = { url: HOOK.url, state: 'pending', error: null, at: AT, retryAt: null };
    expect(hookViewsOf(RECORD, { ...wanted, entries: [] })).toMatchObject([pending]);
    const before = entryOf({ ...HOOK, at: { repository: 'other' } });
    expect(hookViewsOf(RECORD, { ...wanted, entries: [before] })).toMatchObject([{ state: 'registered' }, pending]);
    expect(hookViewsOf(RECORD, { ...wanted, entries: [entryOf(HOOK)] })).toMatchObject([{ state: 'registered' }]);
  });

  it('are none where none is wanted', () => {
    const configs: readonly JsonObject[] = [
      { credentialId: 'cr_1', repository: 'shop', byHand: true },
      { unreadable: true },
    ];
    for (const config of configs)
      expect(hookViewsOf(RECORD, { active: active(config), entries: [], ...PARTS })).toEqual([]);
    expect(hookViewsOf(RECORD, { active: undefined, entries: [], ...PARTS })).toEqual([]);
  });

  it('say why they fail, and when they are tried again', () => {
    const failure = { code: 'SERVICE_503', message: 'away', at: AT, attempts: 2, againAt: '2026-11-29T10:00:10.000Z' };
    const failing: KnownHook = { ...HOOK, stage: 'unsure', failure };
    const givenUp: KnownHook = { ...HOOK, isWanted: false, stage: 'gone', failure: { ...failure, againAt: null } };
    const views = hookViewsOf(RECORD, { ...wanted, entries: [entryOf(failing, givenUp)] });
    const error = { code: 'SERVICE_503', message: 'away' };
    expect(views).toMatchObject([
      { state: 'failing', error, retryAt: '2026-11-29T10:00:10.000Z' },
      { state: 'removed', error, retryAt: null },
    ]);
    for (const view of views) expect(hookView.parse(view)).toEqual(view);
  });
});
