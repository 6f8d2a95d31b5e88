/** Proxies as Node's agents read them (`proxyEnv` of <https://nodejs.org/api/http.html#built-in-proxy-support>). */
export interface Proxies {
  readonly HTTP_PROXY?: string;
  readonly HTTPS_PROXY?: string;
  readonly NO_PROXY: string;
}

/** Never by a proxy, whatever the variables say: this machine, by each of its names. */
const HERE = ['localhost', '127.0.0.0-127.255.255.255', '[::1]', '::1'];

/** The proxies that an environment names; undefined when it names none. Names in small letters win, as with curl. */
export function proxiesOf(
  environment: Readonly<Record<string, string | undefined>>,
): Proxies | undefined {
  const value = (name: string): string =>
    (environment[name.toLowerCase()] ?? environment[name] ?? '').trim();
  const [http, https] = [address(value('HTTP_PROXY')), address(value('HTTPS_PROXY'))];
  if (http === undefined && https === undefined) return undefined;
  return {
    ...(http === undefined ? {} : { HTTP_PROXY: http }),
    ...(https === undefined ? {} : { HTTPS_PROXY: https }),
    NO_PROXY: exempt(value('NO_PROXY')),
  };
}

/** Why this version of Node does not use the proxies after all, as the end of a sentence; undefined when it does. */
export function proxyTrouble(proxies: Proxies, node: string): string | undefined {
  if (!hasProxies(node))
    return `HTTPS_PROXY or HTTP_PROXY is set, and Node ${node} cannot go by a proxy: run it with Node 24, or 22 from 22.21 on`;
  const odd = [proxies.HTTPS_PROXY, proxies.HTTP_PROXY]
    .map((proxy) => /^([a-z0-9+.-]+):\/\//i.exec(proxy ?? 'http://')?.[1] ?? '')
    .find((scheme) => !/^https?$/i.test(scheme));
  return odd === undefined
    ? undefined
    : `the proxy in HTTPS_PROXY or HTTP_PROXY is one of ${odd}, and only http:// and https:// are known: name such a one`;
}

/** In Node since 24.5.0 and 22.21.0; older ones leave the setting unread. */
function hasProxies(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

/** Node leaves an address without a scheme unread, and everybody writes some. */
function address(text: string): string | undefined {
  if (text === '') return undefined;
  return /^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`;
}

/** With Node a name stands for itself alone; with everybody else also for what is below it. */
function exempt(text: string): string {
  const names = text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .flatMap((name) =>
      /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/i.test(name) ? [name, `.${name}`] : [name],
    );
  return [...names, ...HERE].join(',');
}
