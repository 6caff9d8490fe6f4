import { epochMsOf, type Instant } from '#libs/kernel';
import {
  AssignTag,
  CaptureTag,
  Liquid,
  type Context,
  type FilterImplOptions,
  type TagToken,
  type TopLevelToken,
} from 'liquidjs';
import { TEMPLATE_LIMITS } from './limits.ts';

/** Under which a context holds the time; no template can name it. */
const NOW = Symbol('now');

/** What every render is given besides its data. */
export function globalsOf(now: Instant | undefined): object {
  return now === undefined ? {} : { [NOW]: epochMsOf(now) / 1_000 };
}

/** Other files, of which there are none. And `liquid`, whose lines hide from the count of tags. */
const NO_TAGS = ['include', 'render', 'layout', 'block', 'liquid'];
/** The same data gives the same mail. */
const NO_FILTERS = ['sample'];
const DATE_FILTERS = new Set(['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string']);

function createLiquid(outputEscape: 'escape' | undefined): Liquid {
  const liquid = new Liquid({
    ...(outputEscape === undefined ? {} : { outputEscape }),
    // There are no files, and the file system is not asked.
    templates: {},
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    catchAllErrors: true,
    ownPropertyOnly: true,
    parseLimit: TEMPLATE_LIMITS.compiledBytes,
    renderLimit: TEMPLATE_LIMITS.renderMs,
    memoryLimit: TEMPLATE_LIMITS.renderUnits,
    timezoneOffset: 0,
    locale: 'en-US',
  });
  for (const name of NO_TAGS) liquid.registerTag(name, refusedTag(name));
  for (const name of NO_FILTERS) liquid.unregisterFilter(name);
  for (const [name, filter] of Object.entries(liquid.filters)) liquid.registerFilter(name, bounded(name, filter));
  liquid.registerTag('capture', BoundedCapture);
  liquid.registerTag('assign', StrictAssign);
  return liquid;
}

function refusedTag(name: string): Parameters<Liquid['registerTag']>[1] {
  return {
    parse() {
      throw new Error(`there is no tag "${name}" in templates of mails`);
    },
    render() {
      // Never come to.
    },
  };
}

/** LiquidJS looks at the time before each tag, and one output may have thousands of filters. */
function bounded(name: string, filter: FilterImplOptions): FilterImplOptions {
  if (typeof filter !== 'function') return filter;
  const isDate = DATE_FILTERS.has(name);
  return function (value: unknown, ...given: unknown[]): unknown {
    this.context.renderLimit.check(performance.now());
    return filter.call(this, isDate ? withNow(value, this.context) : value, ...given) as unknown;
  };
}

/** The time is that of the caller, in seconds, as date filters take numbers. */
function withNow(value: unknown, { globals }: Context): unknown {
  if (value !== 'now' && value !== 'today') return value;
  if (!(NOW in globals)) throw new Error('the time is not known here');
  return globals[NOW];
}

/** LiquidJS does not count what is captured, and twice itself a hundred times is more than there is memory. */
class BoundedCapture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    yield* super.render(context);
    const captured: unknown = context.bottom()[this.variable];
    if (typeof captured === 'string') context.memoryLimit.use(captured.length);
  }
}

/** LiquidJS takes what is not there for nothing when it is assigned, and nobody hears of it. */
class StrictAssign extends AssignTag {
  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid) {
    super(token, remaining, liquid);
    const options = { ...liquid.options, lenientIf: false };
    this.liquid = Object.create(liquid, { options: { value: options } }) as Liquid;
  }

  override *render(context: Context): Generator<unknown, void, unknown> {
    try {
      yield* super.render(context);
    } catch (error) {
      // What is missing is named, and what it was to be assigned to is not missing as well.
      for (const { content } of this.localScope()) context.bottom()[content] = null;
      throw error;
    }
  }
}

/** For HTML: what is put out is escaped, unless its last filter is `raw`. */
export const HTML_LIQUID = createLiquid('escape');
/** For subjects and texts: what is put out is put out as it is. */
export const TEXT_LIQUID = createLiquid(undefined);
