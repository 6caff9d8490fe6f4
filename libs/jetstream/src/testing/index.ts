export { deleteStream } from './delete-stream.ts';
export { TcpProxy } from './tcp-proxy.ts';
export { until } from './until.ts';
