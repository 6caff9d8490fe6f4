/** The node types of this installation: a NodeTypes map. */
export const NODE_TYPES = Symbol('NodeTypes');
/** The client that mail nodes send with: an OutboundMail. */
export const OUTBOUND_MAIL = Symbol('OutboundMail');
/** The one client that calls the outside: an OutboundHttp. */
export const OUTBOUND_HTTP = Symbol('OutboundHttp');
