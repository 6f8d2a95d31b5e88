import type { Clock } from '../../base/clock.ts';
import type { Addresses } from './addresses.ts';

const FIRST_REST = 15_000;
const LONGEST_REST = 4 * 60_000;
/** How long after a refusal subnets are tried one by one. */
const ONE_BY_ONE = 10 * 60_000;

interface Subnet {
  readonly id: string;
  restUntil: number;
  rest: number;
}

/**
 * Which subnets to launch into. As long as there is capacity, ECS chooses among all of them. An answer without capacity
 * does not say which zone lacks it, so after one they are tried one by one, and those without rest for a while. One by one
 * also when one of them was found without an address.
 */
export class Zones {
  readonly #clock: Clock;
  readonly #subnets: Subnet[];
  readonly #addresses: Addresses;
  #oneByOneUntil = 0;
  #next = 0;

  constructor(clock: Clock, subnets: readonly string[], addresses: Addresses) {
    this.#clock = clock;
    this.#addresses = addresses;
    this.#subnets = subnets.map((id) => ({ id, restUntil: 0, rest: FIRST_REST }));
  }

  /** When a subnet can be tried again; in the past when one can be now. */
  freeAt(): number {
    return Math.min(...this.#subnets.map((subnet) => this.#freeAt(subnet)));
  }

  /** The same as far as capacity is concerned, which is another one on Spot. */
  capacityAt(): number {
    return Math.min(...this.#subnets.map((subnet) => subnet.restUntil));
  }

  choose(): readonly string[] {
    const now = this.#clock.now();
    const free = this.#subnets.filter((subnet) => this.#freeAt(subnet) <= now);
    const usable = free.length === 0 ? this.#subnets : free;
    if (now >= this.#oneByOneUntil && !this.#addresses.isLimited)
      return usable.map((subnet) => subnet.id);
    const chosen = usable[this.#next++ % usable.length];
    return chosen === undefined ? [] : [chosen.id];
  }

  /** No capacity in these. */
  refused(ids: readonly string[]): void {
    const now = this.#clock.now();
    this.#oneByOneUntil = now + ONE_BY_ONE;
    if (ids.length > 1) return;
    for (const subnet of this.#subnets) {
      if (!ids.includes(subnet.id)) continue;
      subnet.restUntil = now + subnet.rest;
      subnet.rest = Math.min(LONGEST_REST, subnet.rest * 2);
    }
  }

  accepted(ids: readonly string[]): void {
    for (const subnet of this.#subnets) if (ids.includes(subnet.id)) subnet.rest = FIRST_REST;
  }

  #freeAt({ id, restUntil }: Subnet): number {
    return Math.max(restUntil, this.#addresses.freeAt(id));
  }
}
