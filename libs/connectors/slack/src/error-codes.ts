export type ErrorKind =
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'rateLimited'
  | 'invalid'
  /** Nothing was done, and may be later. */
  | 'unavailable'
  /** Something went wrong at Slack, which may have been after all was done. */
  | 'broken';

// Source: docs.slack.dev, "Errors" of the methods. What is not here has to do with the arguments of the one method.
const WORDS: Readonly<Record<Exclude<ErrorKind, 'invalid'>, readonly string[]>> = {
  unauthenticated: ['account_inactive', 'invalid_auth', 'not_authed', 'token_expired', 'token_revoked'],
  forbidden: [
    'access_denied',
    'accesslimited',
    'action_prohibited',
    'cant_delete_message',
    'cant_post_message',
    'cant_update_message',
    'channel_is_archived',
    'edit_window_closed',
    'ekm_access_denied',
    'enterprise_is_restricted',
    'is_archived',
    'messages_tab_disabled',
    'missing_scope',
    'no_permission',
    'not_allowed_token_type',
    'not_in_channel',
    'org_login_required',
    'posting_to_general_channel_denied',
    'restricted_action',
    'restricted_action_non_threadable_channel',
    'restricted_action_read_only_channel',
    'restricted_action_thread_locked',
    'restricted_action_thread_only_channel',
    'team_access_not_granted',
    'two_factor_setup_required',
    'user_not_in_channel',
  ],
  notFound: [
    'bot_not_found',
    'channel_not_found',
    'duplicate_message_not_found',
    'expired_url',
    'file_not_found',
    'message_not_found',
    'no_item_specified',
    'no_service',
    'team_not_found',
    'thread_not_found',
    'used_url',
    'user_not_found',
    'user_not_visible',
    'users_not_found',
  ],
  rateLimited: ['rate_limited', 'ratelimited'],
  unavailable: ['request_timeout', 'service_unavailable', 'team_added_to_org'],
  broken: ['fatal_error', 'internal_error'],
};

const KINDS: ReadonlyMap<string, ErrorKind> = new Map(
  (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((kind) => WORDS[kind].map((word) => [word, kind] as const)),
);

/** What kind of trouble the `error` of an answer is; a text that is no word of Slack's is something broken on the way. */
export function kindOfError(error: string): ErrorKind {
  return KINDS.get(error) ?? (/^[a-z0-9_-]{1,100}$/i.test(error) ? 'invalid' : 'broken');
}
