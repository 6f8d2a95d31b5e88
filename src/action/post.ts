import { warning } from '@actions/core';
import { EngineError } from '../engine/index.ts';
import { StoreError } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { countText } from '../report/index.ts';
import { stopRun, storedRecord } from '../runs/index.ts';
import { readJob } from './job.ts';
import { say } from './log.ts';
import { reportedTests, writeSummary } from './publish.ts';
import { endProcesses } from './processes.ts';
import { settleArtifact } from './settle-artifact.ts';
import { isSummarySettled, pendingArtifact, savedRun, type RunState } from './state.ts';

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
  const before = await readRecord(run);
  if (before?.status === 'running') {
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
  const record = before?.status === 'running' ? await readRecord(run) : before;
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

/** What the run left; a record that a full disk or another version has spoilt is told, and the sweep goes on. */
async function readRecord(run: RunState): Promise<RunRecord | undefined> {
  try {
    return await storedRecord(run.storeFolder, run.runId);
  } catch (cause) {
    if (cause instanceof EngineError || cause instanceof StoreError) {
      warning(`What run ${run.runId} left cannot be read: ${cause.message}`);
      return undefined;
    }
    throw cause;
  }
}
