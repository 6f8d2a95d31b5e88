import { setFailed, setOutput } from '@actions/core';
import { stopRun, type Place } from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';
import { say } from './log.ts';
import { endProcesses } from './processes.ts';
import { runningText } from './running-text.ts';
import { wantedRun } from './wanted-run.ts';

/** A driver on this machine ends its tasks within seconds; one that does not answer is gone. */
const WAIT_SECONDS = 30;

/** Mode `stop`: ends a run that somebody else drives. There being nothing to end is what the step wants, and no failure. */
export async function stop(inputs: Inputs, job: Job, place: Place): Promise<void> {
  const wanted = await wantedRun(inputs, job, place, (run) => run.status === 'running');
  switch (wanted.kind) {
    case 'refused':
      return tell('failed', wanted.message);
    case 'none':
      return tell('none', `There is no unfinished run of ${inputs.lattice} to stop.`);
    case 'run': {
      const { runId, status, message } = wanted.run;
      setOutput('run-id', runId);
      if (status !== 'running') {
        return tell('none', `Run ${runId} has ended already: ${message}`);
      }
      const answer = await stopRun({
        place,
        runId,
        environment: job.environment,
        waitSeconds: WAIT_SECONDS,
      });
      if (answer.kind === 'refused') {
        return tell('failed', answer.message);
      }
      const running = place.backend === 'local' ? await endProcesses(runId) : answer.running;
      tell(
        'cancelled',
        answer.driverGone ? `${answer.message}; mode: attach goes on with it` : answer.message,
      );
      say(`Run ${runId}: ${runningText(running, place)}`);
    }
  }
}

function tell(status: 'cancelled' | 'failed' | 'none', message: string): void {
  setOutput('status', status);
  setOutput('message', message);
  if (status === 'failed') {
    setFailed(message);
  } else {
    say(message);
  }
}
