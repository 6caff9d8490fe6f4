import { gateLinesContract, gateValuesContract, InMemoryGateLines, InMemoryGateValues } from './testing/index.ts';

let tokens = 0;
const newToken = (): string => `token-${++tokens}`;

describe('InMemoryGateValues', () => {
  const values = new InMemoryGateValues();
  gateValuesContract(() => values, newToken);
});

describe('InMemoryGateLines', () => {
  const lines = new InMemoryGateLines();
  gateLinesContract(() => lines, newToken);
});
