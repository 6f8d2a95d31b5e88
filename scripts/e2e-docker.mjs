/**
 * `npm run e2e:docker`: tests that need a real Docker Engine, a real registry and an S3 that we did not write.
 *
 * Installs what is missing (Debian or Ubuntu, as root), starts all of it below one private folder, makes base images out of
 * this machine's own packages, so that no registry of the internet is asked, runs jest, and stops and removes everything
 * however it ends. Its exit code is jest's.
 *
 *   npm run e2e:docker                        all of *.docker.ts
 *   npm run e2e:docker -- __tests__/docker    arguments of jest
 *   npm run e2e:docker -- --wait              print the environment, and keep it until Ctrl-C
 *
 * What the tests find in their environment:
 *   DOCKER_HOST               unix:///… of an engine of its own; --network host reaches the addresses below
 *   PATH                      begins with a folder that holds `docker`, the program that fits the engine
 *   LATTICE_REGISTRY          127.0.0.1:<port>, plain http: what stands for ECR, empty; deletion is on
 *   LATTICE_REGISTRY_MIRRORS  docker.io=http://127.0.0.1:<port>, another registry, with the images of scripts/e2e-docker/images.mjs
 *   LATTICE_MOTO              http://127.0.0.1:<port>, moto: S3, CloudWatch Logs and others, no account furnished
 */
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from './e2e-docker/engine.mjs';
import { pushBaseImages } from './e2e-docker/images.mjs';
import { startMoto } from './e2e-docker/moto.mjs';
import { removeFolder, stopAll, tell } from './e2e-docker/processes.mjs';
import { install } from './e2e-docker/programs.mjs';
import { startRegistry } from './e2e-docker/registry.mjs';

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'lattice-e2e-docker-'));
let jest;
let interrupted;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted ??= signal;
    jest?.kill('SIGTERM');
    wake();
  });
}
let wake = () => {};
const interruption = new Promise((resolve) => {
  wake = resolve;
});

try {
  process.exitCode = await main();
} catch (error) {
  if (interrupted === undefined) console.error(error instanceof Error ? error.stack : error);
  process.exitCode = interrupted === undefined ? 1 : 130;
} finally {
  tell('stopping everything');
  await stopAll();
  removeFolder(folder);
}

async function main() {
  const { python } = await install();
  stopIfInterrupted();
  const [engine, registry, hub, moto] = await Promise.all([
    startEngine(folder),
    startRegistry(folder, 'registry'),
    startRegistry(folder, 'hub'),
    startMoto(folder, python),
  ]);
  stopIfInterrupted();
  const environment = {
    DOCKER_HOST: engine.host,
    PATH: `${engine.programs}:${process.env.PATH}`,
    LATTICE_REGISTRY: registry,
    LATTICE_REGISTRY_MIRRORS: `docker.io=http://${hub}`,
    LATTICE_MOTO: moto,
  };
  await pushBaseImages({ docker: engine.docker, environment, hub, folder });
  stopIfInterrupted();
  if (args.includes('--wait')) {
    for (const [name, value] of Object.entries(environment)) {
      console.log(`export ${name}=${name === 'PATH' ? `${engine.programs}:$PATH` : value}`);
    }
    tell('ready; Ctrl-C ends it');
    // A promise alone keeps no process alive.
    const hold = setInterval(() => {}, 60_000);
    await interruption;
    clearInterval(hold);
    return 0;
  }
  tell('jest --config jest.docker.config.mjs');
  return runJest(environment);
}

function stopIfInterrupted() {
  if (interrupted !== undefined) throw new Error(interrupted);
}

function runJest(environment) {
  return new Promise((resolve, reject) => {
    jest = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(root, 'node_modules/jest/bin/jest.js'),
        '--config',
        join(root, 'jest.docker.config.mjs'),
        ...args,
      ],
      { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } },
    );
    jest.once('error', reject);
    jest.once('close', (code) => resolve(interrupted === undefined ? (code ?? 1) : 130));
  });
}
