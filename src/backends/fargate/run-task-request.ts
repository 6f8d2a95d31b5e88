import { createHash } from 'node:crypto';
import type { RunTaskRequest } from '../../aws/api.ts';
import type { AttemptRef } from '../../engine/ports.ts';
import { CONTAINER } from './names.ts';
import type { FargateOptions } from './options.ts';

/** Characters of all overrides as JSON (RunTask). */
export const MOST_OVERRIDE_CHARACTERS = 8192;
/** Of a tag: characters of key and value, and how many of them there may be. */
const TAG_KEY = 128;
const TAG_VALUE = 256;
const MOST_TAGS = 50;

/** 64 characters, the same for the same launch whoever computes it. */
export function clientToken({ runId, task, attempt }: AttemptRef, n: number): string {
  return createHash('sha256').update(`${runId}\n${task}\n${attempt}\n${n}`).digest('hex');
}

/** The request for one attempt, as it is saved and sent. */
export function runTaskRequest(
  options: FargateOptions,
  launch: {
    readonly attempt: AttemptRef;
    readonly n: number;
    readonly definition: string;
    readonly spec: { readonly address: string; readonly sha256: string };
    readonly subnets: readonly string[];
    readonly spot: boolean;
    /** Undefined once AWS has refused them. */
    readonly tags: { readonly [name: string]: string } | undefined;
  },
): RunTaskRequest {
  const tags = tagsOf(launch.tags ?? {});
  return {
    cluster: options.cluster,
    taskDefinition: launch.definition,
    clientToken: clientToken(launch.attempt, launch.n),
    count: 1,
    ...(launch.spot
      ? { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }
      : { launchType: 'FARGATE' }),
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: launch.subnets,
        securityGroups: options.securityGroups,
        assignPublicIp: options.assignPublicIp ? 'ENABLED' : 'DISABLED',
      },
    },
    overrides: {
      containerOverrides: [
        {
          name: CONTAINER,
          environment: [
            { name: 'LATTICE_SPEC', value: launch.spec.address },
            { name: 'LATTICE_SPEC_SHA256', value: launch.spec.sha256 },
          ],
        },
      ],
    },
    startedBy: launch.attempt.runId,
    ...(tags.length === 0 ? {} : { tags }),
  };
}

function tagsOf(tags: { readonly [name: string]: string }) {
  return Object.entries(tags)
    .filter(([key]) => key !== '' && !/^aws:/i.test(key))
    .slice(0, MOST_TAGS)
    .map(([key, value]) => ({ key: tagText(key, TAG_KEY), value: tagText(value, TAG_VALUE) }));
}

/** Letters, digits, spaces and _ . : / = + - @ are allowed in tags. */
function tagText(text: string, most: number): string {
  return text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '-').slice(0, most);
}
