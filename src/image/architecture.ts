import type { ImageRequest } from '../engine/ports.ts';

/** An architecture by the name that Go, Docker and registries have for it. */
export function goArchitecture(architecture: ImageRequest['architecture']): 'amd64' | 'arm64' {
  return architecture === 'arm64' ? 'arm64' : 'amd64';
}
