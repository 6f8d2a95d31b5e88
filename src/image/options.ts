import type { EcrApi } from '../aws/api.ts';
import type { Clock } from '../base/clock.ts';
import type { Proxies } from '../base/proxies.ts';
import type { Sources } from '../engine/ports.ts';

/** Runs a program and waits for its end; its output goes to the user's log line by line as well. */
export type RunProgram = (
  command: string,
  args: readonly string[],
  options: {
    /** Written to its standard input, which is then closed. */
    readonly input?: string;
    readonly cwd?: string;
    /** Besides the caller's own. */
    readonly environment?: Readonly<Record<string, string | undefined>>;
    /** Nothing is logged. */
    readonly silent?: boolean;
    /** Ends the program, where that can be done. */
    readonly signal?: AbortSignal;
  },
) => Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;

/** What both kinds of images are made with. */
export interface ImageOptions {
  /** Absolute folder that folders of lattices are relative to. */
  readonly base: string;
  readonly sources: Sources;
  /** Lattice files of the plan, relative to `base`: never part of a build context. */
  readonly latticeFiles: readonly string[];
  readonly run: RunProgram;
  /** Tells the user what is being done. */
  readonly log: (line: string) => void;
  /** Absolute folder with `manifest.json` and `linux-<arch>.tar.gz`. */
  readonly entrypointLayers: string;
  /** Absolute folder for files of this run. */
  readonly temp: string;
  /** Registries that are read elsewhere: `docker.io` to `http://127.0.0.1:5000`. */
  readonly mirrors: { readonly [registry: string]: string };
  /** Absolute folder of Docker's own settings, whose logins registries are read with: `DOCKER_CONFIG`, else `~/.docker`. */
  readonly dockerConfig?: string;
  /** The way to registries out of a closed network; Docker reads the environment by itself. */
  readonly proxies?: Proxies;
  /** What waiting between two tries is done by; else real time. */
  readonly clock?: Clock;
}

/** Images in ECR. */
export interface EcrImageOptions extends ImageOptions {
  readonly ecr: EcrApi;
  readonly repository: string;
  readonly createRepository: boolean;
  readonly region: string;
  readonly account: string;
  readonly dnsSuffix: string;
}
