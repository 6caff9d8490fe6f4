import { parseDefinition, planWorkflow, publishedConfigSchema } from '#libs/workflow-definition';
import { createCodeSandbox } from '#libs/code-sandbox';
import { createOutboundHttp } from '#libs/outbound-http';
import { createOutboundMail } from '#libs/outbound-mail';
import fc from 'fast-check';
import type { JsonObject } from '#libs/kernel';
import { builtInNodeTypes } from './built-in.ts';
import { LateMailTemplates } from './email-send/late-mail-templates.ts';
import { LateOpenApiOperations } from './openapi-request/late-openapi-operations.ts';
import { LateMailRecords } from './email-send/late-mail-records.ts';

describe('the built-in node types', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: false });
  const sandbox = createCodeSandbox({ threads: 1 });
  const clock = { nowMs: () => 0 };
  const mail = createOutboundMail({ allowPrivateNetwork: false, clock });
  const nodeTypes = builtInNodeTypes({
    ...{ http, mail, sandbox, clock },
    mailRecords: new LateMailRecords(),
    mailTemplates: new LateMailTemplates(),
    openApiOperations: new LateOpenApiOperations(),
    version: '1.2.3',
  });
  afterAll(async () => {
    await http[Symbol.asyncDispose]();
    await mail[Symbol.asyncDispose]();
    await sandbox[Symbol.asyncDispose]();
  });

  it('are known by their types', () => {
    expect([...nodeTypes.keys()]).toEqual([
      'trigger.manual',
      'trigger.webhook',
      'trigger.email',
      'trigger.schedule',
      'if',
      'switch',
      'filter',
      'set',
      'merge',
      'aggregate',
      'respond',
      'noop',
      'wait.delay',
      'wait.until',
      'wait.signal',
      'forEach',
      'subworkflow',
      'fail',
      'http.request',
      'openapi.request',
      'code',
      'email.send',
    ]);
    for (const [type, nodeType] of nodeTypes) expect(nodeType.type).toBe(type);
  });

  it.each([...nodeTypes.values()])(
    '$type publishes its config as JSON Schema that refuses unknown fields',
    (nodeType) => {
      expect(publishedConfigSchema(nodeType)).toMatchObject({ type: 'object', additionalProperties: false });
    },
  );

  it.each([...nodeTypes.values()])('$type can look at any config without breaking', (nodeType) => {
    const fields = Object.keys((publishedConfigSchema(nodeType).properties ?? {}) as object);
    const config = fc.dictionary(fc.oneof(fc.constantFrom('x', ...fields), fc.string()), fc.jsonValue({ maxDepth: 3 }));
    fc.assert(
      fc.property(config, (written) => {
        const json = JSON.parse(JSON.stringify(written)) as JsonObject;
        nodeType.check?.(json);
        expect(nodeType.outputsOf(json).every((output) => typeof output === 'string')).toBe(true);
      }),
    );
  });

  it('publish the example of the contract', () => {
    const parsed = parseDefinition(
      {
        name: 'Big orders',
        nodes: [
          { id: 'order', type: 'trigger.webhook', config: { method: 'POST' } },
          { id: 'big', type: 'if', config: { condition: '{{ trigger.body.amount > 100 }}' } },
          {
            id: 'shape',
            type: 'set',
            config: { values: { id: '{{ trigger.body.orderId }}', text: 'Order {{ trigger.body.orderId }} is big' } },
          },
          {
            id: 'notify',
            type: 'http.request',
            config: { method: 'POST', url: 'https://example.com/big', json: '{{ nodes.shape.output }}' },
            retry: { maxAttempts: 5, backoff: 'exponential', initialMs: 1000, maxMs: 60000, jitter: true },
            timeoutMs: 10000,
            onError: 'fail',
          },
        ],
        connections: [
          { from: 'order', to: 'big' },
          { from: 'big', output: 'true', to: 'shape' },
          { from: 'shape', to: 'notify' },
        ],
        settings: {
          timeoutMs: 3600000,
          priority: 'normal',
          concurrency: { limit: 10, key: '{{ trigger.body.customer.id }}' },
        },
      },
      nodeTypes,
    );
    if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.warnings).toEqual([]);
    const plan = planWorkflow({ workflowId: 'wf_1', version: 1, definition: parsed.definition, nodeTypes });
    const scope = {
      trigger: { body: { orderId: 7, amount: 250 } },
      nodes: { shape: { output: { id: 7 } } },
      execution: { id: 'ex_1', startedAt: '2026-11-23T10:00:00.000Z' },
      workflow: { id: 'wf_1', version: 1, name: 'Big orders' },
      vars: {},
    };
    const [big, shape, notify] = ['big', 'shape', 'notify'].map((id) => plan.nodes.get(id));
    expect(big?.runs === 'decision' && big.compute(scope, [])).toEqual({ output: null, leavesBy: ['true'] });
    expect(shape?.runs === 'decision' && shape.compute(scope, []).output).toEqual({ id: 7, text: 'Order 7 is big' });
    expect(notify?.runs === 'executor' && notify.resolveConfig(scope)).toMatchObject({
      method: 'POST',
      json: { id: 7 },
    });
  });
});
