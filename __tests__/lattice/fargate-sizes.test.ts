import { expect, test } from '@jest/globals';
import { FARGATE_SIZES, fargateSize } from '../../src/lattice/fargate-sizes.ts';

test('the table is the one of the ECS developer guide', () => {
  expect(
    Object.fromEntries(
      [...FARGATE_SIZES].map(([cpu, memory]) => [cpu, [memory[0], memory.at(-1), memory.length]]),
    ),
  ).toEqual({
    0.25: [0.5, 2, 3],
    0.5: [1, 4, 4],
    1: [2, 8, 7],
    2: [4, 16, 13],
    4: [8, 30, 23],
    8: [16, 60, 12],
    16: [32, 120, 12],
    32: [60, 244, 3],
  });
});

test.each([
  [undefined, undefined, 0.25, 0.5],
  [1, undefined, 1, 2],
  [undefined, 3, 0.5, 3],
  [undefined, 120, 16, 120],
  [8, 60, 8, 60],
])('vcpu %s with memory %s is %s with %s', (vcpu, memory, wantedCpu, wantedMemory) => {
  expect(fargateSize(vcpu, memory)).toEqual({ ok: true, vcpu: wantedCpu, memory: wantedMemory });
});

test.each([
  [3, undefined, 'vcpu', 'one of 0.25'],
  [1, 9, 'pair', '1 vCPU with 8 GB, and 2 vCPU with 9 GB'],
  [8, 18, 'pair', '8 vCPU with 16 or 20 GB, and 4 vCPU with 18 GB'],
  [undefined, 500, 'memory', '244 GB'],
  [undefined, 130, 'memory', '120 and 244 GB'],
])('vcpu %s with memory %s is refused', (vcpu, memory, wrong, hint) => {
  const answer = fargateSize(vcpu, memory);
  expect(answer).toMatchObject({ ok: false, wrong });
  expect(answer.ok ? '' : answer.hint).toContain(hint);
});
