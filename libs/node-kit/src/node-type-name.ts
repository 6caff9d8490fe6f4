/** A node type by its name, and which version of it: `github.issue.create@2` is the second one of `github.issue.create`. */
export interface NodeTypeName {
  readonly name: string;
  /** From 1, which is not written. */
  readonly version: number;
}

const VERSIONED = /^(?<name>[^@]+)@(?<version>[2-9]|[1-9][0-9]{1,3})$/;

/** Any text has a name; what is no version belongs to it. */
export function nodeTypeNameOf(type: string): NodeTypeName {
  const { name, version } = VERSIONED.exec(type)?.groups ?? {};
  return name === undefined ? { name: type, version: 1 } : { name, version: Number(version) };
}

export function writtenNodeType({ name, version }: NodeTypeName): string {
  return version === 1 ? name : `${name}@${version}`;
}
