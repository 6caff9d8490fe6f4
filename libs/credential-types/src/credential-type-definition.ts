import type { z } from 'zod';

/** A type of credential that a connector brings. */
export interface CredentialTypeDefinition<Type extends string = string, Data = unknown> {
  /** Begins with the connector's name, e.g. `github.app`. */
  readonly type: Type;
  readonly title: string;
  readonly description: string;
  /** Of what people give; messages never repeat it, as it is secret. */
  readonly data: z.ZodType<Data>;
  /** Data as people may give it, with no real secret. */
  readonly example: Data;
  /** Whether `allowedHosts` may bind it. */
  readonly bindsToHosts: boolean;
  /** What of the data must never be seen; the other texts may be shown. */
  secretsOf(data: Data): readonly string[];
}

/** A credential of a connector's type, as a node gets it. */
export type DefinedCredential<Definition extends CredentialTypeDefinition> =
  Definition extends CredentialTypeDefinition<infer Type, infer Data>
    ? { readonly id: string; readonly type: Type; readonly data: Data; readonly allowedHosts: readonly string[] }
    : never;

/** Keeps type and data together for whoever asks for a credential by its definition. */
export function defineCredentialType<const Type extends string, Data>(
  definition: CredentialTypeDefinition<Type, Data>,
): CredentialTypeDefinition<Type, Data> {
  return definition;
}
