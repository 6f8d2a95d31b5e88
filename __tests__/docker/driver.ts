/** A driver to be killed: launches a container over a folder store, and tells once its work has begun. */
import { randomBytes } from 'node:crypto';
import type { RunId } from '../../src/base/names.ts';
import { dockerBackend } from '../../src/backends/docker/index.ts';
import { folderStore } from '../../src/store/index.ts';
import { realClock } from '../rig/real-clock.ts';
import { launch, prepare } from './rig/attempts.ts';

const [folder = '', image = '', script = ''] = process.argv.slice(2);
const runId = `run${randomBytes(8).toString('hex')}` as RunId;
const backend = dockerBackend({
  environment: process.env,
  storeFolder: folder,
  clock: realClock,
});
const attempt = launch(backend, await prepare(folderStore(folder), runId, { image, script }));
await attempt.said('ready');
process.stdout.write(`${runId}\n`);
