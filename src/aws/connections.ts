import type { Proxies } from '../base/proxies.ts';

/**
 * Connections of a client: kept alive, bounded, and never waited for without end. The SDK by itself waits for ever, and
 * keeps 50 sockets.
 */
export function connections(options: {
  readonly sockets: number;
  /** Milliseconds to the head of the answer, the request's body included. */
  readonly answerWithin: number;
  readonly proxies?: Proxies | undefined;
}) {
  const { proxies } = options;
  const agent = {
    keepAlive: true,
    maxSockets: options.sockets,
    ...(proxies === undefined ? {} : { proxyEnv: proxies }),
  };
  return {
    httpAgent: agent,
    httpsAgent: agent,
    connectionTimeout: 10_000,
    requestTimeout: options.answerWithin,
    throwOnRequestTimeout: true,
    // Of silence on a connection, also in the middle of a body.
    socketTimeout: 30_000,
  };
}
