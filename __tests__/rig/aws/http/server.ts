import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnswerLost, AwsError } from '../model/aws-error.ts';
import type { SimulatedAws } from '../simulated-aws.ts';
import { jsonAnswer, jsonError, readJson, readTarget } from './json-protocol.ts';
import { answerLayer, isLayerDownload } from './layer-download.ts';
import { answerRegistry } from './oci-registry.ts';
import { queryAnswer, queryError } from './query-protocol.ts';
import { readRequest, send, type Answer, type Request } from './request.ts';
import { readS3, s3Answer, s3Error } from './s3-protocol.ts';
import { readSignature, type Signed } from './signature.ts';

/** The HTTP face, listening. */
export interface AwsServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Opens the HTTP face of a simulated account on a free port, or the given one. */
export async function serve(aws: SimulatedAws, port = 0): Promise<AwsServer> {
  const server = createServer((message, response) => void respond(aws, message, response));
  // Clients keep many connections for later use; none of them is idle for long in a test.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  aws.endpoint = endpoint;
  return {
    endpoint,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  aws: SimulatedAws,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = await readRequest(message);
    const answer = await answerTo(aws, request);
    // S3's leases are measured by this header, so it keeps the model's time.
    response.setHeader('date', new Date(aws.clock.now()).toUTCString());
    send(response, answer, request.method === 'HEAD');
  } catch (error) {
    if (!(error instanceof AnswerLost)) process.stderr.write(`${String(error)}\n`);
    message.socket.destroy();
  }
}

async function answerTo(aws: SimulatedAws, request: Request): Promise<Answer> {
  if (request.path.startsWith('/v2/credentials/')) return credentials(aws, request);
  if (/^\/v2(\/|$)/.test(request.path)) return answerRegistry(aws, request);
  const requestId = randomUUID();
  if (isLayerDownload(request)) {
    return guarded(
      () => answerLayer(aws, request),
      (error) => s3Error(error, requestId),
    );
  }
  const target = request.message.headers['x-amz-target'];
  if (typeof target === 'string') return answerJson(aws, request, target, requestId);
  const form = request.message.headers['content-type']?.includes('x-www-form-urlencoded') === true;
  if (form && request.path === '/') return answerQuery(aws, request, requestId);
  return answerS3(aws, request, requestId);
}

async function answerJson(
  aws: SimulatedAws,
  request: Request,
  target: string,
  requestId: string,
): Promise<Answer> {
  const { service, action } = readTarget(target);
  return guarded(
    async () => {
      const signed = readSignature(request, aws);
      const output = await regionOf(aws, signed).dispatch(
        signed?.caller,
        service,
        action,
        readJson(request.body),
      );
      return jsonAnswer(output, requestId);
    },
    (error) => jsonError(error, requestId),
  );
}

async function answerQuery(
  aws: SimulatedAws,
  request: Request,
  requestId: string,
): Promise<Answer> {
  const form = Object.fromEntries(new URLSearchParams(request.body.toString('utf8')));
  const { Action: action = '', Version: _, ...input } = form;
  return guarded(
    async () => {
      const signed = readSignature(request, aws);
      const output = await regionOf(aws, signed).dispatch(signed?.caller, 'sts', action, input);
      return queryAnswer(action, output, requestId);
    },
    (error) => queryError(error, requestId),
  );
}

async function answerS3(aws: SimulatedAws, request: Request, requestId: string): Promise<Answer> {
  return guarded(
    async () => {
      const signed = readSignature(request, aws);
      const call = readS3(request);
      return s3Answer(
        call,
        await regionOf(aws, signed).dispatch(signed?.caller, 's3', call.action, call.input),
      );
    },
    (error) => s3Error(error, requestId),
  );
}

/** A request is answered by the region that its signature is for. */
function regionOf(aws: SimulatedAws, signed: Signed | undefined): SimulatedAws {
  return signed === undefined ? aws : aws.inRegion(signed.region);
}

function credentials(aws: SimulatedAws, request: Request): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  return guarded(
    () =>
      Promise.resolve({
        status: 200,
        headers,
        body: JSON.stringify(
          aws.taskCredentials.get(request.path, request.message.headers.authorization),
        ),
      }),
    (error) => ({
      status: error.status,
      headers,
      body: JSON.stringify({ message: error.message }),
    }),
  );
}

async function guarded(
  answer: () => Promise<Answer>,
  refusal: (error: AwsError) => Answer,
): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof AwsError) return refusal(error);
    throw error;
  }
}
