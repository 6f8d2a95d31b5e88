/** Renders everything of an electron that one of its tasks needs, before anything outside is asked. */
import type { Json, JsonObject } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { render, renderString, resolveResources } from '../lattice/index.ts';
import type { Contexts, Resources, Template } from '../lattice/plan.ts';
import { LIMITS, type FileOut, type ShellStep, type WorkStep } from './contract.ts';
import { renderEnvironment } from './environment.ts';
import type { TaskFailure } from './record.ts';
import { outputsLength } from './outputs-length.ts';
import { expressionFailure, numberSetting, truthSetting } from './settings.ts';
import type { Node, Task } from './state.ts';
import { taskContexts, type RunFacts } from './views.ts';

/** Characters of outputs that one electron can hand to others: what a string holds (512 Mi), less what stands around them. */
const NEED_CHARACTERS = 400_000_000;

export interface RenderedWork {
  readonly name: string;
  readonly work: WorkStep;
  readonly setup: ShellStep | undefined;
  readonly cleanup: ShellStep | undefined;
  readonly inputs: JsonObject;
  readonly env: { readonly [name: string]: string };
  /** Addresses by environment name. */
  readonly secrets: { readonly [name: string]: string };
  readonly filesIn: readonly {
    readonly from: string;
    readonly to: string | undefined;
    readonly optional: boolean;
    readonly sha256: string | undefined;
  }[];
  readonly filesOut: readonly FileOut[];
  readonly junit: readonly string[];
  readonly checkpointSeconds: number | undefined;
  /** Globs of the files to stage, by electron; the rest by `rest`. */
  readonly needsFiles: ReadonlyMap<string, readonly string[]>;
  readonly cache: boolean;
  readonly cacheKey: string | undefined;
  readonly cacheFiles: readonly string[] | undefined;
  readonly resources: Resources;
}

/** Thrown inside this file only: the first template that cannot be rendered ends the rendering. */
class Unrenderable extends Error {
  readonly failure: TaskFailure;
  constructor(failure: TaskFailure) {
    super(failure.cause);
    this.failure = failure;
  }
}

/** The rendered work, or the failure of the task that met a mistake. */
export function renderWork(facts: RunFacts, task: Task): Result<RenderedWork, TaskFailure> {
  try {
    return ok(renderAll(facts, task));
  } catch (error) {
    if (error instanceof Unrenderable) return err(error.failure);
    throw error;
  }
}

function renderAll(facts: RunFacts, task: Task): RenderedWork {
  const { electron, scope } = task.node;
  for (const node of task.node.needs) checkHandedOver(node);
  const bare = taskContexts(facts, task);
  const env = need(renderEnvironment(scope, electron, bare));
  const contexts: Contexts = { ...bare, env };
  for (const [name, text] of Object.entries(env)) {
    if (text.length * 3 > LIMITS.environmentValueBytes) checkLength(name, text);
  }
  const inputs = electron.with === undefined ? {} : json(electron.with, contexts);
  if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
    throw new Unrenderable({ class: 'expression', cause: '`with` gives no mapping' });
  }
  const shell = electron.shell === undefined ? undefined : string(electron.shell, contexts);
  const resources = resolveResources(electron, contexts, facts.defaults);
  if (!resources.ok) throw new Unrenderable(expressionFailure(resources.error));
  const needsFiles = new Map<string, readonly string[]>();
  for (const [id, globs] of electron.filesNeeds.only) {
    needsFiles.set(
      id,
      globs.map((glob) => string(glob, contexts)),
    );
  }
  return {
    name: electron.name === undefined ? task.id : string(electron.name, contexts),
    work: renderStep(task, contexts),
    setup: step(electron.setup, shell, contexts),
    cleanup: step(electron.cleanup, shell, contexts),
    inputs: inputs as JsonObject,
    env,
    secrets: strings(electron.secrets, contexts),
    filesIn: electron.filesIn.map((file) => ({
      from: string(file.from, contexts),
      to: file.to === undefined ? undefined : string(file.to, contexts),
      optional: file.optional,
      sha256: file.sha256 === undefined ? undefined : string(file.sha256, contexts),
    })),
    filesOut: electron.filesOut.map((rule) =>
      'glob' in rule
        ? { glob: string(rule.glob, contexts) }
        : { from: string(rule.from, contexts), to: string(rule.to, contexts) },
    ),
    junit: electron.junit.map((glob) => string(glob, contexts)),
    checkpointSeconds:
      electron.checkpointEveryMinutes === undefined
        ? undefined
        : Math.max(
            1,
            60 *
              need(
                numberSetting('checkpoint', electron.checkpointEveryMinutes, contexts, {
                  least: 0,
                  whole: false,
                }),
              ),
          ),
    needsFiles,
    cache: need(truthSetting(electron.cache.enabled, contexts)),
    cacheKey: electron.cache.key === undefined ? undefined : string(electron.cache.key, contexts),
    cacheFiles: electron.cache.files?.map((glob) => string(glob, contexts)),
    resources: resources.value,
  };
}

/** All outputs of a needed electron are one document for those that need it, and one text here. */
function checkHandedOver(node: Node): void {
  const characters = node.tasks.reduce((sum, task) => sum + outputsLength(task.outputs), 0);
  if (characters <= NEED_CHARACTERS) return;
  throw new Unrenderable({
    class: 'stage-in',
    cause: `the outputs of ${node.path} are too many to be handed over`,
    fact: `They are ${Math.round(characters / 1_000_000)} MB together, and ${NEED_CHARACTERS / 1_000_000} MB can be.`,
    advice: `Let ${node.path} keep large results in files (files.out) and give short outputs.`,
  });
}

function renderStep(task: Task, contexts: Contexts): WorkStep {
  const { work, shell: own } = task.node.electron;
  switch (work.kind) {
    case 'run': {
      const template = work.shell ?? own;
      const shell = template === undefined ? undefined : string(template, contexts);
      return {
        kind: 'run',
        script: string(work.script, contexts),
        shell: shellWords(shell),
        extension: shell !== undefined && /(^|[\s/])python[\d.]*(\s|$)/.test(shell) ? '.py' : '.sh',
      };
    }
    case 'command': {
      const words = json(work.words, contexts);
      if (!Array.isArray(words) || words.length === 0) {
        throw new Unrenderable({ class: 'expression', cause: '`command` gives no list of words' });
      }
      return {
        kind: 'command',
        words: words.map((word: Json) =>
          typeof word === 'object' && word !== null ? JSON.stringify(word) : String(word ?? ''),
        ),
      };
    }
    case 'call':
      return { kind: 'call', file: work.file, function: work.function, language: work.language };
    case 'image':
      return { kind: 'image' };
    case 'uses':
      throw new Error('Internal error: a lattice is no work of a task');
  }
}

/** Argument vectors of the shells that have names, as in GitHub workflows; anything else is words with a `{0}`. */
function shellWords(shell: string | undefined): readonly string[] | null {
  switch (shell) {
    case undefined:
    case '':
      return null;
    case 'bash':
      return ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '{0}'];
    case 'sh':
      return ['sh', '-e', '{0}'];
    case 'python':
      return ['python3', '{0}'];
    default: {
      const words = shell.split(/\s+/).filter((word) => word !== '');
      return words.some((word) => word.includes('{0}')) ? words : [...words, '{0}'];
    }
  }
}

/** `setup` and `cleanup` are shell lines, whatever language the work is in. */
function step(
  template: Template | undefined,
  shell: string | undefined,
  contexts: Contexts,
): ShellStep | undefined {
  if (template === undefined) return undefined;
  return {
    script: string(template, contexts),
    shell: shell === 'bash' || shell === 'sh' ? shellWords(shell) : null,
  };
}

function checkLength(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < LIMITS.environmentValueBytes) return;
  throw new Unrenderable({
    class: 'expression',
    cause: `environment variable ${name} has ${bytes} bytes, and one may have ${LIMITS.environmentValueBytes}`,
    advice: 'Pass the value by `with` and read it from the file in $LATTICE_INPUTS.',
  });
}

function need<Value>(result: Result<Value, TaskFailure>): Value {
  if (!result.ok) throw new Unrenderable(result.error);
  return result.value;
}

function json(template: Template, contexts: Contexts): Json {
  if (template.kind === 'literal') return template.value;
  const rendered = render(template, contexts);
  if (!rendered.ok) throw new Unrenderable(expressionFailure(rendered.error));
  return rendered.value;
}

function string(template: Template, contexts: Contexts): string {
  if (template.kind === 'literal' && typeof template.value === 'string') return template.value;
  const rendered = renderString(template, contexts);
  if (!rendered.ok) throw new Unrenderable(expressionFailure(rendered.error));
  return rendered.value;
}

function strings(
  templates: ReadonlyMap<string, Template>,
  contexts: Contexts,
): { readonly [name: string]: string } {
  const values: Record<string, string> = {};
  for (const [name, template] of templates) values[name] = string(template, contexts);
  return values;
}
