import { nodeTypeNameOf, type NodeTypes } from '#libs/node-kit';
import { didYouMean } from './suggest.ts';

const LONGEST_SHOWN = 64;

/** Says that the installation does not have the type, and what it has instead: other versions of it, or one named alike. */
export function unknownNodeType(type: string, nodeTypes: NodeTypes): string {
  const { name, version } = nodeTypeNameOf(type);
  const versions = versionsOf(name, nodeTypes);
  if (versions.length === 0) return `there is no node type "${shown(type)}"${didYouMean(type, nodeTypes.keys())}`;
  return `there is no version ${version} of "${shown(name)}", only ${versions.join(', ')}`;
}

/** Of those that are installed, oldest first. */
export function versionsOf(name: string, nodeTypes: NodeTypes): readonly number[] {
  return [...nodeTypes.keys()]
    .map(nodeTypeNameOf)
    .filter((one) => one.name === name)
    .map(({ version }) => version)
    .sort((one, other) => one - other);
}

function shown(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
