import type { Clock } from '../../base/clock.ts';

/** After a launch that was let through against what is known, the next is let through so much later. */
const FIRST_PROBE = 60_000;
const LONGEST_PROBE = 240_000;
/** So long after the end of a task its address may still be taken. */
const RELEASE_MILLISECONDS = 30_000;
/** So long after own tasks had addresses it is believed that others give theirs back. */
const HOPE_MILLISECONDS = 15 * 60_000;
/** A launch into a subnet that is just being tried is waited for so long. */
const ANSWER_MILLISECONDS = 1000;

interface Subnet {
  /** Own tasks that have an address, or are about to get one. */
  held: number;
  /** Of these, those that were seen to have one. */
  confirmed: number;
  /** Launches into this subnet alone that are not answered yet. */
  flying: number;
  /** As many as had room when there was none for more. */
  limit: number;
  probeAt: number;
  probeAfter: number;
  releasedAt: number;
}

/**
 * Addresses of the subnets: a task that finds none left fails to start, some seconds after RunTask has taken it. How many
 * there are is never asked for. It is what own tasks held when one found none, and one launch is let through against that
 * from time to time, because others use the subnets too.
 */
export class Addresses {
  readonly #clock: Clock;
  readonly #subnets: ReadonlyMap<string, Subnet>;
  readonly #all: readonly Subnet[];

  constructor(clock: Clock, subnets: readonly string[]) {
    this.#clock = clock;
    this.#subnets = new Map(
      subnets.map((id) => [
        id,
        {
          held: 0,
          confirmed: 0,
          flying: 0,
          limit: Infinity,
          probeAt: Infinity,
          probeAfter: FIRST_PROBE,
          releasedAt: -Infinity,
        },
      ]),
    );
    this.#all = [...this.#subnets.values()];
  }

  /** Whether a subnet was ever found without an address. */
  get isLimited(): boolean {
    return this.#all.some(({ limit }) => limit !== Infinity);
  }

  /** Whether each of them was. */
  get areAllLimited(): boolean {
    return this.#all.every(({ limit }) => limit !== Infinity);
  }

  /**
   * Whether there is nothing to wait for: no own task has an address nor has had one for long, and no subnet had one for
   * the last that asked.
   */
  get areHopeless(): boolean {
    const now = this.#clock.now();
    return this.#all.every(
      ({ held, limit, releasedAt }) =>
        held === 0 && limit === 0 && now - releasedAt >= HOPE_MILLISECONDS,
    );
  }

  /** When a launch into this subnet may be tried; in the past when it can be now. */
  freeAt(id: string): number {
    const subnet = this.#subnets.get(id);
    if (subnet === undefined || subnet.held + subnet.flying < subnet.limit) return 0;
    return subnet.flying > 0 ? this.#clock.now() + ANSWER_MILLISECONDS : subnet.probeAt;
  }

  /** A launch is sent; where it goes is known beforehand when there is just one subnet in it. */
  sending(ids: readonly string[]): void {
    const subnet = this.#only(ids);
    if (subnet === undefined) return;
    if (subnet.held + subnet.flying >= subnet.limit) this.#probed(subnet);
    subnet.flying++;
  }

  /** It was answered. */
  sent(ids: readonly string[]): void {
    const subnet = this.#only(ids);
    if (subnet !== undefined) subnet.flying--;
  }

  /** A task is there, and will get an address or fail to start. Answers the how many-th it is. */
  taken(id: string): number {
    const subnet = this.#subnets.get(id);
    return subnet === undefined ? 0 : ++subnet.held;
  }

  /** A task was seen to have its address; `place` is what {@link taken} answered. */
  confirmed(id: string, place: number): void {
    const subnet = this.#subnets.get(id);
    if (subnet === undefined) return;
    subnet.confirmed++;
    if (place <= subnet.limit) return;
    // There is more room than was known, and maybe still more.
    subnet.limit = place;
    subnet.probeAt = this.#clock.now();
    subnet.probeAfter = FIRST_PROBE;
  }

  /** A task is gone with its address; `had`: it was seen to have one. */
  released(id: string, had: boolean): void {
    const subnet = this.#subnets.get(id);
    if (subnet === undefined) return;
    subnet.held--;
    if (!had) return;
    subnet.confirmed--;
    subnet.releasedAt = this.#clock.now();
  }

  /** A task that was launched at this time found no address. */
  refused(id: string, launchedAt: number): void {
    const subnet = this.#subnets.get(id);
    if (subnet === undefined) return;
    subnet.held--;
    const early = launchedAt - subnet.releasedAt < RELEASE_MILLISECONDS;
    // One that came while the address of the last was still being given back says nothing new.
    if (early && subnet.limit !== Infinity) return;
    subnet.limit = Math.min(subnet.limit, Math.max(subnet.held, subnet.confirmed));
    if (subnet.probeAt === Infinity) this.#probed(subnet);
  }

  #probed(subnet: Subnet): void {
    subnet.probeAt = this.#clock.now() + subnet.probeAfter;
    subnet.probeAfter = Math.min(LONGEST_PROBE, subnet.probeAfter * 2);
  }

  #only(ids: readonly string[]): Subnet | undefined {
    const [id, ...others] = ids;
    return id === undefined || others.length > 0 ? undefined : this.#subnets.get(id);
  }
}
