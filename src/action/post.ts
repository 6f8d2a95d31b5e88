import { warning } from '@actions/core';
import { EngineError } from '../engine/index.ts';
import { StoreError } from '../engine/ports.ts';
import type { RunRecord } from '../engine/record.ts';
import { countText } from '../report/index.ts';
import { cleanUp, storedRecord, type CleanedUp, type Place } from '../runs/index.ts';
import { jobMachine, readJob, type Job } from './job.ts';
import { say } from './log.ts';
import { reportedTests, writeSummary } from './publish.ts';
import { openSaved } from './place.ts';
import { endProcesses } from './processes.ts';
import { runProgram } from './run-program.ts';
import { runningText } from './running-text.ts';
import { settleArtifact } from './settle-artifact.ts';
import { isNothingLeft, isSummarySettled, pendingArtifact, savedRun } from './state.ts';

/**
 * Runs after the job, also after a cancelled one and after a `main` that was killed: makes sure that nothing of the run is
 * left running, and brings home what `main` had no time for.
 */
export async function post(): Promise<void> {
  const run = savedRun();
  const job = readJob(process.env);
  if (run === undefined) {
    say('No run was started: nothing to clean up.');
    return;
  }
  const place = await openSaved(run.place, job);
  if (!place.ok) {
    warning(`Whether anything of run ${run.runId} still runs cannot be seen: ${place.error}`);
    return;
  }
  try {
    await tidy(run.runId, place.value, job);
  } finally {
    place.value.close();
  }
}

async function tidy(runId: string, place: Place, job: Job): Promise<void> {
  const end = place.backend === 'local' ? endHere : endThere;
  if (!(await end(runId, place, job))) {
    return;
  }
  const record = await readRecord(runId, place);
  if (record === undefined) {
    return;
  }
  if (!isSummarySettled()) {
    await writeSummary(record, await reportedTests(record, place.store));
  }
  const artifact = pendingArtifact();
  if (artifact !== undefined) {
    await settleArtifact(record, artifact, { job, store: place.store });
  }
}

/** Tasks on the runner end with their driver, which was this step's `main`. False: the run is somebody else's. */
async function endHere(runId: string, place: Place, job: Job): Promise<boolean> {
  const done = isNothingLeft() ? undefined : await cleaned(runId, place, job);
  if (done?.kind === 'elsewhere') {
    return leftAlone(runId, done.owner);
  }
  const running = await endProcesses(runId);
  if (running === undefined) {
    say('Tasks end with their driver; they cannot be counted on this system.');
  } else {
    say(`Run ${runId}: ${running} tasks running`);
    if (running > 0) {
      warning(`${countText(running, 'task')} of run ${runId} could not be ended.`);
    }
  }
  return true;
}

/**
 * Tasks elsewhere outlive their driver: unless it has counted them itself, they are told to end and counted. False: the
 * run is somebody else's.
 */
async function endThere(runId: string, place: Place, job: Job): Promise<boolean> {
  if (isNothingLeft()) {
    say(`Run ${runId}: 0 tasks running, as its driver counted at its end.`);
    return true;
  }
  const done = await cleaned(runId, place, job);
  if (done?.kind === 'elsewhere') {
    return leftAlone(runId, done.owner);
  }
  if (done !== undefined) {
    const { stopped, running } = done;
    say(
      `Run ${runId}: ${runningText(running, place)}${stopped === 0 ? '' : `; ${countText(stopped, 'task')} had to be stopped`}`,
    );
    if (running !== 0) {
      warning(
        `${running === undefined ? 'Tasks' : countText(running, 'task')} of run ${runId} may still run: they end within a minute by the cancel object, at the latest by their timeout.`,
      );
    }
  }
  return true;
}

/** What came of cleaning up; a store that fails is told. */
async function cleaned(runId: string, place: Place, job: Job): Promise<CleanedUp | undefined> {
  try {
    return await cleanUp(place, runId, jobMachine(job, runProgram));
  } catch (cause) {
    if (!(cause instanceof EngineError || cause instanceof StoreError)) {
      throw cause;
    }
    warning(`Run ${runId} could not be ended: ${cause.message}`);
    return undefined;
  }
}

/** This step only followed it, or has lost it to another driver. */
function leftAlone(runId: string, owner: string): false {
  say(`Run ${runId} is driven by ${owner}: it is left alone.`);
  return false;
}

/** What the run left; a record that a full disk or another version has spoilt is told, and the sweep goes on. */
async function readRecord(runId: string, place: Place): Promise<RunRecord | undefined> {
  try {
    return await storedRecord(place, runId);
  } catch (cause) {
    if (cause instanceof EngineError || cause instanceof StoreError) {
      warning(`What run ${runId} left cannot be read: ${cause.message}`);
      return undefined;
    }
    throw cause;
  }
}
