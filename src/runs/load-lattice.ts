import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { Diagnostic, SourceTexts } from '../lattice/diagnostic.ts';
import type { Plan } from '../lattice/plan.ts';

/** What is to be compiled. */
export interface LoadRequest {
  /** Path of the lattice file, as the user wrote it. */
  readonly file: string;
  /** Absolute folder that it is relative to. */
  readonly cwd: string;
  readonly inputs: JsonObject;
  readonly github: JsonObject;
  /** What is to run the tasks: containers need more than processes of this machine. Undefined: not known. */
  readonly backend?: 'local' | 'docker' | 'fargate';
  /** Texts to use instead of the disk: a run that goes on is compiled from what its record holds. */
  readonly sources?: SourceTexts;
}

export type LoadAnswer =
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly warnings: readonly Diagnostic[];
      readonly sources: SourceTexts;
      readonly secrets: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'diagnostics';
      readonly diagnostics: readonly Diagnostic[];
      readonly sources: SourceTexts;
    }
  /** There is nothing to point into: a file that cannot be read. */
  | { readonly kind: 'refused'; readonly message: string };

/** A limit of the language; larger files are not even read. */
const FILE_BYTES = 1024 * 1024;

/** Reads and compiles a lattice and everything it uses. */
export async function loadLattice(request: LoadRequest): Promise<LoadAnswer> {
  const problems: string[] = [];
  const read = (path: string): string | undefined => {
    const given = request.sources?.get(path);
    if (given !== undefined) {
      return given;
    }
    const answer = readText(resolve(request.cwd, path), path);
    if (!answer.ok && answer.problem !== undefined) {
      problems.push(answer.problem);
    }
    return answer.ok ? answer.text : undefined;
  };
  const text = read(request.file);
  if (text === undefined) {
    return {
      kind: 'refused',
      message: problems[0] ?? `there is no lattice file ${request.file} in ${request.cwd}`,
    };
  }
  // The language is loaded when it is needed: a missing file is told without it.
  const { compile, containerDiagnostics } = await import('../lattice/index.ts');
  const compilation = compile({
    file: request.file,
    text,
    inputs: request.inputs,
    github: request.github,
    files: {
      read,
      exists: (path) =>
        request.sources?.has(path) === true ||
        statSync(resolve(request.cwd, path), { throwIfNoEntry: false }) !== undefined,
    },
  });
  const problem = problems[0];
  if (problem !== undefined) {
    return { kind: 'refused', message: problem };
  }
  if (!compilation.ok) {
    return {
      kind: 'diagnostics',
      diagnostics: compilation.diagnostics,
      sources: compilation.sources,
    };
  }
  const { plan, secrets } = compilation;
  const { backend = 'local' } = request;
  const found =
    backend === 'local' ? [] : containerDiagnostics(plan, backend, Object.keys(secrets));
  return found.some((diagnostic) => diagnostic.severity === 'error')
    ? { kind: 'diagnostics', diagnostics: found, sources: plan.sources }
    : {
        kind: 'plan',
        plan,
        warnings: [...compilation.warnings, ...found],
        sources: plan.sources,
        secrets,
      };
}

/** A text file of the user's, or what is wrong with it in a sentence; neither when there is no such file. */
export type TextAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string | undefined };

/** Reads a text file of bounded size. `name` is how the user wrote it. */
export function readText(path: string, name: string, limit = FILE_BYTES): TextAnswer {
  let bytes: Uint8Array;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) {
      return { ok: false, problem: `${name} is a folder; name the file in it` };
    }
    if (stat.size > limit) {
      return { ok: false, problem: `${name} has ${stat.size} bytes; at most ${limit} are read` };
    }
    bytes = readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { ok: false, problem: undefined };
    }
    const reason =
      code === 'EACCES' || code === 'EPERM' ? 'permission denied' : String(code ?? error);
    return { ok: false, problem: `${name} cannot be read: ${reason}` };
  }
  if (bytes.length > limit) {
    return { ok: false, problem: `${name} has ${bytes.length} bytes; at most ${limit} are read` };
  }
  if (bytes.includes(0)) {
    return {
      ok: false,
      problem: `${name} is no text file: it holds NUL bytes (UTF-8 is expected)`,
    };
  }
  try {
    return {
      ok: true,
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes),
    };
  } catch {
    return { ok: false, problem: `${name} is no UTF-8 text; save it as UTF-8` };
  }
}
