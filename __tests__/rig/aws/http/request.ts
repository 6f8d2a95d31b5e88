import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request with its body read. */
export interface Request {
  readonly message: IncomingMessage;
  readonly method: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/** What goes back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export async function readRequest(message: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const [path = '/', query = ''] = (message.url ?? '/').split('?');
  return {
    message,
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    body: Buffer.concat(chunks),
  };
}

export function header(request: Request, name: string): string | undefined {
  const value = request.message.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

export function send(response: ServerResponse, answer: Answer, head: boolean): void {
  const { body } = answer;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  response.writeHead(answer.status, { 'content-length': String(length), ...answer.headers });
  response.end(head || answer.status === 304 ? undefined : body);
}
