const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether HTTP has it as the name of a header. */
export function isHeaderName(name: string): boolean {
  return HEADER_NAME.test(name);
}
