import type { Connector } from '#libs/connector-kit';
import { ACTIONS } from './actions/all.ts';
import { OWN_CREDENTIALS } from './credentials.ts';
import { gitHubParts } from './define-action.ts';
import { githubTrigger } from './trigger/trigger.ts';

export const github: Connector = {
  name: 'github',
  title: 'GitHub',
  description: 'Issues, pull requests, releases, files and workflows of GitHub and GitHub Enterprise Server.',
  documentation: 'https://docs.github.com/en/rest',
  credentialTypes: OWN_CREDENTIALS,
  nodeTypes: (parts) => {
    const shared = gitHubParts(parts);
    return [githubTrigger(shared), ...ACTIONS.map((make) => make(shared))];
  },
};
