/** A driver to be killed: launches four attempts that would run for minutes and says when they have started. */
import { fileURLToPath } from 'node:url';
import { localBackend } from '../../../src/backends/local/index.ts';
import { realClock } from '../../rig/real-clock.ts';
import { launchRequest } from './launch-request.ts';

const [mark = '', spawner = ''] = process.argv.slice(2);
const backend = localBackend({
  entrypoint: fileURLToPath(new URL('stand-in.mjs', import.meta.url)),
  spawner,
  environment: {
    PATH: process.env['PATH'],
    LATTICE_RUN_ID: mark,
    // The second sleep leaves group, session and parent.
    STAND_IN: 'setsid sleep 300 & sleep 300 & echo started; wait',
  },
  workdir: process.cwd(),
  clock: realClock,
});
for (let task = 0; task < 4; task++)
  await backend.launch(launchRequest({ task: `sleep/${task}` }), (event) => {
    if (event.type === 'log') process.stdout.write(event.text);
  });
