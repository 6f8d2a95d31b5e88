import { warning } from '@actions/core';
import { countText } from '../report/index.ts';
import { stopRun, storedRecord } from '../runs/index.ts';
import { readJob } from './job.ts';
import { say } from './log.ts';
import { reportedTests, writeSummary } from './publish.ts';
import { endProcesses } from './processes.ts';
import { settleArtifact } from './settle-artifact.ts';
import { isSummarySettled, pendingArtifact, savedRun } from './state.ts';

/**
 * Runs after the job, also after a cancelled one and after a `main` that was killed: makes sure that nothing of the run is
 * left on this machine, and brings home what `main` had no time for.
 */
export async function post(): Promise<void> {
  const run = savedRun();
  const job = readJob(process.env);
  if (run === undefined) {
    say('No run was started: nothing to clean up.');
    return;
  }
  const before = await storedRecord(run.storeFolder, run.runId);
  if (before !== undefined && before.status === 'running') {
    // Its driver was this step's `main`, which has ended: there is nobody to wait for.
    await stopRun({ ...run, waitSeconds: 0 });
  }
  const running = await endProcesses(run.runId);
  if (running === undefined) {
    say('Tasks end with their driver; they cannot be counted on this system.');
  } else {
    say(`Run ${run.runId}: ${running} tasks running`);
    if (running > 0) {
      warning(`${countText(running, 'task')} of run ${run.runId} could not be ended.`);
    }
  }
  const record = await storedRecord(run.storeFolder, run.runId);
  if (record === undefined) {
    return;
  }
  if (!isSummarySettled()) {
    await writeSummary(record, await reportedTests(record));
  }
  const artifact = pendingArtifact();
  if (artifact !== undefined) {
    await settleArtifact(record, artifact, job);
  }
}
