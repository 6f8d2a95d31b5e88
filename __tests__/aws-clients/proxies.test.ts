/** Self-hosted runners stand in closed networks, and reach AWS and registries by a proxy. */
import { describe, expect, test } from '@jest/globals';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { versions } from 'node:process';
import type { Clock } from '../../src/base/clock.ts';
import { proxiesOf, proxyTrouble, type Proxies } from '../../src/base/proxies.ts';
import { AwsError, explain, openAccount } from '../../src/aws/index.ts';
import { ConnectionError, Http } from '../../src/image/http.ts';
import { openPlace } from '../../src/runs/place.ts';
import { fargateSettings } from '../../src/runs/fargate-inputs.ts';
import { simulatedAccount, TEST_KEYS } from './simulated-account.ts';

/** A proxy: hands plain requests on to one server, whatever they name, and lets no tunnel through. */
async function proxy(to?: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${new URL(request.url ?? '').host}`);
    const { method, headers } = request;
    const { pathname, search } = new URL(request.url ?? '');
    const url = new URL(pathname + search, to);
    const on = send(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(on);
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const HERE = 'localhost,127.0.0.0-127.255.255.255,[::1],::1';
const given = (environment: Readonly<Record<string, string>>): Proxies => {
  const proxies = proxiesOf(environment);
  if (proxies === undefined) throw new Error('No proxy is named');
  return proxies;
};
const noWait: Clock = { now: () => 0, sleep: () => Promise.resolve() };
// Node since 24.5 and 22.21 goes by proxies.
const onNodeWithProxies =
  proxyTrouble({ NO_PROXY: '' }, versions.node) === undefined ? test : test.skip;

describe('the environment', () => {
  test.each([
    [{}, undefined],
    [{ HTTPS_PROXY: ' ', NO_PROXY: 'x.example' }, undefined],
    [
      { HTTPS_PROXY: 'proxy.example:3128' },
      { HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: HERE },
    ],
    [
      { HTTP_PROXY: 'http://a', http_proxy: 'http://b', HTTPS_PROXY: 'https://u:p@c' },
      { HTTP_PROXY: 'http://b', HTTPS_PROXY: 'https://u:p@c', NO_PROXY: HERE },
    ],
    [
      { HTTPS_PROXY: 'http://a', NO_PROXY: 'corp.example, .b.example 10.0.0.1,*' },
      {
        HTTPS_PROXY: 'http://a',
        NO_PROXY: `corp.example,.corp.example,.b.example,10.0.0.1,*,${HERE}`,
      },
    ],
  ])('%j', (environment, proxies) => {
    expect(proxiesOf(environment)).toEqual(proxies);
  });

  test.each([
    ['20.20.2', 'http://a', /^HTTPS_PROXY or HTTP_PROXY is set, and Node 20\.20\.2 cannot go by/],
    ['22.20.0', 'http://a', /run it with Node 24, or 22 from 22\.21 on$/],
    ['24.4.1', 'http://a', /Node 24\.4\.1 cannot/],
    ['24.5.0', 'socks5://a', /^the proxy in HTTPS_PROXY or HTTP_PROXY is one of socks5, and only/],
  ])('that does not help is told: Node %s, %s', (node, address, words) => {
    expect(proxyTrouble(given({ HTTPS_PROXY: address }), node)).toMatch(words);
  });

  test.each(['22.21.0', '24.5.0', '25.0.0'])('helps from Node %s on', (node) => {
    expect(proxyTrouble(given({ HTTPS_PROXY: 'http://a' }), node)).toBeUndefined();
  });

  test('that this Node cannot follow is named when nothing answers', async () => {
    const settings = fargateSettings(
      new Map([
        ['vcpu', 1],
        ['memory', 2],
      ]),
      { region: 'no-such-1', liveLogs: false, mirrors: {} },
    );
    if (!settings.ok) throw new Error(settings.error);
    const opened = await openPlace({
      backend: 'fargate',
      proxies: given({ https_proxy: 'socks5://127.0.0.1:1' }),
      settings: settings.value,
      webIdentity: {
        role: 'arn:aws:iam::000000000000:role/r',
        sessionName: 's',
        token: () => Promise.resolve('t'),
      },
    });
    if (opened.ok) throw new Error('There is no such region');
    expect(opened.error).toMatch(/^Cannot use AWS: .*; .*HTTPS_PROXY or HTTP_PROXY is/);
  }, 60_000);
});

describe('AWS', () => {
  onNodeWithProxies('is reached by it, and this machine is not', async () => {
    await using at = await simulatedAccount();
    await using way = await proxy(at.server.endpoint);
    const proxies = given({ HTTP_PROXY: way.address });
    const account = await at.open({ endpoint: 'http://aws.invalid', proxies });
    expect(await account.objects.create('covalent-fargate-task-resources', 'k', 'x')).toBe(true);
    expect(new Set(way.asked)).toEqual(new Set(['POST aws.invalid', 'PUT aws.invalid']));
    const before = way.asked.length;
    await at.open({ proxies });
    expect(way.asked).toHaveLength(before);
  });

  onNodeWithProxies('behind one that wants another password is told so', async () => {
    await using way = await proxy();
    const error: unknown = await openAccount({
      region: 'us-east-1',
      credentials: TEST_KEYS,
      clock: noWait,
      proxies: given({ HTTPS_PROXY: `http://u:p@${way.address}` }),
    }).catch((reason: unknown) => reason);
    if (!(error instanceof AwsError)) throw error;
    expect(way.asked).toEqual(['CONNECT sts.us-east-1.amazonaws.com:443 Basic dTpw']);
    const sentence = explain(error, { what: 'use AWS' });
    expect(sentence).toMatch(
      /^Cannot use AWS: the proxy does not let it through \(.*407.*\); check HTTPS_PROXY/,
    );
    expect(sentence).not.toContain('u:p');
  });
});

onNodeWithProxies('registries are asked by it', async () => {
  await using way = await proxy();
  const http = new Http(noWait, given({ HTTPS_PROXY: way.address }));
  const url = new URL('https://registry-1.docker.io/v2/');
  const error: unknown = await http
    .sendPatiently({ method: 'GET', url, headers: {} })
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(String(error)).toContain(
    'registry-1.docker.io is not let through by the proxy that HTTPS_PROXY names',
  );
  expect(way.asked).toEqual(['CONNECT registry-1.docker.io:443 undefined']);
  http.close();
});
