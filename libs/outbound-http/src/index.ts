export { OutboundHttpError, type OutboundHttpErrorCode } from './errors.ts';
export { createOutboundHttp, OUTBOUND_HTTP_DEFAULTS, type OutboundHttpOptions } from './outbound-http.ts';
export { outboundFetch, type OutboundFetchOptions } from './outbound-fetch.ts';
export type { OutboundHttp, OutboundRequest, OutboundResponse, SecretHeaders } from './types.ts';
export { headersForAnyone } from './hop.ts';
