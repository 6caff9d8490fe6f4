// Of answers of JetStream's API. Source: nats-server, server/errors.json.
export const CONSUMER_NOT_FOUND = 10014;
export const NO_MESSAGE_FOUND = 10037;
export const STREAM_NOT_FOUND = 10059;
