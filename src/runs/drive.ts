import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId } from '../base/names.ts';
import { rootImageRequests, run, type RunOptions } from '../engine/index.ts';
import type { Images } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import type { Plan } from '../lattice/plan.ts';
import type { Machine } from './machine.ts';
import { openWorkplace } from './open-workplace.ts';
import { driverName, isOwnerDead } from './owner.ts';
import type { Place } from './place.ts';
import { probe } from './probe.ts';
import { realClock } from './real-clock.ts';
import { Refusal } from './refusal.ts';
import type { RunControls } from './run-answer.ts';
import { runSources } from './run-sources.ts';

/** Everything that one incarnation of a driver needs. */
export interface DriveRequest {
  readonly plan: Plan;
  readonly secrets: Readonly<Record<string, string>>;
  readonly runId: RunId;
  /** Absolute folder that the lattice's folders are relative to. */
  readonly base: string;
  /** Absolute working directory of tasks on this machine. */
  readonly workdir: string;
  readonly place: Place;
  readonly machine: Machine;
  readonly options: RunOptions;
  /** Whether the images that are known from the beginning are made before the run begins, so that a failure starts nothing. */
  readonly imagesFirst: boolean;
}

/** Drives a run until it ends; afterwards nothing of it is left running, and that is counted. */
export async function drive(request: DriveRequest, controls: RunControls): Promise<RunRecord> {
  const { plan, secrets, runId, options, place, machine } = request;
  const { backend, sources, images } = await openWorkplace(request, controls);
  let closed: { readonly running: number } | undefined;
  try {
    if (images !== undefined && request.imagesFirst) {
      if (place.backend === 'fargate') {
        await probe(place, runId);
      }
      await makeImages(plan, images, controls);
    }
    const record = await run(
      {
        plan,
        runId,
        options,
        secrets,
        owner: driverName(place.backend, machine),
        ...(machine.attempt === undefined ? {} : { attempt: machine.attempt }),
        isOwnerDead,
        onWait: (owner, seconds) => controls.onNote?.(waitText(owner, seconds)),
        base: request.base,
      },
      {
        clock: realClock,
        store: place.store,
        backend,
        sources: runSources(sources, place.store, runId),
        ...(images === undefined ? {} : { images }),
        listener: controls.listener,
      },
      controls.signal,
    );
    closed = await backend.close();
    return { ...record, running: closed.running };
  } finally {
    if (closed === undefined) {
      await backend.close();
    }
    await rm(join(machine.temp, `lattice-${runId}`), { recursive: true, force: true });
  }
}

async function makeImages(plan: Plan, images: Images, controls: RunControls): Promise<void> {
  const make = async (): Promise<void> => {
    const making = Promise.all(rootImageRequests(plan).map((request) => images.image(request)));
    const answers = await unlessAborted(making, controls.signal);
    for (const answer of answers) {
      if (!answer.ok) {
        throw new Refusal(answer.message);
      }
    }
  };
  await (controls.aroundImages === undefined ? make() : controls.aroundImages(make));
}

/** What is being made when the run is cancelled is not waited for: the engine then begins nothing, and ends the run. */
async function unlessAborted<Item>(
  making: Promise<readonly Item[]>,
  signal: AbortSignal,
): Promise<readonly Item[]> {
  // What fails after that has nobody to be told to.
  making.catch(() => undefined);
  let onAbort = (): void => undefined;
  const aborted = new Promise<readonly Item[]>((resolve) => {
    onAbort = () => resolve([]);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([making, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function waitText(owner: string, seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return `an earlier attempt, ${owner}, still holds this run: it is waited for until it ends, or if its machine is lost until its lease does, at most ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`;
}
