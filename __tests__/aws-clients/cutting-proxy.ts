import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A way to the simulated AWS that breaks answers off in their middle, and counts what is under way. */
export interface CuttingProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Bodies longer than this many bytes break off there, so often. */
  cut(times: number, afterBytes: number): void;
  /** The most requests that were under way at once. */
  readonly mostAtOnce: number;
  /** `Range` headers in the order of their requests; empty where there was none. */
  readonly ranges: readonly string[];
}

export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const ranges: string[] = [];
  let cuts = { times: 0, afterBytes: 0 };
  let underWay = 0;
  let mostAtOnce = 0;

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    outgoing.once('close', () => {
      underWay -= 1;
    });
    if (incoming.method === 'GET') ranges.push(incoming.headers.range ?? '');
    const { hostname, port } = new URL(target);
    const onward = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.once('end', () => {
          const body = Buffer.concat(chunks);
          if (cuts.times > 0 && body.length > cuts.afterBytes) {
            cuts = { ...cuts, times: cuts.times - 1 };
            outgoing.write(body.subarray(0, cuts.afterBytes), () => outgoing.destroy());
          } else {
            outgoing.end(body);
          }
        });
      },
    );
    onward.once('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  const server = createServer(pass);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: (times, afterBytes) => {
      cuts = { times, afterBytes };
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    ranges,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
