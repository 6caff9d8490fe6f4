import { TEMPLATE_LIMITS } from '../limits.ts';
import { checkNesting, type Misplaced, type Parents, type TagToken } from './check-nesting.ts';
import type { Hole, Holes } from './liquid-holes.ts';
import type { MarkupToken, ScannedMarkup } from './scan-markup.ts';

const ELEMENTS = new Set(
  (
    'mjml mj-head mj-body mj-attributes mj-all mj-class mj-breakpoint mj-font mj-html-attributes mj-selector ' +
    'mj-html-attribute mj-preview mj-style mj-title mj-raw mj-accordion mj-accordion-element mj-accordion-title ' +
    'mj-accordion-text mj-button mj-carousel mj-carousel-image mj-column mj-divider mj-group mj-hero mj-image mj-navbar ' +
    'mj-navbar-link mj-section mj-social mj-social-element mj-spacer mj-table mj-text mj-wrapper'
  ).split(' '),
);
/** MJML takes elements of its own in them and nothing else. */
const CLOSED_TO_TEXT = new Set([
  ...['mjml', 'mj-head', 'mj-attributes', 'mj-class', 'mj-social', 'mj-navbar', 'mj-accordion', 'mj-accordion-element'],
  ...['mj-carousel', 'mj-html-attributes', 'mj-selector'],
]);

/** What MJML would refuse without a word that helps, lose, or make too much of. In order of place. */
export function checkMjml(holes: Holes, scanned: ScannedMarkup) {
  const { tokens } = scanned;
  const { problem, parents } = checkNesting(scanned);
  const places = placesOf(holes, tokens, parents);
  const misplaced = [
    ...(problem ? [problem] : []),
    ...checkRoot(tokens),
    ...checkElements(holes, tokens),
    ...checkPlaces(places),
    ...checkSize(tokens),
  ];
  return { misplaced: misplaced.sort((one, other) => one.offset - other.offset), places };
}

function checkRoot(tokens: readonly MarkupToken[]): readonly Misplaced[] {
  const root = tokens.find((token): token is TagToken => token.kind !== 'comment');
  return root?.name === 'mjml' ? [] : [{ offset: root?.begin ?? 0, message: 'it must begin with <mjml>' }];
}

function checkElements(holes: Holes, tokens: readonly MarkupToken[]): readonly Misplaced[] {
  return tokens.flatMap((token) => {
    if (token.kind === 'comment' || token.kind === 'close') return [];
    const { name, begin: offset } = token;
    if (name === 'mj-include') return [{ offset, message: 'mj-include is not there: a template has no other files' }];
    if (/^mj-/i.test(name) && !ELEMENTS.has(name)) return [{ offset, message: `MJML has no <${name}>` }];
    return twiceIn(holes, token);
  });
}

function checkPlaces(places: readonly Place[]): readonly Misplaced[] {
  return places.flatMap(({ begin, piece, tag, parent }) => {
    const message = tag ? misplacedInTag(tag, begin) : misplacedInText(parent);
    return message === undefined ? [] : [{ offset: begin, message: `${shortOf(piece.liquid)} ${message}` }];
  });
}

/** Of two attributes of one name MJML keeps one, whatever `if` and `else` are around them. */
function twiceIn(holes: Holes, { attributes }: TagToken): readonly Misplaced[] {
  const names = new Set<string>();
  return attributes
    .map(({ name, begin: offset }) => ({ name: holes.without(name), offset }))
    .filter(({ name }) => name !== '' && names.size === names.add(name).size)
    .map(({ name, offset }) => ({
      offset,
      message: `the attribute ${name} stands twice; write it once, with Liquid in its value`,
    }));
}

export interface Place extends Hole {
  readonly tag: MarkupToken | undefined;
  /** Of the text that it is in, where it is in no tag and no comment. */
  readonly parent: string | undefined;
}

function placesOf(holes: Holes, tokens: readonly MarkupToken[], parents: Parents): readonly Place[] {
  let next = 0;
  return holes.holesIn(holes.text).map((hole) => {
    let token = tokens[next];
    while (token && token.end <= hole.begin) token = tokens[++next];
    const tag = token && token.begin <= hole.begin ? token : undefined;
    return { ...hole, tag, parent: tag ? undefined : parents[next - 1] };
  });
}

function misplacedInTag(token: MarkupToken, offset: number): string | undefined {
  // Elements of HTML are taken over as they are.
  if (token.kind === 'comment' || !token.name.startsWith('mj')) return undefined;
  return isInValue(token, offset)
    ? undefined
    : 'may stand in the value of an attribute, and nowhere else in a tag of MJML';
}

export function isInValue({ attributes }: TagToken, offset: number): boolean {
  return attributes.some(
    ({ value, name, begin, end }) => value !== undefined && offset >= begin + name.length && offset < end,
  );
}

function misplacedInText(parent: string | undefined): string | undefined {
  if (parent === undefined || !CLOSED_TO_TEXT.has(parent)) return undefined;
  return `can not stand directly in <${parent}>: MJML takes no text there`;
}

function shortOf(liquid: string): string {
  return liquid.length > 60 ? `${liquid.slice(0, 59)}…` : liquid;
}

function checkSize(tokens: readonly MarkupToken[]): readonly Misplaced[] {
  const limits = TEMPLATE_LIMITS.mjml;
  const elements = tokens.flatMap((token) => (token.kind === 'open' || token.kind === 'empty' ? [token] : []));
  if (elements.length > limits.elements)
    return [{ offset: 0, message: `it has more than ${limits.elements} elements` }];
  const units = elements.length * (longestOf(elements) + defaultsOf(elements));
  if (units > limits.attributeUnits) {
    return [{ offset: 0, message: 'its attributes are too long for so many elements' }];
  }
  const images = elements.filter(({ name }) => name === 'mj-carousel-image');
  const tooMany = images[limits.carouselImages];
  return tooMany
    ? [{ offset: tooMany.begin, message: `more than ${limits.carouselImages} pictures in carousels` }]
    : [];
}

/** Elements take attributes over from the one that they are in. */
function longestOf(elements: readonly MarkupToken[]): number {
  return Math.max(0, ...elements.map(({ begin, end }) => end - begin));
}

/** And from those that are for all of a kind. */
function defaultsOf(elements: readonly TagToken[]): number {
  const last = elements.findLastIndex(({ name }) => name === 'mj-class' || name === 'mj-all');
  const from = elements.findIndex(({ name }) => name === 'mj-attributes');
  if (from < 0) return 0;
  const body = elements.findIndex(({ name }) => name === 'mj-body');
  return elements.slice(from, Math.max(body, last + 1)).reduce((sum, { begin, end }) => sum + end - begin, 0);
}
