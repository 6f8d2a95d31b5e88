import { gunzipSync } from 'node:zlib';
import type { Permission } from '../operation.ts';
import { readManifest, type Descriptor } from './manifest.ts';
import type { Registry, Repository, StoredImage } from './registry.ts';

/** What of an image's config decides what its container runs. */
export interface ImageConfig {
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
}

/** The files of an image. */
export interface ImageFiles {
  /** Of the manifest that was chosen. */
  readonly digest: string;
  /** The tar of each layer, the lowest first. */
  readonly layers: () => Promise<readonly Buffer[]>;
}

export type Pulled =
  | {
      readonly ok: true;
      readonly config: ImageConfig;
      /** Absent for images of other registries. */
      readonly files?: ImageFiles;
    }
  | { readonly ok: false; readonly reason: string };

const NOTHING: ImageConfig = { entryPoint: [], command: [], environment: {} };
const REFERENCE = /^([^/]+)\/(.+?)(?:@(sha256:[0-9a-f]+)|:([^:/]+))?$/;

/** Pulls as Fargate does. Images of other registries are taken to exist and to say nothing about their command. */
export async function pull(
  registry: Registry,
  reference: string,
  architecture: string,
  may: (permission: Permission) => boolean,
): Promise<Pulled> {
  const [, host = '', name = '', digest, tag = 'latest'] = REFERENCE.exec(reference) ?? [];
  if (host !== registry.host && !/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
    return { ok: true, config: NOTHING };
  }
  const refused = (why: string): Pulled => ({
    ok: false,
    reason: `pull image manifest has been retried 5 time(s): failed to resolve ref ${reference}: ${why}`,
  });
  const resource = registry.arn(name);
  for (const action of ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']) {
    if (may({ action, resource })) continue;
    const address = `https://${host}/v2/${name}/manifests/${digest ?? tag}`;
    return refused(`unexpected status from HEAD request to ${address}: 403 Forbidden`);
  }
  const repository = registry.peek(name);
  const image = repository && (await registry.image(repository, digest ?? tag));
  if (repository === undefined || image === undefined) return refused(`${reference}: not found`);
  const chosen = await choose(registry, repository, image, architecture);
  if (chosen !== undefined) return open(registry, repository, chosen);
  // The words of containerd, which Fargate hands on.
  return {
    ok: false,
    reason: `image Manifest does not contain descriptor matching platform 'linux/${architecture}'`,
  };
}

async function choose(
  registry: Registry,
  repository: Repository,
  image: StoredImage,
  architecture: string,
): Promise<StoredImage | undefined> {
  const { manifests } = readManifest(image.manifest);
  if (manifests.length === 0) return image;
  const fitting = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  return fitting && registry.image(repository, fitting.digest);
}

async function open(
  registry: Registry,
  repository: Repository,
  image: StoredImage,
): Promise<Pulled> {
  const { config, layers } = readManifest(image.manifest);
  const blob = config && (await registry.blob(repository, config.digest));
  const bytes = async (layer: Descriptor): Promise<Buffer> => {
    const found = await registry.blob(repository, layer.digest);
    if (found === undefined) throw new Error(`The layer ${layer.digest} has gone`);
    return found[0] === 0x1f && found[1] === 0x8b ? gunzipSync(found) : Buffer.from(found);
  };
  return {
    ok: true,
    config: blob === undefined ? NOTHING : readConfig(blob),
    files: { digest: image.digest, layers: () => Promise.all(layers.map(bytes)) },
  };
}

function readConfig(blob: Uint8Array): ImageConfig {
  const read = JSON.parse(Buffer.from(blob).toString('utf8')) as {
    config?: {
      Entrypoint?: readonly string[] | null;
      Cmd?: readonly string[] | null;
      Env?: readonly string[] | null;
      WorkingDir?: string;
    };
  };
  const { Entrypoint, Cmd, Env, WorkingDir } = read.config ?? {};
  const pairs = (Env ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    entryPoint: Entrypoint ?? [],
    command: Cmd ?? [],
    environment: Object.fromEntries(pairs),
    ...(WorkingDir === undefined || WorkingDir === '' ? {} : { workingDirectory: WorkingDir }),
  };
}
