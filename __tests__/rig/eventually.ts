import { setTimeout as after } from 'node:timers/promises';

/** Waits until `holds`, looking again and again; fails after `seconds`, which is far longer than it ever takes. */
export async function eventually(holds: () => Promise<boolean>, seconds = 30): Promise<void> {
  for (let look = 0; look < seconds * 50; look += 1) {
    if (await holds()) return;
    await after(20);
  }
  throw new Error(`still not so after ${seconds} s`);
}
