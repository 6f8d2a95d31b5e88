import { endGroup, startGroup, warning } from '@actions/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { countText } from '../report/index.ts';
import { writeArtifact } from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import {
  artifactName,
  artifactObstacle,
  uploadArtifact,
  type UploadedArtifact,
} from './artifact.ts';
import type { Job } from './job.ts';
import { say } from './log.ts';
import { saveArtifactSettled, type ArtifactState } from './state.ts';

/** The artifact that the inputs ask for. */
export function artifactWish(inputs: Inputs, job: Job): ArtifactState | undefined {
  const { artifact: choice, artifactRetentionDays: retentionDays } = inputs;
  return choice === 'none'
    ? undefined
    : {
        name: artifactName(job.environment['GITHUB_JOB'] ?? '', inputs.runKey, String(job.attempt)),
        megabytes: inputs.artifactMaxMegabytes,
        ...(choice === undefined ? {} : { choice }),
        ...(retentionDays === undefined ? {} : { retentionDays }),
      };
}

/** Puts the artifact together and uploads it. It is an extra: whatever fails is a warning, said once. */
export async function settleArtifact(
  record: RunRecord,
  wish: ArtifactState,
  { job, store }: { readonly job: Job; readonly store: Store },
): Promise<UploadedArtifact | undefined> {
  const obstacle = artifactObstacle(job.environment);
  if (obstacle !== undefined) {
    warning(`No artifact: ${obstacle}.`);
    saveArtifactSettled();
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'lattice-artifact-'));
  startGroup('Artifact');
  try {
    const staged = await writeArtifact({
      record,
      store,
      folder,
      select: wish.choice ?? (Object.keys(record.fileOutputs).length > 0 ? 'outputs' : 'all'),
      maxBytes: wish.megabytes * 1_000_000,
    });
    if (staged.leftOut > 0) {
      say(
        `${countText(staged.leftOut, 'file')} beyond artifact-max-mb ${wish.megabytes}: left-out.txt in the artifact says where they are.`,
      );
    }
    const uploaded = await uploadArtifact(wish, folder, staged.files, job.environment);
    say(`Artifact ${wish.name}: ${uploaded.url}`);
    return uploaded;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    // Two steps of a reusable workflow that is called twice, or an upload that a cancelled main had begun.
    const taken = /\(409\)/.test(said)
      ? ` There is an artifact ${wish.name} in this workflow run already: give each step a run-key of its own.`
      : '';
    warning(
      `The artifact could not be uploaded: ${said}.${taken} The results stay in the run's store.`,
    );
    return undefined;
  } finally {
    saveArtifactSettled();
    endGroup();
    await rm(folder, { recursive: true, force: true });
  }
}
