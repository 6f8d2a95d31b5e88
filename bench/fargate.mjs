/**
 * What a run on Fargate costs, on the simulated AWS: 1,000 electrons of 60 s in virtual time against the shortest time
 * that the account allows, the calls that they make, what a second run asks of ECR, and the entrypoint.
 */
import { measure as measureEntrypoint } from './entrypoint.mjs';
// Runs the rig's sources as they are.
import '../__tests__/rig/typescript.mjs';

/** @param {{ rounds: number }} options how often the entrypoint is timed; virtual time needs no repetition */
export async function measure({ rounds }) {
  const large = await thousand('LARGE_REGION');
  const small = await thousand('SMALL_ACCOUNT');
  const ecrCalls = await secondRunEcrCalls();
  const { figures: entrypoint } = await measureEntrypoint({ rounds: Math.max(rounds, 21) });
  const figures = {
    makespan_over_floor: rounded(large.makespan / large.floor),
    makespan_over_floor_small_account: rounded(small.makespan / small.floor),
    makespan_s: Math.round(large.makespan / 1000),
    makespan_s_small_account: Math.round(small.makespan / 1000),
    // The worse of the two accounts.
    control_calls_per_task: Math.max(large.calls, small.calls),
    throttled_calls: large.throttled + small.throttled,
    tasks_launched: large.launched,
    second_run_ecr_calls: ecrCalls,
    ...entrypoint,
  };
  return {
    figures,
    rows: [
      row('1,000 electrons of 60 s, default quotas', `${figures.makespan_s} s`),
      row('  over the floor', `${figures.makespan_over_floor}`, 'at most 1.05'),
      row('  with 6 vCPU', `${figures.makespan_s_small_account} s`),
      row('  over its floor', `${figures.makespan_over_floor_small_account}`, 'at most 1.05'),
      row('control calls a task', `${figures.control_calls_per_task}`, 'at most 1.5'),
      row('throttled calls', `${figures.throttled_calls}`, '0'),
      row('ECR calls of a second run', `${figures.second_run_ecr_calls}`, '1'),
      row('entrypoint until the work runs', `${figures.entrypoint_ms} ms`, 'at most 20 ms'),
      row('  bytes of a pull', `${figures.entrypoint_gz_bytes}`, 'at most 3,000,000'),
      row('  memory', `${figures.entrypoint_rss_mb} MB`, 'at most 15 MB'),
    ],
  };
}

/** The engine and the dispatcher as they are; calls are counted by the model of AWS. */
async function thousand(quotas) {
  const { measureThousand } = await import('../__tests__/backends/fargate/measure-thousand.ts');
  const known = await import('../__tests__/rig/aws/model/quotas.ts');
  const { rig, record, makespan, floor } = await measureThousand(known[quotas]);
  if (record.status !== 'succeeded') throw new Error(`The run has ${record.status}`);
  const { ledger } = rig.aws;
  return {
    makespan,
    floor,
    calls: rounded(ledger.controlCalls() / record.counts.total),
    throttled: ledger.throttled().length,
    launched: ledger.tasksCreated,
  };
}

/** Image resolution of a run that finds everything as it was. */
async function secondRunEcrCalls() {
  const { imageRig, made, request } = await import('../__tests__/image/image-rig.ts');
  const { imageBytes } = await import('../__tests__/rig/aws/push-image.ts');
  const rig = await imageRig();
  try {
    const image = { config: { Cmd: ['true'] }, layers: [{ 'etc/hosts': { text: 'x' } }] };
    rig.hub.add('library/busybox:1', await imageBytes(image));
    await rig.write('main.sh', 'echo');
    const wanted = request('busybox:1', ['**']);
    const first = await made(rig.images(), wanted);
    rig.calls();
    const second = await made(rig.images(), wanted);
    if (second.digest !== first.digest) throw new Error('the second run found another image');
    return Object.values(rig.calls()).reduce((sum, count) => sum + count, 0);
  } finally {
    await rig[Symbol.asyncDispose]();
  }
}

function rounded(value) {
  return Math.round(value * 1000) / 1000;
}

function row(what, value, goal) {
  return { what, value, goal };
}
