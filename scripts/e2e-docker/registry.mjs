/** Debian's docker-registry on a free port of the loopback interface, plain http. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers, freePort, startServer, tell } from './processes.mjs';

/** Gives `127.0.0.1:<port>`. */
export async function startRegistry(folder, name) {
  const address = `127.0.0.1:${await freePort()}`;
  const data = join(folder, name);
  mkdirSync(data);
  const config = join(folder, `${name}.yml`);
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
      http: { addr: address, secret: name },
    }),
  );
  await startServer({
    name,
    folder,
    command: '/usr/bin/docker-registry',
    args: ['serve', config],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    isReady: () => answers(`http://${address}/v2/`),
  });
  tell(`${name} at http://${address}`);
  return address;
}
