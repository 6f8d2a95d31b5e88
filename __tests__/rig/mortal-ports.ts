import type { BackendEvent, Ports, StoredKey } from '../../src/engine/ports.ts';

/** Where a driver dies: at its n-th call through a port, before or after the effect of that call. */
export interface Death {
  readonly call: number;
  readonly when: 'before' | 'after';
}

const never = new Promise<never>(() => undefined);

/** Ports of a driver that dies at a chosen call: from then on nothing is answered and nothing has an effect. */
export class MortalPorts {
  readonly ports: Ports;
  readonly died: Promise<'died'>;
  calls = 0;
  dead = false;
  readonly #death: Death | undefined;
  readonly #watch: (call: number) => void;
  #tell: (died: 'died') => void = () => undefined;

  constructor(
    real: Ports,
    death: Death | undefined,
    watch: (call: number) => void = () => undefined,
  ) {
    this.#death = death;
    this.#watch = watch;
    this.died = new Promise((resolve) => {
      this.#tell = resolve;
    });
    const { store, backend, sources, clock, images } = real;
    const call = <Value>(work: () => Promise<Value>): Promise<Value> => this.#call(work);
    const heard =
      (report: (event: BackendEvent) => void) =>
      (event: BackendEvent): void => {
        if (this.#dies('before')) return;
        report(event);
      };
    this.ports = {
      clock: {
        now: () => clock.now(),
        sleep: (milliseconds, signal) =>
          clock.sleep(milliseconds, signal).then(() => (this.dead ? never : undefined)),
      },
      store: {
        address: store.address,
        read: (key) => call(() => store.read(key)),
        create: (key, body) => call(() => store.create(key, body)),
        replace: (key, body, etag) => call(() => store.replace(key, body, etag)),
        write: (key, body) => call(() => store.write(key, body)),
        list: (prefix, after) => this.#list(() => store.list(prefix, after)),
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
        launch: (request, report) => call(() => backend.launch(request, heard(report))),
        stop: (attempts, reason) => call(() => backend.stop(attempts, reason)),
        adopt: (runId, report) => call(() => backend.adopt(runId, heard(report))),
        close: (how) => call(() => backend.close(how)),
      },
      sources: {
        dimension: (request) => call(() => sources.dimension(request)),
        digest: (request) => call(() => sources.digest(request)),
        files: (request) => call(() => sources.files(request)),
        view: (request) => call(() => sources.view(request)),
        input: (request) => call(() => sources.input(request)),
      },
      ...(images === undefined
        ? {}
        : { images: { image: (request) => call(() => images.image(request)) } }),
      listener: (event) => {
        if (!this.dead) real.listener(event);
      },
    };
  }

  async #call<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#dies('before')) return never;
    const value = await work();
    return this.#diesAfter() ? never : value;
  }

  /** Every page, that is every key, is a call. */
  async *#list(list: () => AsyncIterable<StoredKey>): AsyncIterable<StoredKey> {
    const keys = list()[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#call(() => keys.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  #dies(when: 'before'): boolean {
    if (this.dead) return true;
    this.calls++;
    this.#watch(this.calls);
    if (this.#death?.call === this.calls && this.#death.when === when) this.#die();
    return this.dead;
  }

  #diesAfter(): boolean {
    if (!this.dead && this.#death?.when === 'after' && this.#death.call <= this.calls) this.#die();
    return this.dead;
  }

  #die(): void {
    this.dead = true;
    this.#tell('died');
  }
}
