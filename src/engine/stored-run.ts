/** What the store holds of a run besides its tasks: `run.json` for who goes on with it, the record for who looks. */
import { z } from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { RunId } from '../base/names.ts';
import type { ResourceDefaults } from '../lattice/index.ts';
import type { Plan } from '../lattice/plan.ts';
import { EngineError } from './errors.ts';
import { FORMAT_KEY, recordKey, runKey, RUNS_PREFIX, STORE_VERSION, summaryKey } from './layout.ts';
import { currentLease, raiseCancel } from './lease.ts';
import type { Store } from './ports.ts';
import type { RunRecord, RunStatus } from './record.ts';
import { restoredRecord, savedRecord, type SavedRecord } from './saved-record.ts';

/** How a run is carried out; kept in `run.json`. */
export interface RunOptions {
  readonly maxParallel?: number;
  readonly maxTasks: number;
  /** Of the whole run. */
  readonly timeoutMinutes?: number;
  readonly cache: 'read-write' | 'read' | 'off';
  /** Electrons to stop after. */
  readonly only: readonly string[];
  /** Task and electron ids to run again with their dependents, or `failed`. */
  readonly rerun: readonly string[];
  /** For electrons that say nothing themselves. */
  readonly defaults?: ResourceDefaults;
}

/** `run.json`. */
export interface StoredRun {
  readonly version: number;
  readonly runId: string;
  readonly name: string;
  readonly file: string;
  readonly folder: string;
  /** Absolute folder on the driver's machine that lattice paths are relative to, where there is one. */
  readonly base?: string;
  readonly backend: string;
  /** Milliseconds since the Unix epoch, of the first driver. */
  readonly started: number;
  readonly generation: number;
  /** Without secret ones. */
  readonly inputs: JsonObject;
  /** Names of secret inputs, which whoever goes on with the run has to give again. */
  readonly secretInputs: readonly string[];
  readonly github: JsonObject;
  /** Texts of all lattice files by their names. */
  readonly sources: { readonly [file: string]: string };
  readonly options: RunOptions;
}

/** One line of a list of runs. */
export interface RunSummary {
  readonly runId: RunId;
  readonly name: string;
  readonly file: string;
  readonly status: RunStatus;
  readonly started: number;
  readonly ended?: number;
  readonly message: string;
  /** Something of it has not succeeded or has not run: it can be gone on with. */
  readonly unfinished: boolean;
}

const object = z.record(z.string(), z.json()) as z.ZodType<Record<string, Json>>;
const versioned = z.object({ version: z.number() });

const storedRunSchema = z.object({
  version: z.number(),
  runId: z.string(),
  name: z.string(),
  file: z.string(),
  folder: z.string(),
  base: z.string().exactOptional(),
  backend: z.string(),
  started: z.number(),
  generation: z.number(),
  inputs: object,
  secretInputs: z.array(z.string()),
  github: object,
  sources: z.record(z.string(), z.string()),
  options: z.object({
    maxParallel: z.number().exactOptional(),
    maxTasks: z.number(),
    timeoutMinutes: z.number().exactOptional(),
    cache: z.enum(['read-write', 'read', 'off']),
    only: z.array(z.string()),
    rerun: z.array(z.string()),
    defaults: z
      .object({
        vcpu: z.number().exactOptional(),
        memory: z.number().exactOptional(),
        spot: z.union([z.boolean(), z.literal('prefer')]).exactOptional(),
      })
      .exactOptional(),
  }),
});

const summarySchema = z.object({
  version: z.number(),
  runId: z.string(),
  name: z.string(),
  file: z.string(),
  status: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  started: z.number(),
  ended: z.number().exactOptional(),
  message: z.string(),
  unfinished: z.boolean(),
});

/** The `run.json` of a run that begins. */
export function describeRun(request: {
  readonly plan: Plan;
  readonly runId: RunId;
  readonly options: RunOptions;
  readonly backend: string;
  readonly started: number;
  readonly base?: string;
}): StoredRun {
  const { plan, runId } = request;
  return {
    version: STORE_VERSION,
    runId,
    name: plan.lattice.name,
    file: plan.lattice.file,
    folder: plan.lattice.folder,
    ...(request.base === undefined ? {} : { base: request.base }),
    backend: request.backend,
    started: request.started,
    generation: Number(/-(\d+)$/.exec(runId)?.[1] ?? 1),
    inputs: plan.inputs,
    secretInputs: plan.secretInputs,
    github: plan.context.github,
    sources: Object.fromEntries(plan.sources),
    options: request.options,
  };
}

/** Refuses a store that a newer version has written; marks one that has no mark yet when `write` is set. */
export async function checkFormat(store: Store, write: boolean): Promise<void> {
  const stored = await store.read(FORMAT_KEY);
  if (stored === undefined) {
    if (write) await store.create(FORMAT_KEY, `${JSON.stringify({ version: STORE_VERSION })}\n`);
    return;
  }
  const parsed = versioned.safeParse(parse(stored.body));
  if (!parsed.success) {
    throw new EngineError(
      'corrupt',
      `${store.address}/${FORMAT_KEY} cannot be read; if the store is good otherwise, remove that file`,
    );
  }
  refuseNewer(parsed.data.version, store.address);
}

function refuseNewer(version: number, what: string): void {
  if (version <= STORE_VERSION) return;
  throw new EngineError(
    'newer-version',
    `${what} was written by a newer version (format ${version}; this one knows ${STORE_VERSION}). ` +
      'Update, or use another store. Nothing was changed.',
  );
}

/** What `run.json` holds; undefined when there is no such run. */
export async function readRun(store: Store, runId: RunId): Promise<StoredRun | undefined> {
  const stored = await store.read(runKey(runId));
  if (stored === undefined) return undefined;
  const value = parse(stored.body);
  const version = versioned.safeParse(value);
  if (version.success) refuseNewer(version.data.version, `Run ${runId}`);
  const parsed = storedRunSchema.safeParse(value);
  if (!parsed.success) {
    throw new EngineError(
      'corrupt',
      `${store.address}/${runKey(runId)} is damaged; start a new run`,
    );
  }
  return parsed.data;
}

/**
 * The record as it was last saved. `whole: false` spares reading what is too long for it (outputs, files and results of
 * tasks), for who only wants to know how the run stands.
 */
export async function readRecord(
  store: Store,
  runId: RunId,
  { whole = true }: { readonly whole?: boolean } = {},
): Promise<RunRecord | undefined> {
  const stored = await store.read(recordKey(runId));
  if (stored === undefined) return undefined;
  const value = parse(stored.body);
  const version = versioned.safeParse(value);
  if (!version.success) {
    throw new EngineError(
      'corrupt',
      `${store.address}/${recordKey(runId)} is damaged; resume the run to make it anew`,
    );
  }
  refuseNewer(version.data.version, `Run ${runId}`);
  return restoredRecord(store, value as SavedRecord, whole);
}

/** What became of saving. */
export interface Saved {
  /** Characters that were written. */
  readonly characters: number;
  /** What is not in the record because of its length, and where it is. */
  readonly notice?: string;
}

/** Saves the record and its head; a record can be too long, but that is no error. */
export async function saveRecord(store: Store, record: RunRecord): Promise<Saved> {
  const saved = savedRecord(record);
  const text = textOf(saved);
  if (text !== undefined) await store.write(recordKey(record.runId), text);
  await store.write(
    summaryKey(record.runId),
    JSON.stringify({ version: STORE_VERSION, ...summaryOf(record) }),
  );
  const notice =
    text === undefined
      ? `The record of the run is too long to be saved: ${record.tasks.length} tasks with very large matrix values. Keep large values in files`
      : saved.leftOut;
  return { characters: text?.length ?? 0, ...(notice === undefined ? {} : { notice }) };
}

/** Undefined when it is longer than a string can be. */
function textOf(saved: SavedRecord): string | undefined {
  try {
    return JSON.stringify(saved);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function summaryOf(record: RunRecord): RunSummary {
  const { runId, name, file, status, started, ended, message, counts } = record;
  const left = record.electrons.some((electron) => electron.outcome === undefined);
  return {
    runId,
    name,
    file,
    status,
    started,
    ...(ended === undefined ? {} : { ended }),
    message,
    unfinished: status !== 'succeeded' || left || counts.waiting > 0,
  };
}

/** Summaries that are read at once: a bucket answers each in some ten milliseconds. */
const READS = 16;

/** All runs of a store, oldest first. One that cannot be read is left out. */
export async function listRuns(store: Store): Promise<readonly RunSummary[]> {
  await checkFormat(store, false);
  const found = await mapBounded(await runIds(store), READS, (runId) => readSummary(store, runId));
  return found
    .filter((summary) => summary !== undefined)
    .toSorted((left, right) => left.started - right.started);
}

/** One run as {@link listRuns} tells it, without looking at any other; undefined when there is none of that whole id. */
export async function runSummary(store: Store, runId: RunId): Promise<RunSummary | undefined> {
  await checkFormat(store, false);
  return readSummary(store, runId);
}

/** Keys of one run that are skimmed before the rest of them is jumped over: small runs share a page of a bucket's list. */
const SKIMMED = 100;

/** Ids of runs, without listing everything in them. */
async function runIds(store: Store): Promise<readonly RunId[]> {
  const ids: RunId[] = [];
  let after: string | undefined;
  for (let jumped = true; jumped;) {
    jumped = false;
    let keys = 0;
    for await (const { key } of store.list(RUNS_PREFIX, after)) {
      const id = key.slice(RUNS_PREFIX.length).split('/')[0] as RunId;
      keys = id === ids.at(-1) ? keys + 1 : 1;
      if (keys === 1) {
        ids.push(id);
      }
      if (keys > SKIMMED) {
        // '0' follows '/', so this comes after every key of that run.
        after = `${RUNS_PREFIX}${id}0`;
        jumped = true;
        break;
      }
    }
  }
  return ids;
}

async function readSummary(store: Store, runId: RunId): Promise<RunSummary | undefined> {
  const stored = await store.read(summaryKey(runId));
  const parsed = stored === undefined ? undefined : summarySchema.safeParse(parse(stored.body));
  if (parsed?.success && parsed.data.version <= STORE_VERSION) {
    const { version: _, ...summary } = parsed.data;
    return { ...summary, runId };
  }
  const run = storedRunSchema.safeParse(parse((await store.read(runKey(runId)))?.body));
  if (!run.success || run.data.version > STORE_VERSION) return undefined;
  return {
    runId,
    name: run.data.name,
    file: run.data.file,
    status: 'running',
    started: run.data.started,
    message: 'begun',
    unfinished: true,
  };
}

/** Asks the driver of a run to end it, wherever that driver is. */
export async function requestStop(store: Store, runId: RunId): Promise<void> {
  if ((await readRun(store, runId)) === undefined) {
    throw new EngineError('unknown-run', `There is no run ${runId} in ${store.address}`);
  }
  const lease = await currentLease(store, runId);
  await raiseCancel(store, runId, lease?.epoch ?? 1);
}

function parse(body: Uint8Array | undefined): unknown {
  if (body === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(body)) as unknown;
  } catch {
    return undefined;
  }
}
