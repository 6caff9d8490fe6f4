import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { MillraceError, type Problem, type WorkspaceId } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import {
  contentHashOf,
  credentialReferencesOf,
  parseDefinition,
  withCredentials,
  type ParsedDefinition,
  type Publication,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import type { Config } from '../config/config.ts';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { CONFIG } from '../platform/tokens.ts';
import { CredentialDirectory } from './credential-directory.ts';
import { hasMailAddress } from './endpoints-of.ts';
import { OperationDirectory } from './operation-directory.ts';
import { operationProblemsIn } from './operation-problems.ts';
import { TemplateDirectory } from './template-directory.ts';
import { templateProblemsIn } from './template-problems.ts';
import { unsignedProblems, verifiedNodesIn } from './verified-nodes.ts';

/** A definition as it came, and from where. */
export interface DefinitionSource {
  readonly definition: unknown;
  /** Credentials to use instead of those that it names. */
  readonly credentials?: ReadonlyMap<string, string>;
  /** Of the definition in the body; empty when the body is the definition. */
  readonly path?: string;
}

/** Says what is wrong with a definition, in itself and in its workspace. */
@Injectable()
export class CheckDefinition {
  constructor(
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    private readonly credentials: CredentialDirectory,
    private readonly templates: TemplateDirectory,
    private readonly operations: OperationDirectory,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mail'>,
  ) {}

  async check(workspaceId: WorkspaceId, { definition, credentials }: DefinitionSource): Promise<ParsedDefinition> {
    const parsed = parseDefinition(definition, this.nodeTypes);
    if (parsed.kind === 'refused') return parsed;
    const accepted = credentials ? withCredentials(parsed.definition, credentials) : parsed.definition;
    const problems = await this.#problemsHere(workspaceId, accepted);
    return problems.length > 0 ? { kind: 'refused', problems } : { ...parsed, definition: accepted };
  }

  /** What becomes a version. Throws with every problem of the definition. */
  async accept(workspaceId: WorkspaceId, source: DefinitionSource): Promise<Omit<Publication, 'endpoints'>> {
    const checked = await this.check(workspaceId, source);
    if (checked.kind === 'refused') throw invalidWorkflow(checked.problems, source.path);
    const { definition, warnings } = checked;
    return { definition, warnings, contentHash: contentHashOf(definition, sha256) };
  }

  /**
   * Throws when a version that was accepted once can't be active here and now: it names credentials that are gone since or
   * that verify nothing any more, email templates or operations that are gone; nobody could sign what a service calls it with;
   * or it is to have an address where no mail comes in.
   */
  async ensureActivatable(workspaceId: WorkspaceId, definition: WorkflowDefinition): Promise<void> {
    if (!this.config.mail && definition.nodes.some(hasMailAddress)) throw mailNotConfigured();
    const problems = await this.#problemsHere(workspaceId, definition);
    if (problems.length > 0) throw invalidWorkflow(problems);
  }

  /** Of what it names in its workspace. */
  async #problemsHere(workspaceId: WorkspaceId, definition: WorkflowDefinition): Promise<Problem[]> {
    return [
      ...unsignedProblems(definition, this.nodeTypes),
      ...(await this.#credentialProblems(workspaceId, definition)),
      ...(await templateProblemsIn(definition, workspaceId, this.templates)),
      ...(await operationProblemsIn(definition, workspaceId, this.operations)),
    ];
  }

  async #credentialProblems(workspaceId: WorkspaceId, definition: WorkflowDefinition): Promise<Problem[]> {
    const verified = verifiedNodesIn(definition, this.nodeTypes);
    const unfit = verified.map(async ({ path, verify }): Promise<Problem[]> => {
      const message = await this.credentials.whyUnfit(workspaceId, verify);
      return message === undefined ? [] : [{ path, message }];
    });
    const references = new Map<string, string>([
      ...credentialReferencesOf(definition).map(({ path, credentialId }) => [path, credentialId] as const),
      ...verified.map(({ path, verify }) => [path, verify.credentialId] as const),
    ]);
    return [...(await this.#missingCredentials(workspaceId, references)), ...(await Promise.all(unfit)).flat()];
  }

  /** @param references credentials by the paths where they are named */
  async #missingCredentials(workspaceId: WorkspaceId, references: ReadonlyMap<string, string>): Promise<Problem[]> {
    if (references.size === 0) return [];
    const ids = [...new Set(references.values())];
    const missing = new Set(await this.credentials.missing(workspaceId, ids));
    return [...references]
      .filter(([, credentialId]) => missing.has(credentialId))
      .map(([path, credentialId]) => ({ path, message: `there is no credential "${credentialId.slice(0, 64)}"` }));
  }
}

function mailNotConfigured(): MillraceError {
  const message =
    'no mail comes in at this installation, so a mail trigger would never start anything: set MILLRACE_MAIL_DOMAIN';
  return new MillraceError('refused', 'MAIL_NOT_CONFIGURED', message);
}

function invalidWorkflow(found: readonly Problem[], path = ''): MillraceError {
  const problems =
    path === '' ? found : found.map((one) => ({ ...one, path: one.path ? `${path}.${one.path}` : path }));
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new MillraceError('refused', 'INVALID_WORKFLOW', `the workflow has ${count}`, { problems });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
