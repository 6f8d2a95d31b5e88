import { err, ok, type Result } from '../base/result.ts';

/** Registries of image references that are read elsewhere, `docker.io` at `http://127.0.0.1:5000`. */
export interface RegistryMirrors {
  readonly [registry: string]: string;
}

/** `docker.io=http://127.0.0.1:5000,public.ecr.aws=https://mirror.example.com`, as `LATTICE_REGISTRY_MIRRORS` has it. */
export function registryMirrors(text: string | undefined): Result<RegistryMirrors, string> {
  const mirrors: Record<string, string> = {};
  for (const part of (text ?? '').split(/[,\n]/)) {
    const pair = part.trim();
    if (pair === '') {
      continue;
    }
    const at = pair.indexOf('=');
    const registry = pair.slice(0, at).trim();
    const address = pair.slice(at + 1).trim();
    if (at < 1 || !/^https?:\/\//.test(address) || !URL.canParse(address)) {
      return err(
        `LATTICE_REGISTRY_MIRRORS holds ${JSON.stringify(pair)}; write it as registry=address, as in docker.io=https://mirror.example.com`,
      );
    }
    mirrors[registry] = address.replace(/\/+$/, '');
  }
  return ok(mirrors);
}
