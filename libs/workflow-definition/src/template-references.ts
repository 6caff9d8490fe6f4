import { isJsonObject, type JsonValue } from '#libs/kernel';
import { fieldsIn } from './config-fields.ts';
import type { WorkflowDefinition } from './definition.ts';
import { formatPath, joinPath } from './problem-path.ts';

/** A place in a definition where a node names the email template that its mails are made from. */
export interface TemplateReference {
  readonly templateId: string;
  /** Undefined for the latest, or for one that an expression names. */
  readonly version: number | undefined;
  readonly nodeId: string;
  /** Of the field `template` in the definition, e.g. `nodes[2].config.template`. */
  readonly path: string;
}

/** Every field `template` with an `id` in the nodes' configs, at any depth but not inside data; not where an expression names it. */
export function templateReferencesOf({ nodes }: Pick<WorkflowDefinition, 'nodes'>): TemplateReference[] {
  return nodes.flatMap(({ id: nodeId, config }, index) =>
    fieldsIn(config, templateIn)
      .filter(({ value }) => !value.templateId.includes('{{'))
      .map(({ steps, value }) => ({
        ...value,
        nodeId,
        path: joinPath(`nodes[${index}].config`, formatPath(steps)),
      })),
  );
}

function templateIn(name: string, value: JsonValue): Pick<TemplateReference, 'templateId' | 'version'> | undefined {
  if (name !== 'template' || !isJsonObject(value) || typeof value.id !== 'string') return undefined;
  return { templateId: value.id, version: typeof value.version === 'number' ? value.version : undefined };
}
