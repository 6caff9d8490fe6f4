import { existsSync, readdirSync } from 'node:fs';
import { CONNECTORS } from './index.ts';

const HOME = new URL('../', import.meta.url);

describe('the connectors', () => {
  const names = CONNECTORS.map(({ name }) => name);

  it('are the folders that there are, each with its contract suite', () => {
    const folders = readdirSync(HOME, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const connectors = folders.map(({ name }) => name).filter((name) => name !== 'src');
    expect(names.toSorted()).toEqual(connectors.toSorted());
    const specs = names.map((name) => `${name}/src/contract.spec.ts`);
    expect(specs.filter((spec) => !existsSync(new URL(spec, HOME)))).toEqual([]);
  });

  it('have types and credential types that no other one has', () => {
    const parts = {
      http: { request: () => Promise.reject(new Error('not here')), [Symbol.asyncDispose]: async () => undefined },
      clock: { nowMs: () => 0 },
      version: '0.0.0',
    };
    const types = CONNECTORS.flatMap((connector) => [...connector.credentialTypes, ...connector.nodeTypes(parts)]);
    const written = types.map(({ type }) => type);
    expect(written.filter((type, index) => written.indexOf(type) !== index)).toEqual([]);
  });
});
