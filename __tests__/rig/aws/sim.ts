/** `npm run sim`: the simulated AWS by itself, for trying things by hand. */
import { parseArgs } from 'node:util';
import { serve } from './http/server.ts';
import { FARGATE_DELAYS, SETTINGS, SHORT_DELAYS } from './model/settings.ts';
import { LARGE_REGION, SMALL_ACCOUNT, SMALL_REGION } from './model/quotas.ts';
import { processRunner } from './process-runner.ts';
import { scaledClock } from './scaled-clock.ts';
import { SimulatedAws } from './simulated-aws.ts';
import { furnish, NAMES } from './standard-account.ts';

const HELP = `Usage: npm run sim -- [options]

A simulated AWS account on this machine; tasks run as processes. Ctrl-C ends it.

  --port N          port to listen on (default: a free one)
  --speed N         its time passes N times as fast (default 1)
  --cold-start      phases of tasks as long as on Fargate, about 20 s (default: about 1 s)
  --quotas KIND     large-region (default), small-region, small-account (6 vCPU)
  --entrypoint FILE program that stands for /.lattice/entrypoint of images
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    speed: { type: 'string', default: '1' },
    'cold-start': { type: 'boolean', default: false },
    quotas: { type: 'string', default: 'large-region' },
    entrypoint: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const QUOTAS = new Map([
  ['large-region', LARGE_REGION],
  ['small-region', SMALL_REGION],
  ['small-account', SMALL_ACCOUNT],
]);

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const speed = Number(values.speed);
  const quotas = QUOTAS.get(values.quotas);
  if (!(speed > 0) || quotas === undefined) {
    process.stderr.write(HELP);
    return 2;
  }
  const delays = values['cold-start'] ? FARGATE_DELAYS : SHORT_DELAYS;
  const lags = { describe: 300, list: 300, logFlush: 1_000, logVisible: 500 };
  const runner = processRunner({
    endpoint: () => aws.endpoint,
    region: SETTINGS.region,
    path: process.env['PATH'] ?? '',
    ...(values.entrypoint === undefined
      ? {}
      : { programs: { '/.lattice/entrypoint': values.entrypoint } }),
  });
  const aws = new SimulatedAws({
    clock: scaledClock(speed),
    runner,
    settings: { quotas, delays, ...(values['cold-start'] ? {} : { lags }) },
  });
  furnish(aws);
  const { endpoint } = await serve(aws, Number(values.port));
  process.stdout.write(`export AWS_ENDPOINT_URL=${endpoint}
export AWS_REGION=${SETTINGS.region}
export AWS_ACCESS_KEY_ID=test
export AWS_SECRET_ACCESS_KEY=test
# cluster ${NAMES.cluster}, bucket ${NAMES.bucket}, repository ${NAMES.repository}, log group ${NAMES.logGroup}
# subnet ${NAMES.subnet}, security group ${NAMES.securityGroup}, roles ${NAMES.executionRole} and ${NAMES.taskRole}
`);
  return 0;
}

process.exitCode = await main();
