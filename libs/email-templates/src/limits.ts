export const TEMPLATE_LIMITS = {
  /** Of a source, and of a text. */
  sourceBytes: 256 * 1024,
  /** Of a subject as it is written, and as it is rendered. RFC 5322 2.1.1. */
  subjectLength: 998,
  /** Of the HTML that MJML is compiled to. */
  compiledBytes: 1024 * 1024,
  /** Of HTML and text as they are rendered. */
  renderedBytes: 2 * 1024 * 1024,
  /** Tags and outputs of one part. */
  liquidTokens: 5_000,
  /** Blocks inside one another. */
  liquidDepth: 100,
  /** For each part. */
  renderMs: 1_000,
  /** What filters, ranges, captures and outputs of one part may make together, in characters and elements. */
  renderUnits: 8_000_000,
  mjml: {
    elements: 5_000,
    /** Elements inside one another: the compiler's stack ends at some hundreds. */
    depth: 100,
    /** Pictures of one carousel; the styles for them grow with the square. */
    carouselImages: 20,
    /** Elements times the longest attributes that each may take over from others, in characters. */
    attributeUnits: 8_000_000,
    compileMs: 10_000,
    /** Of the heap of the process that compiles. */
    memoryMiB: 512,
    /** At a time; more wait. */
    processes: 2,
    waiting: 20,
  },
} as const;
