import { setFailed, setOutput } from '@actions/core';
import { stopRun } from '../runs/index.ts';
import type { Inputs } from './inputs.ts';
import type { Job } from './job.ts';
import { wantedRun } from './launch.ts';
import { say } from './log.ts';
import { endProcesses } from './processes.ts';

/** A driver on this machine ends its tasks within seconds; one that does not answer is gone. */
const WAIT_SECONDS = 30;

/** Mode `stop`: ends a run that somebody else drives. */
export async function stop(inputs: Inputs, job: Job): Promise<void> {
  const runId = await wantedRun(inputs, job);
  if (runId === undefined) {
    const message = `There is no unfinished run of ${inputs.lattice} to stop.`;
    setOutput('status', 'none');
    setOutput('message', message);
    say(message);
    return;
  }
  const answer = await stopRun({ storeFolder: job.storeFolder, runId, waitSeconds: WAIT_SECONDS });
  setOutput('status', answer.kind === 'stopped' ? 'cancelled' : 'failed');
  setOutput('run-id', answer.kind === 'stopped' ? answer.runId : runId);
  setOutput('message', answer.message);
  if (answer.kind === 'refused') {
    setFailed(answer.message);
  } else {
    const running = await endProcesses(answer.runId);
    say(
      `Run ${answer.runId}: ${answer.message}`,
      ...(running === undefined ? [] : [`${running} tasks running`]),
    );
  }
}
