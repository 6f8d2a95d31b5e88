import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { StoreError } from '../../engine/ports.ts';
import { systemCode } from './medium-error.ts';

/** Locks are held for less than a millisecond, so whoever waits this long waits for a process that hangs. */
const PATIENCE_MS = 10_000;

interface Owner {
  readonly host: string;
  readonly pid: number;
  /** Start time of the process, so that a recycled pid is not taken for the owner; empty where it cannot be known. */
  readonly born: string;
}

const self: Owner = { host: hostname(), pid: process.pid, born: bornAt(process.pid) };

/**
 * Runs `action` while no other process holds this lock. `action` is synchronous, so within this process nothing else
 * can ask in between.
 *
 * The lock is a symbolic link whose target names its owner: one system call makes it with its content or not at all.
 * The lock of a dead process is removed by whoever holds a lock on that very instance (its name carries the
 * instance's random part), so of many that find it stale one removes it, and never a fresh one.
 */
export async function withLock<Value>(path: string, action: () => Value): Promise<Value> {
  const target = JSON.stringify({ ...self, nonce: randomBytes(8).toString('hex') });
  const deadline = performance.now() + PATIENCE_MS;
  for (let wait = 1; !take(path, target); wait = Math.min(wait * 2, 20)) {
    const holder = look(path);
    if (holder === undefined) continue;
    if (isDead(holder)) {
      const instance = /"nonce":"([0-9a-f]+)"/.exec(holder)?.[1] ?? 'unknown';
      await withLock(`${path}.${instance}`, () => {
        if (look(path) === holder) unlinkSync(path);
      });
      continue;
    }
    if (performance.now() > deadline)
      throw new StoreError(
        'ELOCKED',
        `The lock ${path} is held by ${holder}; end that process, or remove the lock if there is no such process`,
      );
    await delay(wait);
  }
  try {
    return action();
  } finally {
    unlinkSync(path);
  }
}

function take(path: string, target: string): boolean {
  try {
    symlinkSync(target, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function look(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead(target: string): boolean {
  const owner = parseOwner(target);
  // A process of another machine or container cannot be asked.
  if (owner === undefined || owner.host !== self.host) return false;
  return !isAlive(owner.pid) || (owner.born !== '' && bornAt(owner.pid) !== owner.born);
}

function parseOwner(target: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(target);
    if (typeof value !== 'object' || value === null) return undefined;
    const { host, pid, born } = value as Partial<Owner>;
    return typeof host === 'string' && typeof pid === 'number' && typeof born === 'string'
      ? { host, pid, born }
      : undefined;
  } catch {
    return undefined;
  }
}

/** True when there is a process of that id on this machine, also another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, proc(5); empty on systems without it. */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
