import type { AttemptEnd } from '../../engine/ports.ts';
import type { DockerAnswer } from './docker-program.ts';

const ELSEWHERE = 'or run without containers: backend local';

/** What is known of Docker's complaints: they have no codes, only words, which have been the same for years. */
const KNOWN: readonly {
  readonly words: RegExp;
  readonly kind: 'permanent' | 'infrastructure';
  readonly cause: string;
  readonly advice: string;
}[] = [
  {
    words: /permission denied while trying to connect|dial unix .*: permission denied/i,
    kind: 'permanent',
    cause: 'this user may not use the Docker Engine',
    advice: `add the user to the group "docker" and log in again, ${ELSEWHERE}`,
  },
  {
    words:
      /cannot connect to the docker daemon|error during connect|failed to connect to the docker api/i,
    kind: 'permanent',
    cause: 'the Docker Engine does not answer',
    advice: `start it (systemctl start docker, or Docker Desktop), set DOCKER_HOST to where it listens, ${ELSEWHERE}`,
  },
  {
    words: /no such image|unable to find image/i,
    kind: 'permanent',
    cause: "the task's image is no longer in the Docker Engine",
    advice: 'run again, which makes it again',
  },
  {
    words: /does not match the specified platform|exec format error/i,
    kind: 'permanent',
    cause: "the image is for another kind of processor than the electron's `architecture`",
    advice:
      'set `architecture` to that of the image; for another one than this machine has, install QEMU for Docker (docker run --privileged --rm tonistiigi/binfmt --install all)',
  },
  {
    words: /bind source path does not exist|mounts denied|not shared from the host|file sharing/i,
    kind: 'permanent',
    cause: "the Docker Engine does not see the store's folder",
    advice:
      'keep the store in a folder that Docker may mount (Docker Desktop: Settings, Resources, File sharing); an engine on another machine cannot be used',
  },
  {
    words: /unable to find user|no matching entries in (passwd|group) file/i,
    kind: 'permanent',
    cause: "the image's USER is not in the image",
    advice: 'make that user in the Dockerfile, or give USER by number',
  },
  {
    words: /no space left on device/i,
    kind: 'infrastructure',
    cause: "the Docker Engine's disk is full",
    advice: 'free some space, for example with docker system prune',
  },
  {
    words: /exec: "|executable file not found/i,
    kind: 'permanent',
    cause: "the program that runs tasks cannot be started in the task's image",
    advice: 'run again, which makes the image again',
  },
];

/** What it means that the engine refused, or that there is none. */
export function launchEnd(answer: DockerAnswer, program: string): AttemptEnd {
  if (answer.code === 'ENOENT') {
    return {
      kind: 'permanent',
      cause: `there is no program "${program}" on this machine`,
      fact: 'containers are started by the command line of Docker',
      advice: `install Docker and see that "${program}" is on the PATH, ${ELSEWHERE}`,
    };
  }
  const fact = firstLine(answer.complaint);
  const known = KNOWN.find(({ words }) => words.test(answer.complaint));
  if (known !== undefined) {
    return { kind: known.kind, cause: known.cause, fact, advice: known.advice };
  }
  return {
    kind: 'infrastructure',
    cause: 'Docker could not start the container',
    fact: fact === '' ? 'it said nothing' : fact,
    advice: "see Docker's message",
  };
}

/** Its complaint without the prefix, warnings and the pointer to its help. */
function firstLine(complaint: string): string {
  const lines = complaint
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) => line !== '' && !/^WARNING:|docker \w+ --help|^errors pretty printing/.test(line),
    );
  return (lines[0] ?? '')
    .replace(/^(docker: )?(Error response from daemon: |ERROR: )?/, '')
    .slice(0, 1_000);
}
