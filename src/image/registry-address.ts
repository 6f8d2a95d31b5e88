import { ImageError } from './image-error.ts';

/** Where the distribution API of a registry is spoken to. */
export interface RegistryAddress {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Put before names of repositories: a mirror may keep them in a folder. */
  readonly prefix: string;
}

/** The address of a registry, or of what stands for it. */
export function registryAddress(
  registry: string,
  mirrors: { readonly [registry: string]: string },
): RegistryAddress {
  const mirror = mirrors[registry];
  if (mirror !== undefined) return readAddress(mirror, `the mirror of ${registry}`);
  return readAddress(registry === 'docker.io' ? 'registry-1.docker.io' : registry, 'the registry');
}

/** An address with or without a scheme. Passwords and programs do not travel in the clear, except inside this machine. */
export function readAddress(text: string, what: string): RegistryAddress {
  const given = /^https?:\/\//.test(text) ? text : undefined;
  const host = given === undefined ? text : new URL(given).host;
  const url = URL.parse(given ?? `${isLoopback(hostname(host)) ? 'http' : 'https'}://${text}`);
  if (url === null) throw new ImageError(`${what} has the address "${text}", which is none`);
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new ImageError(
      `${what} has the address ${text}, and plain http is spoken only with this machine; write https://`,
    );
  return { origin: url.origin, prefix: url.pathname.replace(/^\/+|\/+$/g, '') };
}

/** True for names of this machine. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

function hostname(host: string): string {
  return URL.parse(`http://${host}`)?.hostname ?? host;
}
