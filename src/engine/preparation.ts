/**
 * From a ready task to a claimed attempt or a known result: render, identify, look for a result of the same fingerprint,
 * write the spec create-only.
 */
import { posix } from 'node:path';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import { KnownResults } from './cache.ts';
import { Content, type Identity } from './content.ts';
import {
  CONTRACT_VERSION,
  type FileIn,
  type NeedSpec,
  type SpecDocument,
  type TaskResult,
} from './contract.ts';
import type { Preparation } from './core-events.ts';
import { needDocument } from './documents.ts';
import { EngineError } from './errors.ts';
import { fingerprintOf, sha256, whatChanged, type Parts } from './fingerprint.ts';
import { blobKey, filesPrefix, logKey, specKey } from './layout.ts';
import { InputFiles } from './input-files.ts';
import { imageParts, needGlobs, partsOf, stagedNeeds } from './parts.ts';
import type { AttemptRef, LaunchRequest, Ports } from './ports.ts';
import type { Prior } from './prior.ts';
import type { TaskFailure } from './record.ts';
import { withMoreMemory } from './resources.ts';
import { missingOutput } from './retry.ts';
import { secretEnvironment } from './secret-inputs.ts';
import { tooLarge, workSpec } from './spec.ts';
import type { Node, Task } from './state.ts';
import { TaskImages, type Container } from './task-images.ts';
import type { RunFacts } from './views.ts';
import { renderWork, type RenderedWork } from './work.ts';

export interface PreparerRequest {
  readonly ports: Ports;
  readonly facts: RunFacts;
  readonly runId: RunId;
  readonly epoch: number;
  readonly cache: 'read-write' | 'read' | 'off';
  readonly rootFolder: string;
  /** Undefined for a run that begins: nothing is there. */
  readonly prior: Prior | undefined;
  /** Attempts of earlier drivers that still run. */
  readonly adopted: readonly AttemptRef[];
  readonly notice: (text: string) => void;
}

export class Preparer {
  readonly #request: PreparerRequest;
  readonly #content: Content;
  readonly #known: KnownResults;
  readonly #launches = new Map<Task, LaunchRequest>();
  readonly #cacheable = new Set<Task>();
  readonly #written = new Map<Node, Promise<unknown>>();
  readonly #inputs: InputFiles;
  readonly #told = new Set<string>();
  readonly #images: TaskImages | undefined;
  readonly #adopted = new Map<string, readonly AttemptRef[]>();

  constructor(request: PreparerRequest) {
    this.#request = request;
    const { ports, facts } = request;
    for (const attempt of request.adopted) {
      const others = this.#adopted.get(attempt.task) ?? [];
      this.#adopted.set(attempt.task, [...others, attempt]);
    }
    this.#images =
      ports.images === undefined
        ? undefined
        : new TaskImages(ports.images, ports.sources, facts.github);
    this.#content = new Content(ports.sources, ports.store);
    this.#inputs = new InputFiles(ports);
    this.#known = new KnownResults(ports.store, request.cache);
  }

  /** A task that ran has succeeded: later runs may reuse its result when its electron says so. */
  async remember(task: Task, result: TaskResult): Promise<void> {
    if (this.#cacheable.delete(task)) await this.#known.remember(result);
  }

  /** What to launch a prepared task with; forgotten once taken. */
  take(task: Task): LaunchRequest {
    const prepared = this.#launches.get(task);
    if (prepared === undefined) throw new Error(`Internal error: ${task.id} is not prepared`);
    this.#launches.delete(task);
    return prepared;
  }

  /** Drops what is kept of a task that will not be launched after all. */
  forget(task: Task): void {
    this.#launches.delete(task);
    this.#cacheable.delete(task);
  }

  async prepare(task: Task): Promise<Preparation> {
    const rendered = renderWork(this.#request.facts, task);
    if (!rendered.ok) return { kind: 'bad', failure: rendered.error };
    const work = rendered.value;
    const files = await this.#inputs.of(task, work);
    if (!files.ok) return { kind: 'bad', failure: files.error };
    const container = await this.#containerOf(task, work);
    if (!container.ok) return { kind: 'bad', failure: container.error };
    const content = await this.#contentOf(task, work, container.value);
    if (!content.known) this.#once(`Nothing can be reused: ${content.why}`);
    const reusable = content.known && files.value.unknown === undefined;
    if (files.value.unknown !== undefined) {
      this.#once(`What reads ${files.value.unknown} cannot be reused: its content is not known`);
    }
    const parts = partsOf(task, work, {
      content: content.known ? content.parts : { content: 'unknown' },
      files: files.value,
      backend: this.#request.ports.backend.name,
    });
    const fingerprint = fingerprintOf(
      reusable ? parts : { ...parts, unknown: `${this.#request.runId} ${this.#request.epoch}` },
    );
    let why: string | undefined;
    if (task.attempt === 0) {
      const found =
        reusable && !task.forced ? await this.#find(task, work, fingerprint) : undefined;
      if (found !== undefined) return found;
      const running = await this.#adopt(task, work, fingerprint, container.value);
      if (running !== undefined) return running;
      why = await this.#why(task, parts, fingerprint);
    }
    if (reusable && work.cache) this.#cacheable.add(task);
    return this.#claim(task, work, {
      parts,
      fingerprint,
      files: files.value.entries,
      why,
      container: container.value,
    });
  }

  /** The image that it runs in; undefined for a process of this machine. */
  async #containerOf(
    task: Task,
    work: RenderedWork,
  ): Promise<Result<Container | undefined, TaskFailure>> {
    return this.#images === undefined ? ok(undefined) : this.#images.of(task.node.scope, work);
  }

  /** Identity of the code that it runs: with an image, what that is made of. */
  async #contentOf(
    task: Task,
    work: RenderedWork,
    container: Container | undefined,
  ): Promise<
    { readonly known: true; readonly parts: Parts } | Extract<Identity, { known: false }>
  > {
    const { scope } = task.node;
    if (container === undefined) {
      const code = await this.#content.identity(scope, this.#request.facts, work);
      return code.known ? { known: true, parts: { content: code.value } } : code;
    }
    const parts = imageParts(container);
    if (work.cacheFiles === undefined) return { known: true, parts };
    const files = await this.#content.files(scope.lattice.folder, work.cacheFiles);
    return files.known ? { known: true, parts: { ...parts, 'cache files': files.value } } : files;
  }

  async #find(
    task: Task,
    work: RenderedWork,
    fingerprint: ReturnType<typeof fingerprintOf>,
  ): Promise<Preparation | undefined> {
    const { runId, prior } = this.#request;
    const own = await prior?.find(task.key, fingerprint);
    if (own !== undefined && missingOutput(task.node.electron, own) === undefined) {
      const key = own.task as typeof task.key;
      const same = key === task.key;
      return {
        kind: 'known',
        outcome: same ? 'succeeded' : 'reused',
        result: own,
        fingerprint,
        name: work.name,
        why: same ? `same fingerprint as attempt ${own.attempt}` : `same fingerprint as ${key}`,
        filesAt: filesPrefix(runId, key, own.attempt),
        logAt: logKey(runId, key, own.attempt),
      };
    }
    if (!work.cache) return undefined;
    const hit = await this.#known.find(fingerprint);
    if (hit === undefined || missingOutput(task.node.electron, hit.result) !== undefined)
      return undefined;
    return {
      kind: 'known',
      outcome: 'reused',
      result: hit.result,
      fingerprint,
      name: work.name,
      why: `same fingerprint as ${hit.result.task} of run ${hit.result.runId}`,
      filesAt: hit.filesAt,
      logAt: hit.logAt,
    };
  }

  async #adopt(
    task: Task,
    work: RenderedWork,
    fingerprint: ReturnType<typeof fingerprintOf>,
    container: Container | undefined,
  ): Promise<Preparation | undefined> {
    const running = this.#adopted.get(task.key);
    if (running === undefined) return undefined;
    const claim = await this.#request.prior?.claim(task.key);
    const own =
      claim?.fingerprint === fingerprint && !task.forced
        ? running.find((attempt) => attempt.attempt === claim.attempt)
        : undefined;
    const others = running.filter((attempt) => attempt !== own);
    if (others.length > 0) {
      const why = own === undefined ? 'its electron was edited' : 'a later attempt runs';
      await this.#request.ports.backend.stop(others, why);
    }
    if (own === undefined) return undefined;
    return {
      kind: 'running',
      attempt: own.attempt,
      fingerprint,
      why: `attempt ${own.attempt} of the earlier driver goes on`,
      name: work.name,
      resources: work.resources,
      image: container?.reference,
    };
  }

  async #why(task: Task, parts: Parts, fingerprint: string): Promise<string | undefined> {
    if (task.forced) return 'asked to run again';
    const claim = await this.#request.prior?.claim(task.key);
    if (claim === undefined) return undefined;
    if (claim.fingerprint === fingerprint) return `attempt ${claim.attempt} did not succeed`;
    return whatChanged(claim.parts, parts);
  }

  async #claim(
    task: Task,
    work: RenderedWork,
    known: {
      readonly parts: Parts;
      readonly fingerprint: ReturnType<typeof fingerprintOf>;
      readonly files: readonly FileIn[];
      readonly why: string | undefined;
      readonly container: Container | undefined;
    },
  ): Promise<Preparation> {
    const { ports, runId, prior } = this.#request;
    const needs = await this.#needs(task, work);
    const view = await this.#view(task, work, known.files);
    if (!view.ok) return { kind: 'bad', failure: view.error };
    const resources = withMoreMemory(work.resources, task.memoryFactor, task.oomFailures);
    let attempt = task.attempt === 0 ? (prior?.attempts(task.key) ?? 0) + 1 : task.attempt + 1;
    for (; ; attempt++) {
      const spec = workSpec(task, work, {
        ...this.#request,
        ...known,
        attempt,
        needs,
        view: view.value,
        containerWorkdir: known.container?.workdir ?? null,
      });
      const document: SpecDocument = {
        version: CONTRACT_VERSION,
        work: [spec],
        parts: known.parts,
      };
      const text = JSON.stringify(document);
      const failure = tooLarge(text);
      if (failure !== undefined) return { kind: 'bad', failure };
      const key = specKey(runId, task.key, attempt);
      if (!(await ports.store.create(key, text))) {
        if (attempt > task.attempt + 1000) {
          throw new EngineError('corrupt', `Every attempt of ${task.id} up to ${attempt} is taken`);
        }
        continue;
      }
      this.#launches.set(task, {
        runId,
        task: task.key,
        attempt,
        spec: { address: `${ports.store.address}/${key}`, sha256: sha256(text) },
        resources,
        ...(known.container === undefined ? {} : { image: known.container.reference }),
        electron: task.node.electron.id,
        priority: task.node.rank,
        secrets: work.secrets,
        secretValues: secretEnvironment(task.node.scope, task.node.electron),
      });
      return {
        kind: 'claimed',
        attempt,
        fingerprint: known.fingerprint,
        why: known.why,
        name: work.name,
        resources,
        image: known.container?.reference,
      };
    }
  }

  /** Writes the documents of the needs, each once, and refers to them. */
  async #needs(task: Task, work: RenderedWork): Promise<readonly NeedSpec[]> {
    const { store } = this.#request.ports;
    const specs: NeedSpec[] = [];
    for (const need of stagedNeeds(task)) {
      const document = needDocument(need);
      let written = this.#written.get(need);
      if (written === undefined) {
        written = store.create(blobKey(document.sha256), document.text);
        this.#written.set(need, written);
      }
      await written;
      specs.push({
        electron: need.electron.id,
        document: blobKey(document.sha256),
        sha256: document.sha256,
        files: needGlobs(task, work, need),
      });
    }
    return specs;
  }

  /** Tasks on this machine that take or keep files by name have a private working directory. */
  async #view(
    task: Task,
    work: RenderedWork,
    files: readonly FileIn[],
  ): Promise<Result<{ readonly list: string; readonly sha256: string } | undefined, TaskFailure>> {
    const { filesIn, filesOut, junit } = work;
    const wanted = filesIn.length > 0 || filesOut.length > 0 || junit.length > 0;
    if (this.#request.ports.backend.workdir === null || !wanted) return ok(undefined);
    const view = await this.#content.view({
      folder: task.node.scope.lattice.folder,
      taken: [...new Set(files.map((file) => posix.dirname(file.to)))],
      made: [...filesOut.map((rule) => ('glob' in rule ? rule.glob : rule.from)), ...junit],
    });
    return view.ok
      ? ok({ list: view.list, sha256: view.sha256 })
      : err({ class: 'stage-in', cause: view.message });
  }

  #once(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#request.notice(text);
  }
}
