import type { Connector } from '../connector.ts';
import { describeAction } from './describe-action.ts';
import { describeShape } from './describe-shape.ts';
import { describeTrigger } from './describe-trigger.ts';
import type { ConnectorSetup } from './setup.ts';
import { typesOf } from './world.ts';

/** What every connector promises; each runs it with a setup of its own. */
export function describeConnector(connector: Connector, setup: ConnectorSetup): void {
  const types = typesOf(connector);
  describeShape(connector);

  describe(`${connector.name} keeps the contract of connectors`, () => {
    it('has scenarios for the types that it has, and for no others', () => {
      const known = types.map(({ type }) => type);
      const given = [...Object.keys(setup.actions), ...Object.keys(setup.triggers ?? {})];
      expect(given.filter((type) => !known.includes(type))).toEqual([]);
    });

    it('has a credential of each of its types', () => {
      const given = setup.credentials('http://127.0.0.1:9').map(({ type }) => type);
      expect(connector.credentialTypes.map(({ type }) => type).filter((type) => !given.includes(type))).toEqual([]);
    });

    for (const { type, runs } of types) {
      if (runs === 'executor') describeAction(type, connector, setup);
      if (runs === 'trigger') describeTrigger(type, connector, setup);
    }
  });
}
