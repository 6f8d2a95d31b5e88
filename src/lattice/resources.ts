/** The size of a task, once its expressions have values. */
import type { Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { diagnose } from './diagnose.ts';
import type { DiagnosticCode } from './codes.ts';
import type { Diagnostic } from './diagnostic.ts';
import { fargateSize, STORAGE, type SizeAnswer } from './fargate-sizes.ts';
import type { Contexts, Electron, Resources, Template } from './plan.ts';
import { didYouMean } from './suggest.ts';
import { render } from './template.ts';

/** What whoever starts a run gives to electrons that say nothing themselves. */
export interface ResourceDefaults {
  readonly vcpu?: number;
  readonly memory?: number;
  readonly spot?: boolean | 'prefer';
}

/**
 * What a task of the electron runs on: its own keys first, then the defaults, and the smallest valid size where only a
 * part is given. A default that does not go with what the electron says itself gives way.
 */
export function resolveResources(
  electron: Electron,
  contexts: Contexts,
  defaults: ResourceDefaults = {},
): Result<Resources, Diagnostic> {
  const reader = new ResourceReader(contexts);
  const vcpu = reader.number('vcpu', electron.vcpu);
  const memory = reader.number('memory', electron.memory);
  const size = sizeWithDefaults(vcpu, memory, defaults);
  if (!size.ok) {
    const wrong = size.wrong === 'vcpu' ? electron.vcpu : electron.memory;
    reader.refuse('L403', wrong, size.message, size.hint);
  }
  const storage = reader.number('storage', electron.storage) ?? STORAGE.smallest;
  if (!Number.isInteger(storage)) {
    reader.refuse('L402', electron.storage, `"storage" takes a whole number, not ${storage}`);
  } else if (storage < STORAGE.smallest || storage > STORAGE.largest) {
    const message = `"storage" is ${STORAGE.smallest} to ${STORAGE.largest} GiB, not ${storage}`;
    reader.refuse('L401', electron.storage, message);
  }
  const architecture = reader.word('architecture', electron.architecture, [
    'x86_64',
    'arm64',
  ] as const);
  const spot = reader.word('spot', electron.spot, ['false', 'true', 'prefer'] as const);
  const readOnlyRoot = reader.word('read-only-root', electron.readOnlyRoot, [
    'false',
    'true',
  ] as const);
  const image = reader.text('image', electron.image);
  const taskRole = reader.text('task-role', electron.taskRole);
  if (reader.mistake !== undefined || !size.ok) {
    return err(reader.mistake ?? neverReached());
  }
  return ok({
    vcpu: size.vcpu,
    memory: size.memory,
    storage,
    architecture: architecture ?? 'x86_64',
    spot:
      spot === undefined
        ? (defaults.spot ?? false)
        : spot === 'prefer'
          ? 'prefer'
          : spot === 'true',
    ...(image === undefined ? {} : { image }),
    ...(taskRole === undefined ? {} : { taskRole }),
    readOnlyRoot: readOnlyRoot === 'true',
  });
}

function sizeWithDefaults(
  vcpu: number | undefined,
  memory: number | undefined,
  defaults: ResourceDefaults,
): SizeAnswer {
  const own = fargateSize(vcpu, memory);
  if (!own.ok || (vcpu !== undefined && memory !== undefined)) return own;
  const both = fargateSize(vcpu ?? defaults.vcpu, memory ?? defaults.memory);
  if (both.ok) return both;
  // With nothing of its own the defaults contradict each other: the number of vCPU is the better known of the two.
  const half =
    vcpu === undefined && memory === undefined ? fargateSize(defaults.vcpu, undefined) : own;
  return half.ok ? half : own;
}

function neverReached(): never {
  throw new Error('Internal error: a size was refused without a place');
}

/** Renders one key after the other and keeps the first mistake. */
class ResourceReader {
  mistake: Diagnostic | undefined;
  readonly #contexts: Contexts;

  constructor(contexts: Contexts) {
    this.#contexts = contexts;
  }

  refuse(
    code: DiagnosticCode,
    template: Template | undefined,
    message: string,
    hint?: string,
  ): void {
    if (template === undefined) return;
    this.mistake ??= diagnose(code, template.location, message, { hint });
  }

  number(key: string, template: Template | undefined): number | undefined {
    const value = this.#value(template);
    if (value === undefined || value === null || value === '') return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.refuse('L312', template, `"${key}" takes a number, not ${JSON.stringify(value)}`);
    return undefined;
  }

  text(key: string, template: Template | undefined): string | undefined {
    const value = this.#value(template);
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value === 'string') return value;
    this.refuse('L312', template, `"${key}" takes text, not ${JSON.stringify(value)}`);
    return undefined;
  }

  word<Word extends string>(
    key: string,
    template: Template | undefined,
    words: readonly Word[],
  ): Word | undefined {
    const value = this.#value(template);
    if (value === undefined || value === null || value === '') return undefined;
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    const found = words.find((word) => word === text);
    const hint = didYouMean(text, words) ?? `one of ${words.join(', ')}`;
    if (found === undefined) this.refuse('L210', template, `"${key}" cannot be "${text}"`, hint);
    return found;
  }

  #value(template: Template | undefined): Json | undefined {
    if (template === undefined || this.mistake !== undefined) return undefined;
    const rendered = render(template, this.#contexts);
    if (rendered.ok) return rendered.value;
    this.mistake = rendered.error;
    return undefined;
  }
}
