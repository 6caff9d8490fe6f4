/** Why a connection may not be made. Code is API, the message is for people and says what would open it. */
export type DestinationRefusedCode =
  /** The address, or one that the name resolves to, is not one of the public internet. */
  | 'NETWORK_NOT_ALLOWED'
  /** A rule of the installation denies the host, or an address that it resolves to. */
  | 'DESTINATION_DENIED';

/** What the wall says no with. Never worth a retry: only whoever operates the installation can change it. */
export class DestinationRefused extends Error {
  override readonly name = 'DestinationRefused';

  constructor(
    readonly code: DestinationRefusedCode,
    message: string,
  ) {
    super(message);
  }
}
