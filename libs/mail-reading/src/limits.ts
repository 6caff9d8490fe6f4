/** What is read of one message; what is beyond is left out, with a warning. */
export const MAIL_LIMITS = {
  /** Multiparts inside one another. */
  depth: 50,
  /** Of all multiparts together, the message itself included. */
  parts: 1_000,
  /** Header lines of the message and of all its parts together. */
  headerBytes: 512 * 1024,
  /** Of `text` and of `html` each, and of all `parts` together; in UTF-8. */
  textBytes: 1024 * 1024,
  attachments: 100,
  /** Attached messages whose headers are read. */
  nested: 10,
  /** Addresses of `to`, `cc` and `replyTo` each. */
  addresses: 1_000,
  /** Message ids of `references`; the newest are kept. */
  references: 100,
  warnings: 50,
} as const;
