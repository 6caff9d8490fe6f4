import { tryParseId } from '#libs/kernel';
import { parseConfig } from '../config/config.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { Operators } from './operators.ts';

function accessOf(workspace: string): Access {
  const workspaceId = tryParseId('workspace', workspace);
  if (!workspaceId) throw new Error(`${workspace} is not the id of a workspace`);
  return { actor: { type: 'user', id: 'usr_1' }, workspaceId, role: 'owner' };
}

describe('operators', () => {
  it('are the owners of every workspace, unless the installation names some', () => {
    expect(() => new Operators(parseConfig({})).ensure(accessOf('ws_any'))).not.toThrow();
  });

  it('are the owners of the workspaces that it names, and nobody else', () => {
    const operators = new Operators(parseConfig({ MILLRACE_OPERATORS: 'ws_a,ws_b' }));
    expect(() => operators.ensure(accessOf('ws_b'))).not.toThrow();
    expect(() => operators.ensure(accessOf('ws_c'))).toThrow(/MILLRACE_OPERATORS/);
  });
});
