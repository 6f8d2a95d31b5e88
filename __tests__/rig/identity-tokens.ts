import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** GitHub's service for OIDC tokens, as `permissions: id-token: write` opens it to a job. */
export interface IdentityTokens extends AsyncDisposable {
  /** Variables that the runner gives to the job. */
  readonly environment: Readonly<Record<string, string>>;
  /** Audiences of the tokens that were asked for. */
  readonly audiences: readonly string[];
}

/** Gives tokens of a repository, good for five minutes as GitHub's are. */
export async function identityTokens(subject: string): Promise<IdentityTokens> {
  const audiences: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.headers.authorization !== 'Bearer request-token-of-the-job') {
      response.writeHead(401).end();
      return;
    }
    const audience = url.searchParams.get('audience') ?? '';
    audiences.push(audience);
    const claims = {
      iss: 'https://token.actions.githubusercontent.com',
      aud: audience,
      sub: subject,
      exp: Math.floor(Date.now() / 1000) + 300,
    };
    const part = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const value = `${part({ alg: 'none' })}.${part(claims)}.signature`;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ value }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    audiences,
    environment: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token-of-the-job',
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
