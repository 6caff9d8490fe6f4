import type { Connector } from '#libs/connector-kit';

/** The connectors that come with Millrace. */
export const CONNECTORS: readonly Connector[] = [];
