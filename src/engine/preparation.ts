/**
 * From a ready task to a claimed attempt or a known result: render, identify, look for a result of the same fingerprint,
 * write the spec create-only.
 */
import { posix } from 'node:path';
import type { RunId } from '../base/names.ts';
import { err, ok, type Result } from '../base/result.ts';
import { KnownResults } from './cache.ts';
import { Content } from './content.ts';
import {
  CONTRACT_VERSION,
  LIMITS,
  type FileIn,
  type NeedSpec,
  type SpecDocument,
  type TaskResult,
  type WorkSpec,
} from './contract.ts';

import type { Preparation } from './core-events.ts';
import { given, needDocument } from './documents.ts';
import { EngineError } from './errors.ts';
import { fingerprintOf, partHash, sha256, whatChanged, type Parts } from './fingerprint.ts';
import { blobKey, checkpointPrefix, filesPrefix, logKey, specKey } from './layout.ts';
import type { AttemptRef, LaunchRequest, Ports } from './ports.ts';
import type { Prior } from './prior.ts';
import type { TaskFailure } from './record.ts';
import { withMoreMemory } from './resources.ts';
import { missingOutput } from './retry.ts';
import type { Node, Scope, Task } from './state.ts';
import { nodeContexts, partnerResult, type RunFacts } from './views.ts';
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
  readonly adopted: ReadonlyMap<string, AttemptRef>;
  readonly notice: (text: string) => void;
}

export class Preparer {
  readonly #request: PreparerRequest;
  readonly #content: Content;
  readonly #known: KnownResults;
  readonly #launches = new Map<Task, LaunchRequest>();
  readonly #cacheable = new Set<Task>();
  readonly #written = new Map<Node, Promise<unknown>>();
  readonly #identified = new Map<string, ReturnType<Ports['sources']['input']>>();
  readonly #told = new Set<string>();

  constructor(request: PreparerRequest) {
    this.#request = request;
    const { ports } = request;
    this.#content = new Content(ports.sources, ports.store);
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
    const files = await this.#filesIn(task, work);
    if (!files.ok) return { kind: 'bad', failure: files.error };
    const content = await this.#content.identity(
      task.node.scope.lattice,
      nodeContexts(this.#request.facts, task.node),
      work.cacheFiles,
    );
    if (!content.known) this.#once(`Nothing can be reused: ${content.why}`);
    const reusable = content.known && files.value.unknown === undefined;
    if (files.value.unknown !== undefined) {
      this.#once(`What reads ${files.value.unknown} cannot be reused: its content is not known`);
    }
    const parts = this.#parts(task, work, content.known ? content.value : 'unknown', files.value);
    const fingerprint = fingerprintOf(
      reusable ? parts : { ...parts, unknown: `${this.#request.runId} ${this.#request.epoch}` },
    );
    let why: string | undefined;
    if (task.attempt === 0) {
      const found =
        reusable && !task.forced ? await this.#find(task, work, fingerprint) : undefined;
      if (found !== undefined) return found;
      const running = await this.#adopt(task, work, fingerprint);
      if (running !== undefined) return running;
      why = await this.#why(task, parts, fingerprint);
    }
    if (reusable && work.cache) this.#cacheable.add(task);
    return this.#claim(task, work, { parts, fingerprint, files: files.value.entries, why });
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
  ): Promise<Preparation | undefined> {
    const running = this.#request.adopted.get(task.key);
    if (running === undefined) return undefined;
    const claim = await this.#request.prior?.claim(task.key);
    if (claim?.attempt === running.attempt && claim.fingerprint === fingerprint && !task.forced) {
      return {
        kind: 'running',
        attempt: running.attempt,
        fingerprint,
        why: `attempt ${running.attempt} of the earlier driver goes on`,
        name: work.name,
        resources: work.resources,
      };
    }
    await this.#request.ports.backend.stop([running], 'its electron was edited');
    return undefined;
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
    },
  ): Promise<Preparation> {
    const { ports, runId, prior } = this.#request;
    const needs = await this.#needs(task, work);
    const view = await this.#view(task, work);
    if (!view.ok) return { kind: 'bad', failure: view.error };
    const resources = withMoreMemory(work.resources, task.memoryFactor, task.oomFailures);
    let attempt = task.attempt === 0 ? (prior?.attempts(task.key) ?? 0) + 1 : task.attempt + 1;
    for (; ; attempt++) {
      const spec = this.#spec(task, work, { ...known, attempt, needs, view: view.value });
      const document: SpecDocument = {
        version: CONTRACT_VERSION,
        work: [spec],
        parts: known.parts,
      };
      const text = JSON.stringify(document);
      if (text.length * 3 > LIMITS.specBytes && Buffer.byteLength(text) > LIMITS.specBytes) {
        return { kind: 'bad', failure: tooLarge(Buffer.byteLength(text)) };
      }
      const key = specKey(runId, task.key, attempt);
      if (!(await ports.store.create(key, text))) {
        if (attempt > task.attempt + 1000) {
          throw new EngineError('corrupt', `Every attempt of ${task.id} up to ${attempt} is taken`);
        }
        continue;
      }
      const secrets = secretInputs(task.node.scope);
      this.#launches.set(task, {
        runId,
        task: task.key,
        attempt,
        spec: { address: `${ports.store.address}/${key}`, sha256: sha256(text) },
        resources,
        secrets: work.secrets,
        secretValues: secrets,
      });
      return {
        kind: 'claimed',
        attempt,
        fingerprint: known.fingerprint,
        why: known.why,
        name: work.name,
        resources,
      };
    }
  }

  #spec(
    task: Task,
    work: RenderedWork,
    known: {
      readonly attempt: number;
      readonly fingerprint: string;
      readonly files: readonly FileIn[];
      readonly needs: readonly NeedSpec[];
      readonly view: { readonly list: string; readonly sha256: string } | undefined;
    },
  ): WorkSpec {
    const { ports, runId, epoch, rootFolder } = this.#request;
    const { backend, store } = ports;
    const { scope, electron } = task.node;
    const { partner } = task;
    return {
      store: store.address,
      runId,
      task: task.key,
      taskId: task.id,
      electron: electron.id,
      index: task.index,
      total: task.node.tasks.length,
      attempt: known.attempt,
      epoch,
      fingerprint: known.fingerprint,
      timeoutSeconds: task.timeoutSeconds,
      lease: backend.outlivesDriver,
      workdir:
        backend.workdir === null
          ? null
          : posix.join(backend.workdir, posix.relative(rootFolder, scope.lattice.folder)),
      ...(known.view === undefined ? {} : { view: known.view }),
      inputs: work.inputs,
      work: work.work,
      ...(work.setup === undefined ? {} : { setup: work.setup }),
      ...(work.cleanup === undefined ? {} : { cleanup: work.cleanup }),
      env: work.env,
      secrets: [...Object.keys(work.secrets), ...Object.keys(secretInputs(scope))],
      needs: known.needs,
      ...(partner === undefined
        ? {}
        : { each: { filesAt: partner.filesAt ?? '', files: partner.files } }),
      filesIn: known.files,
      filesOut: work.filesOut,
      ...(work.checkpointSeconds === undefined
        ? {}
        : {
            checkpoint: {
              everySeconds: Math.round(work.checkpointSeconds),
              from: Array.from({ length: known.attempt - 1 }, (_, index) =>
                checkpointPrefix(runId, task.key, known.attempt - 1 - index),
              ),
            },
          }),
      junit: work.junit,
    };
  }

  #parts(
    task: Task,
    work: RenderedWork,
    content: string,
    files: { readonly identities: readonly (readonly [string, string])[] },
  ): Parts {
    const { electron } = task.node;
    const parts: Record<string, string> = {
      electron: partHash(electron.id),
      matrix: partHash(task.matrix),
      work: partHash(work.work as never),
      content,
    };
    if (work.setup !== undefined) parts['setup'] = partHash(work.setup as never);
    if (work.cleanup !== undefined) parts['cleanup'] = partHash(work.cleanup as never);
    for (const [name, value] of Object.entries(work.inputs))
      parts[`with.${name}`] = partHash(value);
    for (const [name, value] of Object.entries(work.env)) parts[`env.${name}`] = partHash(value);
    if (Object.keys(work.secrets).length > 0) parts['secrets'] = partHash(work.secrets);
    for (const [name, identity] of files.identities) parts[`files.in.${name}`] = partHash(identity);
    if (work.filesOut.length > 0) parts['files.out'] = partHash(work.filesOut);
    if (work.junit.length > 0) parts['reports'] = partHash(work.junit);
    if (work.cacheKey !== undefined) parts['cache key'] = partHash(work.cacheKey);
    for (const need of stagedNeeds(task)) {
      const globs = needGlobs(task, work, need);
      parts[`needs.${need.electron.id}`] = partHash([needDocument(need).identity, globs]);
    }
    if (task.partner !== undefined)
      parts['each'] = partHash(given(task.partner, partnerResult(task.partner)));
    if (this.#request.ports.backend.name !== 'local' && work.resources.image !== undefined) {
      parts['image'] = partHash(work.resources.image);
    }
    return parts;
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
  ): Promise<Result<{ readonly list: string; readonly sha256: string } | undefined, TaskFailure>> {
    const wanted = work.filesIn.length > 0 || work.filesOut.length > 0;
    if (this.#request.ports.backend.workdir === null || !wanted) return ok(undefined);
    const view = await this.#content.view(task.node.scope.lattice);
    return view.ok
      ? ok({ list: view.list, sha256: view.sha256 })
      : err({ class: 'stage-in', cause: view.message });
  }

  async #filesIn(task: Task, work: RenderedWork): Promise<Result<FilesIn, TaskFailure>> {
    const entries: FileIn[] = [];
    const identities: (readonly [string, string])[] = [];
    let unknown: string | undefined;
    for (const file of work.filesIn) {
      const answer = await this.#identify(task, file);
      if (!answer.ok) {
        if (file.optional) continue;
        return err({ class: 'stage-in', cause: answer.message });
      }
      const target =
        file.to ?? (/^[a-z0-9]+:\/\//.test(file.from) ? posix.basename(file.from) : file.from);
      for (const found of answer.value) {
        const to = found.path === '' ? target : posix.join(target, found.path);
        if (found.identity === null) unknown = file.from;
        identities.push([to, found.identity ?? 'unknown']);
        entries.push({
          from: found.address,
          to,
          optional: file.optional,
          ...(file.sha256 === undefined || found.path !== '' ? {} : { sha256: file.sha256 }),
          ...(found.mode === undefined ? {} : { mode: found.mode }),
        });
      }
    }
    return ok({ entries, identities, unknown });
  }

  #identify(
    task: Task,
    file: RenderedWork['filesIn'][number],
  ): ReturnType<Ports['sources']['input']> {
    const { folder } = task.node.scope.lattice;
    const key = JSON.stringify([folder, file.from, file.sha256]);
    let known = this.#identified.get(key);
    if (known === undefined) {
      known = this.#request.ports.sources.input({
        folder,
        from: file.from,
        ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
        toStore: this.#request.ports.backend.workdir === null,
      });
      this.#identified.set(key, known);
    }
    return known;
  }

  #once(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.#request.notice(text);
  }
}

interface FilesIn {
  readonly entries: readonly FileIn[];
  readonly identities: readonly (readonly [string, string])[];
  /** An input whose content cannot be known. */
  readonly unknown: string | undefined;
}

/** Needs whose files and results a task can see: a for-each partner comes by `each`, unless all were waited for. */
function stagedNeeds(task: Task): readonly Node[] {
  const { node } = task;
  return node.needs.filter((need) => need !== node.partner || node.barrier);
}

function needGlobs(task: Task, work: RenderedWork, need: Node): readonly string[] {
  const { filesNeeds } = task.node.electron;
  return work.needsFiles.get(need.electron.id) ?? (filesNeeds.rest === 'all' ? ['**'] : []);
}

/** Secret inputs as the environment variables by which tasks see inputs. */
function secretInputs(scope: Scope): { readonly [name: string]: string } {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(scope.secrets)) {
    values[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
  }
  return values;
}

function tooLarge(bytes: number): TaskFailure {
  return {
    class: 'expression',
    cause: `its specification has ${bytes} bytes, and one may have ${LIMITS.specBytes}`,
    advice: 'Pass large values as files, by $LATTICE_FILES of the task that makes them.',
  };
}
