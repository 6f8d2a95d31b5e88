import { ImageError } from './image-error.ts';
import type { Http } from './http.ts';
import { readBody } from './read-body.ts';
import { isLoopback } from './registry-address.ts';

/** How somebody is known to a registry. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** Of a login through a browser: exchanged for tokens. */
  | { readonly identityToken: string };

/** What `WWW-Authenticate` asks for. */
interface Challenge {
  readonly scheme: 'basic' | 'bearer';
  readonly parameters: Readonly<Record<string, string>>;
}

/** Authorization headers for one registry: found out by its first refusal, then remembered for each scope. */
export class RegistryAuth {
  readonly #http: Http;
  readonly #registry: string;
  readonly #credentials: () => Promise<Credentials | undefined>;
  readonly #headers = new Map<string, Promise<string | undefined>>();

  constructor(options: {
    readonly http: Http;
    readonly registry: string;
    readonly credentials: () => Promise<Credentials | undefined>;
  }) {
    this.#http = options.http;
    this.#registry = options.registry;
    this.#credentials = options.credentials;
  }

  /** What to send before anything was refused. */
  async header(scope: string): Promise<string | undefined> {
    return this.#headers.get(scope);
  }

  /** After a refusal: another header, or undefined when there is none to be had. */
  async answer(scope: string, asked: string | undefined): Promise<string | undefined> {
    const challenge = readChallenge(asked);
    if (challenge === undefined) return undefined;
    const header =
      challenge.scheme === 'basic' ? this.#basic() : this.#bearer(challenge.parameters, scope);
    this.#headers.set(scope, header);
    return header;
  }

  async #basic(): Promise<string | undefined> {
    const known = await this.#credentials();
    return known !== undefined && 'username' in known ? basic(known) : undefined;
  }

  /** The token flow of the distribution specification: <https://distribution.github.io/distribution/spec/auth/token/>. */
  async #bearer(
    { realm = '', service }: Readonly<Record<string, string>>,
    scope: string,
  ): Promise<string | undefined> {
    const url = URL.parse(realm);
    if (url === null || (url.protocol !== 'https:' && !isLoopback(url.hostname)))
      throw new ImageError(
        `${this.#registry} sends for a token to "${realm}", which is no https address; nothing was sent there`,
      );
    const known = await this.#credentials();
    const answer = await this.#http.sendPatiently(
      known !== undefined && 'identityToken' in known
        ? refresh(url, service, scope, known.identityToken)
        : ask(url, service, scope, known),
    );
    const body = await readBody(answer.body, 1024 * 1024, `the token of ${this.#registry}`);
    if (answer.status === 401 || answer.status === 403) return undefined;
    if (answer.status !== 200)
      throw new ImageError(
        `${this.#registry} gives no token: ${url.host} answered ${answer.status}; try again later`,
      );
    const token = readToken(body.toString('utf8'));
    if (token === undefined)
      throw new ImageError(
        `${this.#registry} gives no token: the answer of ${url.host} holds none`,
      );
    return `Bearer ${token}`;
  }
}

function ask(
  realm: URL,
  service: string | undefined,
  scope: string,
  known: { readonly username: string; readonly password: string } | undefined,
) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope);
  const headers: Record<string, string> =
    known === undefined ? {} : { authorization: basic(known) };
  return { method: 'GET', url, headers } as const;
}

function refresh(url: URL, service: string | undefined, scope: string, token: string) {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'lattice',
    refresh_token: token,
    scope,
    ...(service === undefined ? {} : { service }),
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url, headers, body } as const;
}

function readToken(text: string): string | undefined {
  try {
    const read = JSON.parse(text) as { readonly token?: unknown; readonly access_token?: unknown };
    const token = read.token ?? read.access_token;
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch {
    return undefined;
  }
}

function readChallenge(text: string | undefined): Challenge | undefined {
  const match = /\b(basic|bearer)\s+(.*)$/i.exec(text ?? '');
  if (match === null) return undefined;
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, plain] of (match[2] ?? '').matchAll(
    /(\w+)=(?:"([^"]*)"|([^\s,]+))/g,
  ))
    parameters[name.toLowerCase()] = quoted ?? plain ?? '';
  return { scheme: match[1]?.toLowerCase() === 'basic' ? 'basic' : 'bearer', parameters };
}

/** The header of a user and a password. */
export function basic(known: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${known.username}:${known.password}`).toString('base64')}`;
}
