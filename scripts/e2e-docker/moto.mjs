/** moto, an AWS that we did not write, on a free port of the loopback interface. */
import { answers, freePort, startServer, tell } from './processes.mjs';

/** Gives `http://127.0.0.1:<port>`. */
export async function startMoto(folder, python) {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  await startServer({
    name: 'moto',
    folder,
    command: python,
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    isReady: () => answers(`${address}/moto-api/`),
  });
  tell(`moto at ${address}`);
  return address;
}
