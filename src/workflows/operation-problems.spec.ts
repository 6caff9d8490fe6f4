import type { JsonObject, WorkspaceId } from '#libs/kernel';
import { operationsIn, PET_STORE } from '#libs/openapi-documents/testing';
import type { WorkflowDefinition } from '#libs/workflow-definition';
import { OperationDirectory, type KnownOperation, type WantedOperation } from './operation-directory.ts';
import { operationProblemsIn } from './operation-problems.ts';

/** One document, `oad_1`, with two versions that are the same. */
class PetStore extends OperationDirectory {
  readonly operations = operationsIn(PET_STORE);

  override find = async (_workspaceId: WorkspaceId, wanted: WantedOperation): Promise<KnownOperation> => {
    if (wanted.documentId !== 'oad_1') return { kind: 'noDocument' };
    if (wanted.version > 2) return { kind: 'noVersion', latestVersion: 2 };
    const operation = this.operations.find(({ operationId }) => operationId === wanted.operationId);
    if (operation) return { kind: 'found', operation };
    return { kind: 'noOperation', operationIds: this.operations.map(({ operationId }) => operationId) };
  };
}

const KNOWN = { documentId: 'oad_1', version: 2, operationId: 'listPets', credentialId: 'cr_1' };

async function problemsOf(config: JsonObject): Promise<string[]> {
  const inner = { items: '{{ trigger.body }}', node: { type: 'openapi.request', config } };
  const definition: WorkflowDefinition = {
    ...{ name: 'x', connections: [], settings: { priority: 'normal' } },
    nodes: [{ id: 'loop', type: 'forEach', config: inner }],
  };
  const problems = await operationProblemsIn(definition, 'ws_1' as WorkspaceId, new PetStore());
  return problems.map(({ path, message }) => `${path.replace('nodes[0].config.node.config.', '')}: ${message}`);
}

describe('operations that a definition names', () => {
  it.each<[JsonObject, string[]]>([
    [KNOWN, []],
    [{ ...KNOWN, parameters: { limit: '{{ vars.limit }}' } }, []],
    [{ ...KNOWN, documentId: 'oad_2' }, ['documentId: there is no OpenAPI document "oad_2"']],
    [{ ...KNOWN, version: 3 }, ['version: the OpenAPI document has versions 1 to 2']],
    [
      { ...KNOWN, operationId: 'listPet' },
      ['operationId: is no operation of this OpenAPI document; did you mean "listPets"?'],
    ],
    [{ ...KNOWN, version: '{{ vars.version }}' }, []],
    [
      { documentId: 'oad_1', version: 1, operationId: 'createPet', body: { name: 1 } },
      [
        'body.name: must be string',
        'credentialId: is required: createPet takes http.header named "X-Api-Key" (key), http.bearer (login), oauth2 (login)',
      ],
    ],
  ])('%j', async (config, problems) => expect(await problemsOf(config)).toEqual(problems));
});
