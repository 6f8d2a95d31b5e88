import type { RunId } from '../base/names.ts';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';
import { realClock } from './real-clock.ts';

/** What was done about tasks whose driver is gone. */
export interface Swept {
  /** Tasks that were told to end. */
  readonly stopped: number;
  /** Tasks that were still seen in the end; undefined where nobody could look. */
  readonly running: number | undefined;
}

/** Ends what is left of a run whose driver is gone, and counts what is still there in the end. */
export async function sweepRun(
  place: Place,
  runId: RunId,
  { environment }: Pick<Machine, 'environment'>,
): Promise<Swept> {
  const reason = `run ${runId} was stopped`;
  switch (place.backend) {
    case 'local':
      // Local tasks end with their driver.
      return { stopped: 0, running: 0 };
    case 'docker': {
      const { dockerBackend } = await import('../backends/docker/index.ts');
      const backend = dockerBackend({ environment, storeFolder: place.folder, clock: realClock });
      const left = await backend.adopt(runId, () => {});
      await backend.stop(left, reason);
      return { stopped: left.length, running: (await backend.close()).running };
    }
    case 'fargate': {
      const { sweep } = await import('../backends/fargate/index.ts');
      const { cluster } = place.settings;
      return sweep({ ecs: place.account.ecs, cluster, runId, reason, clock: realClock });
    }
  }
}
