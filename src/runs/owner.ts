import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Machine } from './machine.ts';
import type { Place } from './place.ts';

/** Who drives runs of a place from a machine, as their leases say. */
export function driverName(backend: Place['backend'], machine: Pick<Machine, 'owner'>): string {
  // On this machine a process can be seen to be gone, and then nobody waits for its lease to run out.
  return (backend === 'fargate' ? machine.owner : undefined) ?? ownerName();
}

/** This process, as a lease names it: machine, process id, and when that process was born, since ids come round again. */
export function ownerName(): string {
  return `${machineName()}:${process.pid}:${bornAt(process.pid)}`;
}

/** Whether the process that a lease names was one of this machine and is gone. */
export function isOwnerDead(owner: string): boolean {
  const match = /^(.*):(\d+):(\w*)$/.exec(owner);
  if (match === null || match[1] !== machineName()) {
    return false;
  }
  const pid = Number(match[2]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and is another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      return true;
    }
  }
  const born = bornAt(pid);
  return born !== '' && match[3] !== '' && born !== match[3];
}

/** The host and when it was started: in a bucket other machines of the same name may meet this one's runs. */
function machineName(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
    return `${hostname()}/${boot.slice(0, 8)}`;
  } catch {
    return hostname();
  }
}

/** Start time in ticks since boot, field 22 of proc(5); empty where there is no /proc. A zombie counts as gone. */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
