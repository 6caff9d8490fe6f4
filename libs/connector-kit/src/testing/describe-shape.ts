import { existsSync, readFileSync } from 'node:fs';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { defineNodeType, nodeTypeNameOf, type NodeType } from '#libs/node-kit';
import { parseDefinition } from '#libs/workflow-definition';
import * as fc from 'fast-check';
import { z } from 'zod';
import type { Connector } from '../connector.ts';
import { jsonSchemaOf, untoldFields } from './config-fields.ts';
import { typesOf } from './world.ts';

const NAME = /^[a-z][a-z0-9-]{1,29}$/;

/** What can be said of a connector without a service: run for each one that there is. */
export function describeShape(connector: Connector): void {
  const types = typesOf(connector);
  const { name } = connector;

  describe(`${name} by its shape`, () => {
    it('says what it is', () => {
      expect(name).toMatch(NAME);
      expect(connector.title).not.toBe('');
      expect(connector.description).toMatch(/\.$/);
      expect(connector.documentation).toMatch(/^https:\/\//);
      expect(new Set(types.map(({ type }) => type)).size).toBe(types.length);
    });

    it('names each of its types where people read of it: in its README, or in the guide of its name', () => {
      const readme = readFileSync(new URL(`../../../connectors/${name}/README.md`, import.meta.url), 'utf8');
      const guide = new URL(`../../../../docs/${name}.md`, import.meta.url);
      const told = `${readme}${existsSync(guide) ? readFileSync(guide, 'utf8') : ''}`;
      const all = [...types, ...connector.credentialTypes].map(({ type }) => type);
      expect(all.filter((type) => !told.includes(`\`${type}\``))).toEqual([]);
    });

    describe.each(types.map((nodeType) => [nodeType.type, nodeType] as const))('%s', (_, nodeType) => {
      describeNodeType(nodeType, connector, types);
    });

    describe.each(connector.credentialTypes.map((one) => [one.type, one] as const))('%s', (_, definition) => {
      it('says what each field is for, and has an example with a secret', () => {
        expect(definition.type).toMatch(new RegExp(`^${name}\\.`));
        expect(definition.title).not.toBe('');
        expect(definition.description).toMatch(/\.$/);
        expect(untoldFields(jsonSchemaOf(definition.data))).toEqual([]);
        const secrets = definition.secretsOf(definition.data.parse(definition.example));
        expect(secrets.length).toBeGreaterThan(0);
        expect(secrets.filter((secret) => secret === '')).toEqual([]);
      });

      it('refuses data without repeating it', () => {
        const example: unknown = definition.example;
        const fields = isJsonObject(example) ? Object.keys(example) : [];
        const bad = fields.map((field) => ({ ...(example as JsonObject), [field]: 'canary \u0000 \u00e4 canary' }));
        const told = [...bad, 'canary', null].map((data) => definition.data.safeParse(data).error?.message ?? '');
        expect(told.filter((message) => message.includes('canary'))).toEqual([]);
      });
    });
  });
}

function describeNodeType(nodeType: NodeType, { name }: Connector, types: readonly NodeType[]): void {
  it('is named for its service, and says what each field is for', () => {
    const pattern = nodeType.runs === 'trigger' ? `^trigger\\.${name}(\\.|@|$)` : `^${name}\\.`;
    expect(nodeType.type).toMatch(new RegExp(pattern));
    expect(nodeType.title).not.toBe('');
    expect(nodeType.description).toMatch(/\.$/);
    expect(untoldFields(jsonSchemaOf(nodeType.configSchema))).toEqual([]);
  });

  it('has examples that a workflow may have', () => {
    const { examples = [] } = nodeType;
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.flatMap((example) => problemsOf(nodeType, example))).toEqual([]);
  });

  it('makes something of any config as written', () => {
    fc.assert(
      fc.property(anyConfigFor(nodeType), (config) => {
        expect(nodeType.outputsOf(config).length).toBeGreaterThan(0);
        nodeType.check?.(config);
        expect(isJsonObject(nodeType.upgrade?.(config).config ?? {})).toBe(true);
        if (nodeType.runs === 'trigger') nodeType.concurrencyOf?.(config);
      }),
      { numRuns: 50 },
    );
  });

  const { deprecated } = nodeType;
  if (deprecated) {
    it('is replaced by a version that takes its configs over', () => {
      const newer = types.find(({ type }) => type === deprecated.replacedBy);
      // It is put into a warning, behind its beginning.
      expect(deprecated.reason).toMatch(/[^.]$/);
      expect(newer?.deprecated).toBeUndefined();
      const isSameName = nodeTypeNameOf(deprecated.replacedBy).name === nodeTypeNameOf(nodeType.type).name;
      if (!newer || !isSameName) return expect(newer).toBeDefined();
      const upgraded = (nodeType.examples ?? []).map((example) => newer.upgrade?.(example).config ?? example);
      expect(upgraded.flatMap((config) => problemsOf(newer, config))).toEqual([]);
    });
  }
}

/** Fields that the type has with anything in them, and others. */
function anyConfigFor(nodeType: NodeType): fc.Arbitrary<JsonObject> {
  const { properties } = jsonSchemaOf(nodeType.configSchema);
  const names = isJsonObject(properties) ? Object.keys(properties) : [];
  const [first = {}] = nodeType.examples ?? [];
  const known = fc.constantFrom(...names, 'other', '__proto__');
  return fc
    .dictionary(known, fc.jsonValue({ maxDepth: 3 }))
    .chain((junk) => fc.constantFrom({ ...junk }, { ...first, ...junk }))
    .map((config) => JSON.parse(JSON.stringify(config)) as JsonObject);
}

const configSchema = z.strictObject({});
const start = defineNodeType({
  type: 'start',
  kind: 'trigger',
  title: 'Start',
  description: 'Starts.',
  runs: 'trigger',
  configSchema,
  outputsOf: () => ['main'],
});
const end = defineNodeType({
  type: 'end',
  kind: 'action',
  title: 'End',
  description: 'Ends.',
  runs: 'decision',
  configSchema,
  outputsOf: () => ['main'],
  compute: () => ({ output: null, leavesBy: ['main'] }),
});

/** What is wrong with a config when a workflow with it is published. */
function problemsOf(nodeType: NodeType, config: JsonObject): readonly string[] {
  const isTrigger = nodeType.runs === 'trigger';
  const own = { id: 'own', type: nodeType.type, config };
  const nodes = isTrigger ? [own, { id: 'end', type: 'end' }] : [{ id: 'start', type: 'start' }, own];
  const connections = [{ from: nodes[0]?.id ?? '', to: nodes[1]?.id ?? '' }];
  const nodeTypes = new Map([start, end, nodeType].map((one) => [one.type, one]));
  const parsed = parseDefinition({ name: 'Example', nodes, connections }, nodeTypes);
  return parsed.kind === 'refused' ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}
