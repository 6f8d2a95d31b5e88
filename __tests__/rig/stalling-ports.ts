import type { BackendEvent, Ports } from '../../src/engine/ports.ts';

/** Ports of a driver that is frozen at a chosen call, as a suspended machine is, until it is thawed. */
export class StallingPorts {
  readonly ports: Ports;
  readonly stalled: Promise<'stalled'>;
  /** Launches that waited to be made when it was thawed. */
  launchesHeld = 0;
  launchesAfterThaw = 0;
  /** It held the lease when it froze. */
  leased = false;
  #calls = 0;
  #state: 'running' | 'frozen' | 'thawed' = 'running';
  readonly #at: number;
  #tell: (stalled: 'stalled') => void = () => undefined;
  #thaw: () => void = () => undefined;
  readonly #thawed: Promise<void>;

  constructor(real: Ports, at: number) {
    this.#at = at;
    this.stalled = new Promise((resolve) => {
      this.#tell = resolve;
    });
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
    const { store, backend, sources, clock } = real;
    const call = <Value>(work: () => Promise<Value>): Promise<Value> => this.#call(work);
    const heard =
      (report: (event: BackendEvent) => void) =>
      (event: BackendEvent): void => {
        if (this.#state !== 'frozen') report(event);
        else void this.#thawed.then(() => report(event));
      };
    this.ports = {
      clock: {
        now: () => clock.now(),
        sleep: async (milliseconds, signal) => {
          await clock.sleep(milliseconds, signal);
          if (this.#state === 'frozen') await this.#thawed;
        },
      },
      store: {
        address: store.address,
        read: (key) => call(() => store.read(key)),
        create: (key, body) =>
          call(async () => {
            const created = await store.create(key, body);
            if (key.endsWith('/lease') && this.#state === 'running') this.leased = created;
            return created;
          }),
        replace: (key, body, etag) => call(() => store.replace(key, body, etag)),
        write: (key, body) => call(() => store.write(key, body)),
        list: (prefix, after) => store.list(prefix, after),
        upload: (key, path) => call(() => store.upload(key, path)),
        download: (key, path) => call(() => store.download(key, path)),
        stream: (key, start) => call(() => store.stream(key, start)),
        now: () => call(() => store.now()),
      },
      backend: {
        name: backend.name,
        parallelism: backend.parallelism,
        outlivesDriver: backend.outlivesDriver,
        workdir: backend.workdir,
        launch: (request, report) => {
          if (this.#freezes()) this.launchesHeld++;
          return call(() => {
            if (this.#state === 'thawed') this.launchesAfterThaw++;
            return backend.launch(request, heard(report));
          });
        },
        stop: (attempts, reason) => call(() => backend.stop(attempts, reason)),
        adopt: (runId, report) => call(() => backend.adopt(runId, heard(report))),
        close: (how) => call(() => backend.close(how)),
      },
      sources,
      ...(real.images === undefined ? {} : { images: real.images }),
      listener: real.listener,
    };
  }

  /** Freezes it now, whatever it waits for. */
  freeze(): void {
    this.#state = 'frozen';
    this.#tell('stalled');
  }

  thaw(): void {
    this.#state = 'thawed';
    this.#thaw();
  }

  /** Whether the call that is made now waits. */
  #freezes(): boolean {
    return this.#state === 'frozen' || (this.#state === 'running' && this.#calls + 1 === this.#at);
  }

  async #call<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#freezes()) {
      this.#state = 'frozen';
      this.#tell('stalled');
      await this.#thawed;
    }
    this.#calls++;
    return work();
  }
}
