export { TcpProxy } from './tcp-proxy.ts';
export { until } from './until.ts';
