/** Who answered to the content had taken the recipient before. */
const AFTER_CONTENT =
  /\b(?:in reply to|response to|after|in response to) (?:the )?(?:end of )?\.?data\b(?: command)?|\bsmtp command\s{1,5}data\b|(?:^|\n)>>> (?:data|\.)[ \t]{0,5}\r?\n<<< 5/i;
/**
 * Replies to commands that were sent together stand after the last one in a transcript, so that of RCPT after DATA. Then
 * the host has no recipient for DATA, or the sending one sums it up as an unknown user.
 */
const NO_RECIPIENT_BEFORE =
  /\bneed rcpt\b|\bno valid recipients\b|\ball rcpt commands were rejected\b|(?:^|\n)550 5\.1\.1 .{0,200}user unknown/i;

/**
 * True when the refusal came after the content: what is called an unknown user then is one whose filter refused, or a
 * host that hides who exists, which is not told apart.
 */
export function isAfterContent(text: string): boolean {
  const joined = text.replaceAll(/[ \t]{0,20}\r?\n[ \t]{1,20}/g, ' ');
  return AFTER_CONTENT.test(joined) && !NO_RECIPIENT_BEFORE.test(joined);
}
