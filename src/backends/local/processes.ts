import { readFileSync, readdirSync } from 'node:fs';

/** True when there is a process of that id, also another user's. */
export function isAlive(pid: number): boolean {
  return canSignal(pid);
}

/** True when any process of that group is left. */
export function isGroupAlive(group: number): boolean {
  return canSignal(-group);
}

/** Kills a whole group; nothing happens when it is gone. */
export function killGroup(group: number): void {
  signal(-group);
}

export function killProcess(pid: number): void {
  signal(pid);
}

/**
 * Processes whose environment mentions `text`, wherever they have moved: `setsid` and a double fork leave the group and
 * the parent behind, but not the environment they were started with. Linux only; elsewhere nothing is found.
 */
export function processesMentioning(text: string): readonly number[] {
  const found: number[] = [];
  for (const name of list('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    if (read(`/proc/${name}/environ`).includes(text)) found.push(pid);
  }
  return found;
}

function canSignal(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function signal(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch {
    // ESRCH: it is gone, which is what was wanted. EPERM: a set-uid program; counted as running later.
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It ended meanwhile, or belongs to another user.
    return '';
  }
}

/** Code of an error of the operating system. Not asked by `instanceof`, which says no in a context of node:vm. */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** What the operating system says, in its words. */
export function errorText(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}
