import type { ImageFiles } from './ecr/pull.ts';

/** What a container runs, and with what. */
export interface Work {
  readonly taskArn: string;
  readonly container: string;
  readonly image: string;
  /** Files of the image; absent when its registry is not simulated. */
  readonly files?: ImageFiles;
  readonly entryPoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** What of the definition only a real container can have. */
  readonly readOnlyRoot?: boolean;
  readonly memoryMiB?: number;
  /** Places of the definition's volumes in the container. */
  readonly mounts?: readonly string[];
  /** Path on the endpoint of credentials where the task finds those of its role; absent without a role. */
  readonly credentialsPath?: string;
  /** To be shown there; handed over in a file. */
  readonly credentialsToken?: string;
  /** Takes one line of output, without its line break. */
  readonly line: (text: string) => void;
}

/** How a process ended. An end without a code is one that AWS knows nothing about. */
export interface Exit {
  readonly code?: number;
  /** The container's reason, such as that of memory running out. */
  readonly reason?: string;
}

/** A container that runs. */
export interface RunningWork {
  readonly ended: Promise<Exit>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

/** What executes the containers of the simulated Fargate. */
export interface TaskRunner {
  start(work: Work): RunningWork;
}
