import fc from 'fast-check';
import type { WorkSpec } from '../../src/engine/contract.ts';
import type { Script } from './scripted-backend.ts';

/** One electron of a random lattice. */
export interface RandomElectron {
  readonly needs: readonly number[];
  readonly shape: 'single' | 'matrix' | 'late' | 'for-each';
  readonly width: number;
  readonly condition: 'none' | 'always()' | 'failure()' | '!cancelled()';
  readonly continueOnError: boolean;
  readonly failFast: 'false' | 'drain' | 'true';
  readonly tolerate: number;
  readonly maxParallel: number;
  readonly attempts: number;
}

export interface RandomLattice {
  readonly electrons: readonly RandomElectron[];
  readonly maxParallel: number;
  readonly parallelism: number;
}

const electron = (index: number): fc.Arbitrary<RandomElectron> =>
  fc.record({
    needs:
      index === 0
        ? fc.constant([])
        : fc.uniqueArray(fc.nat({ max: index - 1 }), { maxLength: Math.min(3, index) }),
    shape: fc.constantFrom('single', 'matrix', 'late', 'for-each'),
    width: fc.nat({ max: 4 }),
    condition: fc.constantFrom('none', 'none', 'none', 'always()', 'failure()', '!cancelled()'),
    continueOnError: fc.boolean(),
    failFast: fc.constantFrom('false', 'false', 'drain', 'true'),
    tolerate: fc.nat({ max: 2 }),
    maxParallel: fc.integer({ min: 1, max: 4 }),
    attempts: fc.integer({ min: 1, max: 3 }),
  });

/** Random lattices of up to eight electrons of every shape. */
export const randomLattice: fc.Arbitrary<RandomLattice> = fc.record({
  electrons: fc
    .integer({ min: 1, max: 8 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => electron(index)))),
  maxParallel: fc.integer({ min: 1, max: 6 }),
  parallelism: fc.integer({ min: 1, max: 6 }),
});

/** The lattice as its user would write it. */
export function latticeText(
  lattice: RandomLattice,
  options: { readonly failFast: boolean; readonly edited?: ReadonlySet<number> },
): string {
  const lines = [`max-parallel: ${lattice.maxParallel}`, 'electrons:'];
  for (const [index, one] of lattice.electrons.entries()) {
    const needs = one.needs.map((need) => `e${need}`);
    const partner = needs[0];
    const late = one.shape === 'late' && partner !== undefined;
    const each = one.shape === 'for-each' && partner !== undefined;
    const many = one.shape === 'matrix' || late || each;
    const script = options.edited?.has(index) === true ? 'work, edited' : 'work';
    lines.push(`  e${index}:`, `    run: ${script}`);
    if (needs.length > 0) lines.push(`    needs: [${needs.join(', ')}]`);
    if (each) lines.push(`    for-each: ${partner}`);
    if (one.condition !== 'none') lines.push(`    if: \${{ ${one.condition} }}`);
    if (one.continueOnError) lines.push('    continue-on-error: true');
    lines.push(`    retry: ${one.attempts}`);
    if (many) {
      lines.push('    strategy:', `      max-parallel: ${one.maxParallel}`);
      if (options.failFast) lines.push(`      fail-fast: ${one.failFast}`);
      lines.push(`      tolerate-failures: ${one.tolerate}`);
      if (one.shape === 'matrix') {
        lines.push(
          `      matrix: { n: [${Array.from({ length: one.width + 1 }, (_, n) => n).join(', ')}] }`,
        );
      }
      // The result of the partner decides how many there are; a failed partner blocks or gives one.
      if (late) {
        lines.push(
          `      matrix: { n: "\${{ range(0, case(needs.${partner}.result == 'success', ${one.width}, 1)) }}" }`,
        );
      }
      lines.push(`    with: { n: "\${{ strategy.job-index }}" }`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const FAULTS: readonly Script[] = [
  { status: 'failed', exitCode: 2 },
  { status: 'timed-out' },
  { status: 'failed', errorClass: 'oom' },
  { status: 'none' },
  { status: 'none', end: { kind: 'exited', exitCode: 0, signal: null } },
  { garbage: 'not a result' },
  { status: 'interrupted' },
  { status: 'staging-failed' },
  { end: { kind: 'infrastructure', cause: 'lost', fact: 'x', advice: 'y' } },
  { end: { kind: 'permanent', cause: 'cannot', fact: 'x', advice: 'y' } },
];

/** A number from a text: FNV-1a. */
function hash(text: string): number {
  let value = 2166136261;
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 16777619);
  }
  return value >>> 0;
}

/** What happens to an attempt, by chance: `percent` of them end badly. */
export function randomFaults(seed: number, percent: number): (spec: WorkSpec) => Script {
  return (spec) => {
    const chance = hash(`${seed} ${spec.task} ${spec.attempt}`);
    const seconds = 1 + (chance % 7);
    const outputs = { id: spec.taskId };
    if ((chance >>> 8) % 100 >= percent) return { seconds, outputs };
    // With every third seed a task always meets the same fault, so that budgets are used up to their ends.
    const kind = seed % 3 === 0 ? hash(`${seed} ${spec.task}`) : chance;
    return { seconds, outputs, ...FAULTS[(kind >>> 16) % FAULTS.length] };
  };
}

/** The same end for a task whatever attempt it is and whenever it runs: always fails, or always succeeds. */
export function steadyFaults(seed: number, percent: number): (spec: WorkSpec) => Script {
  return (spec) => {
    const chance = hash(`${seed} ${spec.task}`);
    const seconds = 1 + (chance % 7);
    const outputs = { id: spec.taskId };
    return (chance >>> 8) % 100 < percent
      ? { seconds, outputs, status: 'failed', exitCode: 2 }
      : { seconds, outputs };
  };
}
