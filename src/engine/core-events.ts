/** What goes into the core and what comes out of it. */
import type { Json } from '../base/json.ts';
import type { Fingerprint, TaskKey } from '../base/names.ts';
import type { DimensionSource, Resources } from '../lattice/plan.ts';
import type { TaskResult } from './contract.ts';
import type { AttemptEnd, AttemptFacts } from './ports.ts';
import type { TaskFailure } from './record.ts';
import type { RunEvent } from './events.ts';
import type { Node, Task } from './state.ts';

/** `at`: milliseconds since the Unix epoch by the run's clock. */
export type CoreEvent = { readonly at: number } & (
  | { readonly type: 'begin' }
  | {
      readonly type: 'dimensions';
      readonly node: Node;
      readonly answer:
        | { readonly ok: true; readonly values: ReadonlyMap<string, readonly Json[]> }
        | { readonly ok: false; readonly message: string };
    }
  | { readonly type: 'prepared'; readonly task: Task; readonly preparation: Preparation }
  | { readonly type: 'started'; readonly task: TaskKey; readonly attempt: number }
  | {
      readonly type: 'ended';
      readonly task: TaskKey;
      readonly attempt: number;
      readonly end: AttemptEnd;
      /** Parsed; undefined when there is none that can be understood. */
      readonly result: TaskResult | undefined;
      readonly facts?: AttemptFacts;
    }
  | { readonly type: 'log'; readonly task: TaskKey; readonly text: string }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning'; readonly text: string }
  /** Time has passed. */
  | { readonly type: 'tick' }
  | { readonly type: 'cancel'; readonly why: 'user' | 'timeout' | 'error'; readonly reason: string }
);

/** One that has not been told its time yet. */
export type NewEvent = CoreEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at'>
    : never
  : never;

/** What became of the command `prepare`. */
export type Preparation =
  /** Claimed: may be launched. `running`: an earlier driver's attempt of the same fingerprint goes on. */
  | {
      readonly kind: 'claimed' | 'running';
      readonly attempt: number;
      readonly fingerprint: Fingerprint;
      readonly why: string | undefined;
      readonly name: string;
      readonly resources: Resources;
      /** Pinned reference of the image that it runs in. */
      readonly image: string | undefined;
    }
  /** Its result is known. */
  | {
      readonly kind: 'known';
      /** Succeeded: in an earlier incarnation of this run. Reused: elsewhere. */
      readonly outcome: 'succeeded' | 'reused';
      readonly result: TaskResult;
      readonly fingerprint: Fingerprint;
      readonly why: string;
      readonly name: string;
      readonly filesAt: string;
      readonly logAt: string;
    }
  | { readonly kind: 'bad'; readonly failure: TaskFailure };

export type Command =
  | {
      readonly type: 'resolve';
      readonly node: Node;
      readonly sources: ReadonlyMap<string, DimensionSource>;
    }
  /** Render, look for a known result, claim. `attempt`: the number after those of this driver, 1 at first. */
  | { readonly type: 'prepare'; readonly task: Task }
  | { readonly type: 'launch'; readonly task: Task }
  | { readonly type: 'stop'; readonly tasks: readonly Task[]; readonly reason: string }
  /** A task succeeded by running. */
  | { readonly type: 'remember'; readonly task: Task; readonly result: TaskResult }
  | { readonly type: 'emit'; readonly event: RunEvent };
