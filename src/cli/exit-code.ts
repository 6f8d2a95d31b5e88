/** What the command says to who called it. 70 is EX_SOFTWARE of sysexits.h, 130 is 128 + SIGINT. */
export const EXIT = {
  ok: 0,
  /** Tasks failed, or the run could not go on. */
  failed: 1,
  /** The lattice or the call is wrong. */
  wrong: 2,
  bug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The call is wrong: one sentence with the way out. */
export class CallError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CallError';
  }
}
