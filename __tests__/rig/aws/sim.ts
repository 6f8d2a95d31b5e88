/** `npm run sim`: the simulated AWS by itself, for trying things by hand. */
import { parseArgs } from 'node:util';
import { publicRegistry, STAND_INS } from '../public-registry.ts';
import { dockerRunner } from './docker-runner.ts';
import { serve } from './http/server.ts';
import { readPolicy } from './iam/policy-file.ts';
import { LARGE_REGION, SMALL_ACCOUNT, SMALL_REGION } from './model/quotas.ts';
import { FARGATE_DELAYS, SETTINGS, SHORT_DELAYS } from './model/settings.ts';
import type { TaskRunner } from './model/task-runner.ts';
import { processRunner } from './process-runner.ts';
import { scaledClock } from './scaled-clock.ts';
import { SimulatedAws } from './simulated-aws.ts';
import { furnish, NAMES, pullAuthorization } from './standard-account.ts';

const HELP = `Usage: npm run sim -- [options]

A simulated AWS account on this machine; tasks run as processes. Ctrl-C ends it.

  --port N          port to listen on (default: a free one)
  --speed N         its time passes N times as fast (default 1)
  --cold-start      phases of tasks as long as on Fargate, about 20 s (default: about 1 s)
  --quotas KIND     large-region (default), small-region, small-account (6 vCPU)
  --policy FILE     what the keys may do, such as infra/iam/original-policy.json (default: everything);
                    several times for several policies
  --docker          tasks run as containers of the Docker Engine
  --registry URL    a real registry keeps the images, such as http://127.0.0.1:5000
  --entrypoint FILE program that stands for /.lattice/entrypoint of images
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    speed: { type: 'string', default: '1' },
    'cold-start': { type: 'boolean', default: false },
    quotas: { type: 'string', default: 'large-region' },
    policy: { type: 'string', multiple: true },
    docker: { type: 'boolean', default: false },
    registry: { type: 'string' },
    entrypoint: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const QUOTAS = new Map([
  ['large-region', LARGE_REGION],
  ['small-region', SMALL_REGION],
  ['small-account', SMALL_ACCOUNT],
]);

function runner(): TaskRunner {
  const endpoint = () => aws.endpoint;
  const { region } = SETTINGS;
  if (!values.docker) {
    const programs =
      values.entrypoint === undefined ? {} : { '/.lattice/entrypoint': values.entrypoint };
    return processRunner({ endpoint, region, programs, path: process.env['PATH'] ?? '' });
  }
  return dockerRunner({
    endpoint,
    region,
    registryHost: `${SETTINGS.account}.dkr.ecr.${region}.amazonaws.com`,
    authorization: () => pullAuthorization(aws),
    environment: process.env,
  });
}

const speed = Number(values.speed);
const quotas = QUOTAS.get(values.quotas);
const wrong = values.help || !(speed > 0) || quotas === undefined;
if (wrong) {
  (values.help ? process.stdout : process.stderr).write(HELP);
  process.exit(values.help ? 0 : 2);
}

const aws = new SimulatedAws({
  clock: scaledClock(speed),
  runner: runner(),
  settings: {
    quotas,
    delays: values['cold-start'] ? FARGATE_DELAYS : SHORT_DELAYS,
    ...(values['cold-start']
      ? {}
      : { lags: { describe: 300, list: 300, logFlush: 1_000, logVisible: 500 } }),
    ...(values.registry === undefined ? {} : { registryBehind: values.registry }),
  },
});
furnish(aws, values.policy?.map(readPolicy));
const { endpoint } = await serve(aws, Number(values.port));
// Processes need nothing of a base image, so that no network is needed for one either.
const mirror = values.docker ? undefined : await publicRegistry(STAND_INS);
process.stdout.write(`# The simulated AWS listens. In another terminal:
export AWS_ENDPOINT_URL=${endpoint}
export AWS_REGION=${SETTINGS.region}
export AWS_ACCESS_KEY_ID=test
export AWS_SECRET_ACCESS_KEY=test
${mirror === undefined ? '' : `export LATTICE_REGISTRY_MIRRORS=docker.io=${mirror.address}\n`}# for the command: --backend fargate --subnets ${NAMES.subnet} --security-groups ${NAMES.securityGroup}
# for the action: env INPUT_BACKEND=fargate INPUT_SUBNETS=${NAMES.subnet} INPUT_SECURITY-GROUPS=${NAMES.securityGroup} …
# The rest has the names that are defaults: cluster ${NAMES.cluster}, bucket ${NAMES.bucket},
# repository ${NAMES.repository}, log group ${NAMES.logGroup}, roles ${NAMES.executionRole} and ${NAMES.taskRole}.
# Subnets: ${Object.keys(SETTINGS.subnets).join(', ')}.
`);
