import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArtifactState } from './state.ts';

/** An artifact that was uploaded. */
export interface UploadedArtifact {
  readonly id: number;
  readonly url: string;
}

/**
 * The name, unique in a workflow run: names can be used once, and a re-run is another attempt. The key tells steps and
 * matrix legs apart within one job; two jobs with the same step have the same key, so the job's id stands before it.
 */
export function artifactName(job: string, runKey: string, attempt: string): string {
  // Forbidden are `" : < > | * ? \r \n \ /`; what is left here reads well in a URL too.
  const safe = (text: string): string =>
    text
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[-_.]+|[-_.]+$/g, '')
      .slice(0, 80);
  return ['lattice', safe(job), safe(runKey), attempt === '' ? '1' : attempt]
    .filter((part) => part !== '')
    .join('-');
}

/** Why there can be no artifact here, in words that stand alone; undefined when there can. */
export function artifactObstacle(environment: NodeJS.ProcessEnv): string | undefined {
  const server = environment['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const host = URL.canParse(server) ? new URL(server).hostname.toLowerCase() : server;
  if (host !== 'github.com' && !host.endsWith('.ghe.com') && !host.endsWith('.localhost')) {
    return `artifacts of this kind are not supported on GitHub Enterprise Server (${host}); set artifact: none to silence this`;
  }
  if (!environment['ACTIONS_RUNTIME_TOKEN'] || !environment['ACTIONS_RESULTS_URL']) {
    return 'the runner gave no access to its artifact service (ACTIONS_RUNTIME_TOKEN, ACTIONS_RESULTS_URL); set artifact: none to silence this';
  }
  return undefined;
}

/** Uploads files of a folder; throws what the service said. */
export async function uploadArtifact(
  wish: ArtifactState,
  folder: string,
  files: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<UploadedArtifact> {
  const paths = await Promise.all(files.map((file) => withSafeName(folder, file)));
  // Loaded only now: it is by far the largest part of the bundle, and a step that fails early needs none of it.
  const { DefaultArtifactClient } = await import('@actions/artifact');
  const retention = wish.retentionDays === undefined ? {} : { retentionDays: wish.retentionDays };
  const client = new DefaultArtifactClient();
  const { id } = await client.uploadArtifact(wish.name, paths, folder, retention);
  if (id === undefined) {
    throw new Error('the artifact service gave no id');
  }
  const server = environment['GITHUB_SERVER_URL'] ?? 'https://github.com';
  const repository = environment['GITHUB_REPOSITORY'] ?? '';
  const run = environment['GITHUB_RUN_ID'] ?? '';
  return { id, url: `${server}/${repository}/actions/runs/${run}/artifacts/${id}` };
}

/**
 * The service refuses some characters in paths because Windows has no such names, and one of them would lose the whole
 * artifact: they are written as in a URL.
 */
async function withSafeName(folder: string, file: string): Promise<string> {
  const safe = file.replace(/[":<>|*?\r\n]/g, encodeURIComponent).replaceAll('*', '%2A');
  const path = join(folder, safe);
  if (safe !== file) {
    await mkdir(dirname(path), { recursive: true });
    await rename(join(folder, file), path);
  }
  return path;
}
