import { refusedBy, runNode } from '../testing/run-nodes.ts';
import { noopNode } from './noop.ts';

describe('noop', () => {
  it('gives an empty object, by way of an executor of its own', async () => {
    expect(noopNode).toMatchObject({ kind: 'action', runs: 'executor', executor: 'noop' });
    await expect(runNode(noopNode, {})).resolves.toEqual({});
  });

  it('takes no config', () => {
    expect(refusedBy(noopNode, { a: 1 })).toEqual(['']);
  });
});
