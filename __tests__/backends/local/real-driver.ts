/** A driver over the real entrypoint: launches tasks of a folder store and tells what becomes of them, line by line. */
import { createHash } from 'node:crypto';
import { CONTRACT_VERSION, type SpecDocument } from '../../../src/engine/contract.ts';
import { localBackend } from '../../../src/backends/local/index.ts';
import { folderStore } from '../../../src/store/index.ts';
import { realClock } from '../../rig/real-clock.ts';
import { launchRequest } from './launch-request.ts';

const [entrypoint = '', folder = '', runId = '', count = '1', script = 'true'] =
  process.argv.slice(2);
const store = folderStore(folder);
const backend = localBackend({
  entrypoint,
  environment: process.env,
  workdir: process.cwd(),
  clock: realClock,
});
const requests = await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    const task = `t/${index}`;
    const document: SpecDocument = {
      version: CONTRACT_VERSION,
      work: [
        {
          store: store.address,
          runId,
          task,
          taskId: `t[${index}]`,
          electron: 't',
          index,
          total: Number(count),
          attempt: 1,
          epoch: 1,
          fingerprint: '0'.repeat(64),
          timeoutSeconds: 600,
          lease: false,
          workdir: process.cwd(),
          inputs: {},
          work: { kind: 'run', script, shell: null, extension: '.sh' },
          env: {},
          secrets: [],
          needs: [],
          filesIn: [],
          filesOut: [],
          junit: [],
        },
      ],
    };
    const text = JSON.stringify(document);
    const key = `runs/${runId}/tasks/${task}/1/spec.json`;
    await store.create(key, text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    return launchRequest({ task, spec: { address: `${store.address}/${key}`, sha256 } });
  }),
);
process.stdin.once('data', () => void backend.stop(requests, 'cancelled'));
const ends = requests.map(
  (request) =>
    new Promise<void>((resolve) => {
      void backend.launch(request, (event) => {
        if (event.type === 'log') process.stdout.write(event.text);
        if (event.type !== 'ended') return;
        process.stdout.write(`${JSON.stringify(event.end)}\n`);
        resolve();
      });
    }),
);
await Promise.all(ends);
process.stdout.write(`${JSON.stringify(await backend.close())}\n`);
process.exit(0);
