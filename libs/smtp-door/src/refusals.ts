import type { Refusal } from './types.ts';

const refusal = (replyCode: number, enhancedCode: string, text: string): Refusal => ({ replyCode, enhancedCode, text });

/** What the door says by itself. Texts say what the client can do, and nothing of who else is here. */
export const REFUSALS = {
  closing: refusal(421, '4.3.2', 'The service is shutting down, try again later'),
  tooManyConnections: refusal(421, '4.7.0', 'Too many connections, try again later'),
  tooManyMessages: refusal(421, '4.7.0', 'Too many messages on one connection, connect again'),
  tooFast: refusal(450, '4.7.1', 'Too many messages within a minute, try again later'),
  noRoom: refusal(452, '4.3.1', 'No room for the message now, try again later'),
  tooManyRefused: refusal(421, '4.7.1', 'Too many recipients that do not exist'),
  noSuchRecipient: refusal(550, '5.1.1', 'No such recipient here'),
  tooLarge: refusal(552, '5.3.4', 'The message is too large'),
  tooSlow: refusal(421, '4.4.2', 'The message took too long'),
  loop: refusal(554, '5.4.6', 'The message goes in circles: too many Received headers'),
  fault: refusal(451, '4.3.0', 'Something is wrong here, try again later'),
} as const;

/** As it follows the reply code. */
export function textOf({ enhancedCode, text }: Refusal): string {
  return `${enhancedCode} ${text}`;
}

/** What smtp-server takes a refusal as. */
export function errorOf(refused: Refusal): Error & { readonly responseCode: number } {
  return Object.assign(new Error(textOf(refused)), { responseCode: refused.replyCode });
}
