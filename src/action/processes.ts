import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';

/** A task has ten seconds after SIGTERM, which its entrypoint sends when the driver is gone. */
const PATIENCE = 12_000;
const LOOK = 50;

/**
 * Waits until no process of a run is left on this machine, and ends those that outlast their time. Answers how many there
 * are in the end, as seen, or undefined where processes cannot be seen.
 */
export async function endProcesses(runId: string): Promise<number | undefined> {
  let left = await processesOf(runId);
  for (let waited = 0; left !== undefined && left.length > 0 && waited < PATIENCE; waited += LOOK) {
    await after(LOOK);
    left = await processesOf(runId);
  }
  if (left === undefined || left.length === 0) {
    return left?.length;
  }
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself, or is not ours: the count below tells.
    }
  }
  await after(LOOK * 10);
  return (await processesOf(runId))?.length;
}

/** Processes whose environment names the run: tasks have `LATTICE_RUN_ID`, their entrypoints a spec below the run. */
async function processesOf(runId: string): Promise<readonly number[] | undefined> {
  let names: readonly string[];
  try {
    names = await readdir('/proc');
  } catch {
    return undefined;
  }
  const found: number[] = [];
  for (const name of names) {
    if (/^\d+$/.test(name) && Number(name) !== process.pid && (await isOf(name, runId))) {
      found.push(Number(name));
    }
  }
  return found;
}

async function isOf(pid: string, runId: string): Promise<boolean> {
  try {
    const variables = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    return variables.some(
      (variable) =>
        variable === `LATTICE_RUN_ID=${runId}` ||
        (variable.startsWith('LATTICE_SPEC=') && variable.includes(`/runs/${runId}/`)),
    );
  } catch {
    // Another user's, or just ended.
    return false;
  }
}
