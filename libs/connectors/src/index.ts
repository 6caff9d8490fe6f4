import { github } from '#libs/connectors/github';
import type { Connector } from '#libs/connector-kit';
import { slack } from '#libs/connectors/slack';

/** The connectors that come with Millrace. */
export const CONNECTORS: readonly Connector[] = [github, slack];
