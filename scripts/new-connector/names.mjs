const NAME = /^[a-z][a-z0-9-]{1,29}$/;
const HOST = /^[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?(:[0-9]{1,5})?$/;
/** In texts of the code that is made, these would end a string or a cell of a table. */
const TITLE = /^[^'"`\\|\r\n%$]{1,60}$/;

/** Words of the language, and of the specs that are made. */
const WORDS =
  'await break case catch class const continue debugger default delete do else enum export extends false finally fixture for function headers if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield';
/** What types of Millrace itself begin with, and the folder of the list. */
const OWN = 'src trigger http webhook oauth2 smtp imap email wait code';
const TAKEN = new Set(`${WORDS} ${OWN}`.split(' '));

/** What is wrong with what was asked for, and what to do. */
export class Refused extends Error {}

/**
 * What the templates are filled with.
 * @param {{name?: string, title?: string, host?: string}} asked
 */
export function namesOf({ name, title = titleOf(name ?? ''), host = `api.${name}.example` }) {
  if (name === undefined) throw new Refused('a name is missing, e.g. `npm run new:connector -- acme`');
  if (!NAME.test(name) || name.endsWith('-') || name.includes('--'))
    throw new Refused(`"${name}" is no name: 2 to 30 of a-z, 0-9 and single dashes, the first one a letter`);
  if (TAKEN.has(name)) throw new Refused(`"${name}" means something else already`);
  if (!TITLE.test(title)) throw new Refused('the title has 1 to 60 letters, without quotes, |, %, $ or line breaks');
  if (!HOST.test(host)) throw new Refused(`"${host}" is no host, e.g. api.example.com`);
  return { name, title, host, camel: camelOf(name), CODE: name.toUpperCase().replaceAll('-', '_') };
}

function titleOf(name) {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function camelOf(name) {
  return name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/**
 * @param {string} template
 * @param {Readonly<Record<string, string>>} names
 */
export function filled(template, names) {
  return template.replace(/%(\w+)%/g, (placeholder, key) => names[key] ?? placeholder);
}
