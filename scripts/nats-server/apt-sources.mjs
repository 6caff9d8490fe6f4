// What the system's own apt sources say. Their files are read, as apt's lists are empty on a fresh image.

/**
 * @typedef {{ uri: string, suites: string[], components: string[], signedBy?: string }} AptSource
 */

/**
 * One-line style, as in sources.list.
 * @param {string} text
 * @returns {AptSource[]}
 */
export function parseListFile(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    if (!match) return [];
    const [, options = '', uri, suite, components] = match;
    const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
    return [{ uri, suites: [suite], components: words(components), ...(signedBy ? { signedBy } : {}) }];
  });
}

/**
 * deb822 style, as in debian.sources: stanzas of fields, whose values may go on in indented lines.
 * @param {string} text
 * @returns {AptSource[]}
 */
export function parseSourcesFile(text) {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n[ \t]*\n/).flatMap((stanza) => {
    const fields = parseFields(stanza);
    const enabled = fields.get('enabled')?.toLowerCase() !== 'no';
    if (!enabled || !words(fields.get('types')).includes('deb')) return [];
    const signedBy = fields.get('signed-by');
    return words(fields.get('uris')).map((uri) => ({
      uri,
      suites: words(fields.get('suites')),
      components: words(fields.get('components')),
      // The field may also hold a whole key instead of the path of one.
      ...(signedBy?.startsWith('/') ? { signedBy } : {}),
    }));
  });
}

/**
 * The source that the system gets its own release from.
 * @param {readonly AptSource[]} sources
 * @param {readonly string[]} releases what that release is called
 * @returns {AptSource | undefined}
 */
export function chooseSource(sources, releases) {
  return sources.find(
    ({ uri, suites, components }) =>
      !uri.startsWith('cdrom:') && components.includes('main') && suites.some((suite) => releases.includes(suite)),
  );
}

/**
 * os-release: NAME=value or NAME="value" in each line.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseOsRelease(text) {
  const pairs = text.split('\n').map((line) => /^([A-Z_]+)=["']?(.*?)["']?\s*$/.exec(line));
  return Object.fromEntries(pairs.flatMap((match) => (match ? [[match[1], match[2]]] : [])));
}

function parseFields(stanza) {
  const unfolded = stanza.replace(/\n[ \t]+/g, ' ');
  const pairs = unfolded.split('\n').map((line) => /^([A-Za-z-]+):\s*(.*?)\s*$/.exec(line));
  return new Map(pairs.flatMap((match) => (match ? [[match[1].toLowerCase(), match[2]]] : [])));
}

function words(text = '') {
  return text.split(/\s+/).filter(Boolean);
}
