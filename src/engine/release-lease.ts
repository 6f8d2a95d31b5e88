import type { RunId } from '../base/names.ts';
import { leaseKey } from './layout.ts';
import { readLease } from './lease.ts';
import type { Store } from './ports.ts';

/**
 * Gives up the lease of a driver that is known to have ended without doing so itself, so that the next one need not wait
 * until it runs out. Only a lease of that owner: false when there is none, or somebody else has it by now.
 */
export async function releaseLease(store: Store, runId: RunId, owner: string): Promise<boolean> {
  for (;;) {
    const stored = await store.read(leaseKey(runId));
    const held = stored === undefined ? undefined : readLease(stored.body);
    if (stored === undefined || held?.owner !== owner) {
      return false;
    }
    const text = JSON.stringify({ ...held, ttlSeconds: 0 });
    if (held.ttlSeconds === 0 || (await store.replace(leaseKey(runId), text, stored.etag))) {
      return true;
    }
  }
}
