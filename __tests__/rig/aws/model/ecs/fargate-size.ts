/** Memory in MiB that Fargate offers for each number of CPU units (developer guide, "Fargate task definition differences"). */
const MEMORY: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1, 4, 1),
  1024: steps(2, 8, 1),
  2048: steps(4, 16, 1),
  4096: steps(8, 30, 1),
  8192: steps(16, 60, 4),
  16384: steps(32, 120, 8),
  32768: [60, 120, 244].map((gigabytes) => gigabytes * 1024),
};

function steps(from: number, to: number, by: number): readonly number[] {
  const sizes: number[] = [];
  for (let gigabytes = from; gigabytes <= to; gigabytes += by) sizes.push(gigabytes * 1024);
  return sizes;
}

/** Whether Fargate offers this pair. */
export function offersSize(cpu: string | undefined, memory: string | undefined): boolean {
  return MEMORY[Number(cpu)]?.includes(Number(memory)) ?? false;
}
