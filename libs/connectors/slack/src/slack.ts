import type { Connector } from '#libs/connector-kit';
import { deleteMessage, updateMessage } from './actions/change-message.ts';
import { channelHistory } from './actions/channel-history.ts';
import { findChannel } from './actions/find-channel.ts';
import { findUser } from './actions/find-user.ts';
import { addReaction, removeReaction } from './actions/reactions.ts';
import { request } from './actions/request.ts';
import { respond } from './actions/respond.ts';
import { sendMessage } from './actions/send-message.ts';
import { scheduleMessage, sendEphemeral } from './actions/special-messages.ts';
import { uploadFile } from './actions/upload-file.ts';
import { slackToken } from './credentials.ts';
import { slackTrigger } from './trigger/slack-trigger.ts';

const ACTIONS = [
  sendMessage,
  updateMessage,
  deleteMessage,
  sendEphemeral,
  scheduleMessage,
  respond,
  addReaction,
  removeReaction,
  uploadFile,
  findUser,
  findChannel,
  channelHistory,
  request,
];

export const slack: Connector = {
  name: 'slack',
  title: 'Slack',
  description: 'Events, slash commands and buttons of a Slack app; messages, reactions, files and look-ups.',
  documentation: 'https://docs.slack.dev/reference/methods',
  credentialTypes: [slackToken],
  nodeTypes: (parts) => [slackTrigger, ...ACTIONS.map((action) => action(parts))],
};
