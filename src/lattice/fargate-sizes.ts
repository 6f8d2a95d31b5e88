/**
 * The sizes Fargate offers on Linux: "Task CPU and memory" of the Amazon ECS developer guide
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html).
 */

/** Memory in GB for each vCPU. */
export const FARGATE_SIZES: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [0.5, 1, 2]],
  [0.5, [1, 2, 3, 4]],
  [1, steps(2, 8, 1)],
  [2, steps(4, 16, 1)],
  [4, steps(8, 30, 1)],
  [8, steps(16, 60, 4)],
  [16, steps(32, 120, 8)],
  [32, [60, 120, 244]],
]);

/** GiB of ephemeral storage. */
export const STORAGE = { smallest: 20, largest: 200 } as const;

function steps(from: number, to: number, step: number): readonly number[] {
  return Array.from(
    { length: Math.floor((to - from) / step) + 1 },
    (_, index) => from + index * step,
  );
}

/** A pair, or why there is none and which valid ones are near. */
export type SizeAnswer =
  | { readonly ok: true; readonly vcpu: number; readonly memory: number }
  | {
      readonly ok: false;
      readonly wrong: 'vcpu' | 'memory' | 'pair';
      readonly message: string;
      readonly hint: string;
    };

/** One alone picks the smallest valid partner; none: the smallest size. */
export function fargateSize(vcpu: number | undefined, memory: number | undefined): SizeAnswer {
  const all = [...FARGATE_SIZES];
  if (vcpu !== undefined && !FARGATE_SIZES.has(vcpu)) {
    const message = `Fargate offers no ${vcpu} vCPU`;
    return {
      ok: false,
      wrong: 'vcpu',
      message,
      hint: `one of ${[...FARGATE_SIZES.keys()].join(', ')}`,
    };
  }
  if (memory === undefined) {
    const chosen = vcpu ?? 0.25;
    return { ok: true, vcpu: chosen, memory: FARGATE_SIZES.get(chosen)?.[0] ?? 0.5 };
  }
  const holders = all.filter(([, memories]) => memories.includes(memory)).map(([cpu]) => cpu);
  const [smallest] = holders;
  if (smallest === undefined) {
    const known = [...new Set(all.flatMap(([, memories]) => memories))].sort((a, b) => a - b);
    return {
      ok: false,
      wrong: 'memory',
      message: `Fargate offers no ${memory} GB`,
      hint: `the nearest are ${near(memory, known).join(' and ')} GB`,
    };
  }
  if (vcpu === undefined) return { ok: true, vcpu: smallest, memory };
  const memories = FARGATE_SIZES.get(vcpu) ?? [];
  if (memories.includes(memory)) return { ok: true, vcpu, memory };
  const cpu = [...holders].sort((a, b) => Math.abs(a - vcpu) - Math.abs(b - vcpu))[0] ?? smallest;
  return {
    ok: false,
    wrong: 'pair',
    message: `Fargate offers no ${vcpu} vCPU with ${memory} GB`,
    hint: `the nearest are ${vcpu} vCPU with ${near(memory, memories).join(' or ')} GB, and ${cpu} vCPU with ${memory} GB`,
  };
}

/** The neighbours of a value among valid ones: one below, one above. */
function near(value: number, valid: readonly number[]): readonly number[] {
  const below = valid.filter((other) => other < value).at(-1);
  const above = valid.find((other) => other > value);
  return [below, above].filter((other) => other !== undefined);
}
