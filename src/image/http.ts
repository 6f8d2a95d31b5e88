import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Proxies } from '../base/proxies.ts';
import { ImageError } from './image-error.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | Readable;
}

/** An answer whose body is still to be read: every caller reads it, or destroys it. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
}

/** The connection broke, or nothing came for long: the same request may be tried again. */
export class ConnectionError extends Error {
  readonly passing: boolean;

  constructor(url: URL, cause: unknown) {
    const code = codeOf(cause);
    super(`${url.host} ${REASONS[code] ?? `cannot be reached (${code})`}`, { cause });
    this.name = 'ConnectionError';
    // A name that does not exist and a certificate that is wrong stay so.
    this.passing =
      !['ENOTFOUND', 'ECONNREFUSED', 'ERR_PROXY_TUNNEL'].includes(code) &&
      !/CERT|SSL|TLS/.test(code);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'is not known to the name service',
  EAI_AGAIN: 'cannot be looked up at the name service',
  ECONNREFUSED: 'accepts no connection',
  ECONNRESET: 'broke the connection',
  EPIPE: 'broke the connection',
  ETIMEDOUT: 'does not answer',
  ERR_PROXY_TUNNEL: 'is not let through by the proxy that HTTPS_PROXY names',
};

/**
 * Nothing comes or goes for this long: the connection is dead. A registry may take its time over the end of a layer of
 * many gigabytes.
 */
const IDLE_MS = 180_000;
/** The timeout is that of connecting; after it the request's own counts. */
const AGENT = { keepAlive: true, timeout: 15_000 } as const;
const TRIES = 5;
/** Whoever asks for more patience than this is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/** HTTP over connections that are kept open, with bounded retries of what passes. */
export class Http {
  readonly #clock: Clock;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;

  constructor(clock: Clock, proxies?: Proxies) {
    this.#clock = clock;
    const agent = proxies === undefined ? AGENT : { ...AGENT, proxyEnv: { ...proxies } };
    this.#http = new HttpAgent(agent);
    this.#https = new HttpsAgent(agent);
  }

  /** One request; any status is an answer. */
  send(request: HttpRequest): Promise<HttpAnswer> {
    const { method, url, headers, body } = request;
    const secure = url.protocol === 'https:';
    return new Promise((resolve, reject) => {
      const open = secure ? httpsRequest : httpRequest;
      const sent = open(url, { method, headers, agent: secure ? this.#https : this.#http });
      const fail = (error: unknown) => {
        const isTold = error instanceof ImageError || error instanceof ConnectionError;
        reject(isTold ? error : new ConnectionError(url, error));
        sent.destroy();
      };
      sent.setTimeout(IDLE_MS, () => fail(Object.assign(new Error('idle'), { code: 'ETIMEDOUT' })));
      sent.on('error', fail);
      sent.on('response', (message) => {
        // A refusal may come before all was sent.
        if (message.statusCode !== undefined && message.statusCode >= 400 && isStream(body)) {
          body.destroy();
          // The rest of the request will never come, so the connection is good for nothing more.
          message.once('end', () => {
            if (!sent.writableFinished) sent.destroy();
          });
        }
        resolve({ status: message.statusCode ?? 0, headers: message.headers, body: message });
      });
      if (!isStream(body)) {
        sent.end(body);
        return;
      }
      body.on('error', fail);
      body.pipe(sent);
    });
  }

  /** Sends until there is an answer that asking again would not change. */
  async sendPatiently(request: HttpRequest): Promise<HttpAnswer> {
    for (let tried = 1; ; tried += 1) {
      const last = tried === TRIES;
      try {
        const answer = await this.send(request);
        const wait = retryAfter(answer, this.#clock.now());
        if (last || !isPassing(answer.status) || (wait ?? 0) > LONGEST_WAIT_MS) return answer;
        answer.body.resume();
        await this.pause(tried, wait);
      } catch (error) {
        if (last || !(error instanceof ConnectionError) || !error.passing) throw error;
        await this.pause(tried);
      }
    }
  }

  /** Waits before the next try: as long as was asked, else longer each time, never in step with others. */
  async pause(tried: number, wait = 0): Promise<void> {
    const backoff = Math.min(500 * 2 ** (tried - 1), 8_000) * (0.5 + Math.random() / 2);
    await this.#clock.sleep(Math.max(wait, backoff));
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

/** Statuses that the same request may not get a moment later. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

function retryAfter({ headers }: HttpAnswer, now: number): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function isStream(body: HttpRequest['body']): body is Readable {
  return typeof body === 'object' && 'pipe' in body;
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
