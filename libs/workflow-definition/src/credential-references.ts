import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { fieldsIn, isData, type ConfigField } from './config-fields.ts';
import type { WorkflowDefinition } from './definition.ts';
import { formatPath, joinPath } from './problem-path.ts';

/** A place in a definition where a node names the credential that it is to be given when it runs. */
export interface CredentialReference {
  readonly credentialId: string;
  readonly nodeId: string;
  /** Of the field in the definition, e.g. `nodes[2].config.verify.credentialId`. */
  readonly path: string;
}

/** `credentialId`, or what it is for before that where a node takes several: `secretCredentialId`. */
function isCredentialField(name: string): boolean {
  return name === 'credentialId' || name.endsWith('CredentialId');
}

/** Every field that names a credential in the nodes' configs, at any depth but not inside data. */
export function credentialReferencesOf({ nodes }: Pick<WorkflowDefinition, 'nodes'>): CredentialReference[] {
  return nodes.flatMap(({ id, config }, index) =>
    credentialFieldsIn(config).map(({ steps, value }) => ({
      credentialId: value,
      nodeId: id,
      path: joinPath(`nodes[${index}].config`, formatPath(steps)),
    })),
  );
}

/** Credentials are named literally: which ones a workflow needs must be known without running it. `path` is the config's. */
export function checkCredentialFields(config: JsonObject, path: string): Problem[] {
  return credentialFieldsIn(config)
    .filter(({ value }) => value.includes('{{'))
    .map(({ steps }) => ({
      path: joinPath(path, formatPath(steps)),
      message: 'must be the id of a credential as it is; an expression is not evaluated here',
    }));
}

/** The definition with each credential that the map has replaced by what it has for it. */
export function withCredentials(
  definition: WorkflowDefinition,
  replacements: ReadonlyMap<string, string>,
): WorkflowDefinition {
  const replaced = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map((item: JsonValue) => replaced(item));
    return isJsonObject(value) ? replacedIn(value) : value;
  };
  const replacedIn = (config: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]): [string, JsonValue] => {
        if (isData(key)) return [key, value];
        if (isCredentialField(key) && typeof value === 'string') return [key, replacements.get(value) ?? value];
        return [key, replaced(value)];
      }),
    );
  return { ...definition, nodes: definition.nodes.map((node) => ({ ...node, config: replacedIn(node.config) })) };
}

function credentialFieldsIn(config: JsonObject): ConfigField<string>[] {
  return fieldsIn(config, (name, value) => (isCredentialField(name) && typeof value === 'string' ? value : undefined));
}
