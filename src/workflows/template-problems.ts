import type { Problem, WorkspaceId } from '#libs/kernel';
import { templateReferencesOf, type TemplateReference, type WorkflowDefinition } from '#libs/workflow-definition';
import type { TemplateDirectory } from './template-directory.ts';

/** Email templates that a definition names and that are not there. */
export async function templateProblemsIn(
  definition: WorkflowDefinition,
  workspaceId: WorkspaceId,
  templates: TemplateDirectory,
): Promise<Problem[]> {
  const references = templateReferencesOf(definition);
  if (references.length === 0) return [];
  const ids = [...new Set(references.map(({ templateId }) => templateId))];
  const latest = await templates.latestVersions(workspaceId, ids);
  return references.flatMap((reference) => problemOf(reference, latest.get(reference.templateId)) ?? []);
}

function problemOf({ path, templateId, version }: TemplateReference, latest: number | undefined): Problem | undefined {
  if (latest === undefined) {
    return { path: `${path}.id`, message: `there is no email template "${templateId.slice(0, 64)}"` };
  }
  if (version === undefined || version <= latest) return undefined;
  return { path: `${path}.version`, message: `the email template has versions 1 to ${latest}` };
}
