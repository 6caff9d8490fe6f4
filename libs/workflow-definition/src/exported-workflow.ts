import { isJsonObject, type Problem } from '#libs/kernel';
import { z } from 'zod';
import { credentialReferencesOf, type CredentialReference } from './credential-references.ts';
import { definitionSchema } from './definition-schema.ts';
import type { WorkflowDefinition } from './definition.ts';
import { EXAMPLE_DEFINITION } from './example-definition.ts';
import { schemaProblems } from './schema-problems.ts';

export const EXPORT_FORMAT = 'millrace.workflow/1';

/** A workflow to take elsewhere. Holds no secret: credentials are named by their ids, which mean something at home only. */
export interface ExportedWorkflow {
  readonly format: typeof EXPORT_FORMAT;
  readonly workflow: WorkflowDefinition;
  readonly requires: { readonly credentials: readonly ExportedReference[] };
}

/** `path` is that of the field in the exported `workflow`. */
export interface ExportedReference {
  readonly id: string;
  readonly nodeId: string;
  readonly path: string;
}

export function exportWorkflow(definition: WorkflowDefinition): ExportedWorkflow {
  const { name, nodes, connections, settings } = definition;
  return {
    format: EXPORT_FORMAT,
    workflow: { name, nodes, connections, settings },
    requires: { credentials: credentialReferencesOf(definition).map(exportedReference) },
  };
}

function exportedReference({ credentialId, nodeId, path }: CredentialReference): ExportedReference {
  return { id: credentialId, nodeId, path };
}

const exportedReferenceSchema = z.object({ id: z.string(), nodeId: z.string(), path: z.string() });

/** What an export answers. */
export const exportedWorkflowSchema: z.ZodType<ExportedWorkflow> = z
  .object({
    format: z.literal(EXPORT_FORMAT),
    workflow: definitionSchema,
    requires: z.object({
      credentials: z
        .array(exportedReferenceSchema)
        .meta({ description: 'Credentials that the nodes name. They are not part of the export.' }),
    }),
  })
  .meta({
    id: 'ExportedWorkflow',
    description: 'A workflow to take elsewhere, without its secrets.',
    examples: [exportWorkflow(EXAMPLE_DEFINITION)],
  });

const replacementId = z.string().regex(/^[\w-]{1,100}$/, 'must be the id of a credential');

const importEnvelope = {
  format: z.literal(EXPORT_FORMAT, `must be "${EXPORT_FORMAT}"`),
  exportedAt: z.string().max(100).optional(),
  requires: z.unknown().meta({ description: 'Taken as it was exported, and not looked at.' }).optional(),
  credentials: z
    .record(z.string(), replacementId)
    .meta({ description: 'Ids of credentials in the export → ids of credentials of this workspace.' })
    .optional(),
};
/** The definition is left to parseDefinition, which names every problem in it. */
const importSchema = z.strictObject({ ...importEnvelope, workflow: z.unknown() });

/** As the document shows it: an export with the credentials to use instead of those that it names, or a definition. */
export const importableWorkflowSchema = z
  .union([z.strictObject({ ...importEnvelope, workflow: definitionSchema }), definitionSchema])
  .meta({
    id: 'ImportableWorkflow',
    description: 'An export, with the credentials to use instead of those that it names; or a bare definition.',
    examples: [{ ...exportWorkflow(EXAMPLE_DEFINITION), credentials: {} }],
  });

export type ReadImport =
  | {
      readonly kind: 'read';
      /** Not checked yet. */
      readonly definition: unknown;
      /** Of the definition in the input; empty when the input is the definition. */
      readonly path: '' | 'workflow';
      readonly credentials: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** An export, or a bare definition, which has no field `format`. */
export function readImport(input: unknown): ReadImport {
  if (!isJsonObject(input) || !Object.hasOwn(input, 'format')) {
    return { kind: 'read', definition: input, path: '', credentials: new Map() };
  }
  const parsed = importSchema.safeParse(input);
  if (!parsed.success) return { kind: 'refused', problems: schemaProblems(parsed.error.issues, '') };
  const { workflow, credentials = {} } = parsed.data;
  return { kind: 'read', definition: workflow, path: 'workflow', credentials: new Map(Object.entries(credentials)) };
}
