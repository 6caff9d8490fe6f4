import openapiTS, { astToString } from 'openapi-typescript';

const HEAD = `// Made by \`npm run client\` from /openapi.json. Not edited by hand: change what the routes declare.

`;

/**
 * The types of a client as TypeScript, out of an OpenAPI document.
 * @param {object} document
 */
export async function clientSourceOf(document) {
  const tree = await openapiTS(document, { alphabetize: true });
  return HEAD + astToString(tree);
}
