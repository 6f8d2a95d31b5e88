/** Looks at the real processes of this machine through /proc; Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ids of all processes below `pid`, at any depth. Orphans have a new parent and are not among them. */
export function descendants(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const id of processIds()) {
    const parent = statFields(id)?.[1];
    if (parent !== undefined)
      children.set(Number(parent), [...(children.get(Number(parent)) ?? []), id]);
  }
  const found: number[] = [];
  const visit = (at: number) => {
    for (const child of children.get(at) ?? []) {
      found.push(child);
      visit(child);
    }
  };
  visit(pid);
  return found;
}

/** Living processes whose environment has this text, for example `LATTICE_RUN_ID=abc`. A zombie has no environment. */
export function processesWith(text: string): readonly number[] {
  return processIds().filter((id) => read(`/proc/${id}/environ`).includes(text));
}

/** Waits until the condition holds; fails with `what` after ten seconds. The only waiting of tests: on a fact, never on time. */
export async function until(what: string, condition: () => boolean, seconds = 10): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** State and the fields behind it: [state, ppid, …], proc(5). */
function statFields(pid: number): readonly string[] | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === '' ? undefined : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function processIds(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
