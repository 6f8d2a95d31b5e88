/** What an attempt runs on: as the electron says, with more memory after attempts that ran out of it. */
import { FARGATE_SIZES } from '../lattice/index.ts';
import type { Resources } from '../lattice/plan.ts';

/** Multiplies the memory and rounds up to the next size on offer, with more vCPU where that size asks for it. */
export function withMoreMemory(resources: Resources, factor: number, times: number): Resources {
  if (times === 0 || factor <= 1) return resources;
  const wanted = resources.memory * factor ** times;
  for (const [vcpu, memories] of FARGATE_SIZES) {
    if (vcpu < resources.vcpu) continue;
    const memory = memories.find((size) => size >= wanted);
    if (memory !== undefined) return { ...resources, vcpu, memory };
  }
  const largest = [...FARGATE_SIZES].at(-1);
  return largest === undefined
    ? resources
    : { ...resources, vcpu: largest[0], memory: Math.max(...largest[1]) };
}
