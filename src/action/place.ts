import { getIDToken } from '@actions/core';
import { proxiesOf } from '../base/proxies.ts';
import { err, ok, type Result } from '../base/result.ts';
import {
  fargateSettings,
  openPlace,
  registryMirrors,
  type FargateSettings,
  type Place,
  type PlaceRequest,
} from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';

/** Where the runs of a step are, as text that `post` can read again: no secret and no token is in it. */
export type SavedPlace =
  | { readonly backend: 'local' | 'docker'; readonly folder: string }
  | {
      readonly backend: 'fargate';
      readonly settings: FargateSettings;
      readonly role?: string;
      readonly roleSeconds?: number;
    };

/** The place that the inputs name. */
export function placeOf(inputs: Inputs, job: Job): Result<SavedPlace, string> {
  const { backend, fargate } = inputs;
  if (fargate === undefined || backend !== 'fargate') {
    return ok({ backend: backend === 'docker' ? 'docker' : 'local', folder: job.storeFolder });
  }
  const mirrors = registryMirrors(job.environment['LATTICE_REGISTRY_MIRRORS']);
  if (!mirrors.ok) {
    return mirrors;
  }
  const { role, roleSeconds } = fargate;
  const region =
    fargate.region ??
    (job.environment['AWS_REGION'] || job.environment['AWS_DEFAULT_REGION'] || undefined);
  const settings = fargateSettings(fargate.values, {
    region,
    liveLogs: inputs.logs === 'live',
    mirrors: mirrors.value,
  });
  if (!settings.ok) {
    return settings;
  }
  return ok({
    backend,
    settings: settings.value,
    ...(role === undefined ? {} : { role }),
    ...(roleSeconds === undefined ? {} : { roleSeconds }),
  });
}

/** Opens it, or says in a sentence why that cannot be done. */
export async function openSaved(saved: SavedPlace, job: Job): Promise<Result<Place, string>> {
  const request = placeRequest(saved, job);
  if (!request.ok) {
    return request;
  }
  // The SDK warns on Node 20 that it will leave it one day: nothing that users of a finished bundle can act on.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return openPlace(request.value);
}

function placeRequest(saved: SavedPlace, job: Job): Result<PlaceRequest, string> {
  if (saved.backend !== 'fargate') {
    const mirrors = registryMirrors(job.environment['LATTICE_REGISTRY_MIRRORS']);
    return mirrors.ok ? ok({ ...saved, mirrors: mirrors.value }) : err(mirrors.error);
  }
  const { settings, role, roleSeconds } = saved;
  return ok({
    backend: 'fargate',
    settings,
    proxies: proxiesOf(job.environment),
    ...(role === undefined
      ? {}
      : {
          webIdentity: {
            role,
            sessionName: sessionName(job),
            ...(roleSeconds === undefined ? {} : { sessionSeconds: roleSeconds }),
            // Such a token lives for minutes: each exchange gets its own.
            token: async () => getIDToken('sts.amazonaws.com'),
          },
        }),
  });
}

/** What CloudTrail shows beside every call: which workflow run it was. */
function sessionName({ environment }: Job): string {
  const parts = ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT'];
  return ['lattice', ...parts.map((name) => environment[name] ?? '')]
    .filter((part) => part !== '')
    .join('-');
}
