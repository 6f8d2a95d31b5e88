import type { BackendEvent, LaunchRequest } from '../../engine/ports.ts';
import type { Shape } from './shape.ts';

export type Report = (event: BackendEvent) => void;

/** A launch on its way. */
export interface Job {
  readonly name: string;
  readonly request: LaunchRequest;
  readonly report: Report;
  readonly shape: Shape;
  /** By arrival: among equals the first comes first. */
  readonly order: number;
  readonly queuedAt: number;
  /** Exact revision. */
  definition: string;
  /** Of the next request that is saved. */
  n: number;
  /** `queued`: it waits in a lane. `gone`: it was taken back. */
  state: 'defining' | 'queued' | 'sending' | 'gone';
  /** Asked to stop while its request was under way. */
  stopReason: string | undefined;
  /** The revision was found inactive once. */
  renewed: boolean;
}
