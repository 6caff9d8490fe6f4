import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { fieldsIn } from './config-fields.ts';
import type { WorkflowDefinition } from './definition.ts';
import { formatPath, joinPath } from './problem-path.ts';

/** A node that calls an operation of a stored OpenAPI document. */
export interface OpenApiReference {
  readonly documentId: string;
  /** As it is written, like what it is called with. */
  readonly config: JsonObject;
  readonly nodeId: string;
  /** Of the config in the definition, e.g. `nodes[2].config`. */
  readonly path: string;
}

const TYPE = 'openapi.request';

/** Every node of the type, also those that a loop works on its items with. */
export function openApiReferencesOf({ nodes }: Pick<WorkflowDefinition, 'nodes'>): OpenApiReference[] {
  return nodes.flatMap(({ id: nodeId, type, config }, index) => {
    const path = `nodes[${index}].config`;
    const inner = fieldsIn(config, innerConfig).map(({ steps, value }) => ({
      config: value,
      path: joinPath(path, formatPath([...steps, 'config'])),
    }));
    return [...(type === TYPE ? [{ config, path }] : []), ...inner].flatMap((found) => {
      const { documentId } = found.config;
      return typeof documentId === 'string' ? [{ documentId, nodeId, ...found }] : [];
    });
  });
}

function innerConfig(name: string, value: JsonValue): JsonObject | undefined {
  if (name !== 'node' || !isJsonObject(value) || value.type !== TYPE) return undefined;
  return isJsonObject(value.config) ? value.config : undefined;
}
