/**
 * The engine's deterministic core: events in, commands out. It reads no clock and does no I/O, so the same core runs
 * against real backends and in the virtual time of tests. An event costs O(log n): counters per electron instead of
 * rescans, heaps for what is ready and for what is due, records only for the task that changed.
 *
 * This file is the story; what happens is told by plain functions over the state of the run: `scopes` (lattices),
 * `electrons`, `expansion` (their tasks), `admission` (who may go), `attempts`, and `ends`.
 */
import { assertNever } from '../base/assert-never.ts';
import { consider } from './admission.ts';
import { attemptEnded, launch, prepared, started, tick } from './attempts.ts';
import type { Command, CoreEvent } from './core-events.ts';
import { endNode, openGate, orphan } from './electrons.ts';
import { cancelRun, failNode } from './ends.ts';
import { EngineError } from './errors.ts';
import { expandEach, expandWith } from './expansion.ts';
import type { RunRecord } from './record.ts';
import { runRecord } from './run-record.ts';
import {
  emit,
  newRunState,
  notice,
  type CoreRequest,
  type RunState,
  type Step,
} from './run-state.ts';
import { endScope, openInner, openScope, startScope } from './scopes.ts';
import type { Scope } from './state.ts';
import type { RunFacts } from './views.ts';

export class Core {
  readonly #run: RunState;
  readonly #root: Scope;

  constructor(request: CoreRequest) {
    this.#run = newRunState(request);
    const root = openScope(this.#run, {
      lattice: request.plan.lattice,
      inputs: request.plan.inputs,
      secrets: request.secrets,
      parent: undefined,
      only: request.selected,
    });
    if (!root.ok) throw new EngineError('request', root.error.cause);
    this.#root = root.value;
  }

  /** What all renderings of the run can see. */
  get facts(): RunFacts {
    return this.#run.facts;
  }

  get finished(): boolean {
    return this.#run.ended !== undefined;
  }

  /** When a `tick` is wanted, in milliseconds since the Unix epoch. */
  get wakeAt(): number | undefined {
    return this.#run.due.peek()?.at;
  }

  /** Takes in one event and gives what is to be done, in order. */
  handle(event: CoreEvent): readonly Command[] {
    this.#run.now = event.at;
    this.#run.commands = [];
    this.#take(event);
    this.#settle();
    return this.#run.commands;
  }

  /** The whole record as it is now. `running`: attempts that the backend says still run. */
  record(running = 0): RunRecord {
    return runRecord(this.#run, this.#root, running);
  }

  #take(event: CoreEvent): void {
    const run = this.#run;
    switch (event.type) {
      case 'begin':
        this.#begin();
        return;
      case 'dimensions': {
        const { node, answer } = event;
        if (node.ended || !node.resolving) return;
        node.resolving = false;
        if (answer.ok) expandWith(run, node, answer.values);
        else failNode(run, node, { class: 'matrix', cause: answer.message });
        return;
      }
      case 'prepared':
        prepared(run, event.task, event.preparation);
        return;
      case 'started':
        started(run, event.task, event.attempt);
        return;
      case 'ended':
        attemptEnded(run, event);
        return;
      case 'log': {
        const task = run.byKey.get(event.task);
        if (task !== undefined) {
          emit(run, { type: 'log', at: run.now, task: task.id, text: event.text });
        }
        return;
      }
      case 'notice':
        notice(run, event.level, event.text);
        return;
      case 'tick':
        tick(run);
        return;
      case 'cancel':
        cancelRun(run, this.#root, event.why, event.reason);
        return;
      default:
        assertNever(event);
    }
  }

  #begin(): void {
    const run = this.#run;
    const { resumed, plan } = run.request;
    emit(run, { type: 'run-started', at: run.now, record: this.record(), resumed });
    // Whoever compiled the plan has shown them where they stand; here they only go into the record.
    for (const { message } of plan.warnings) run.notices.push({ level: 'warning', text: message });
    startScope(run, this.#root);
  }

  /** Works off what follows from the event, then fills the way to launch. */
  #settle(): void {
    const run = this.#run;
    const { scheduler, steps, commands } = run;
    for (;;) {
      for (let place = 0; place < steps.length; place++) {
        const step = steps[place];
        if (step !== undefined) perform(run, step);
      }
      steps.length = 0;
      if (run.cancelling !== undefined) return;
      for (let task = scheduler.next(); task !== undefined; task = scheduler.next()) {
        if (task.node.electron.work.kind === 'uses') openInner(run, task);
        else commands.push({ type: 'prepare', task });
        if (steps.length > 0) break;
      }
      if (steps.length > 0) continue;
      const launchable = scheduler.launchable();
      if (launchable === undefined) return;
      launch(run, launchable);
    }
  }
}

function perform(run: RunState, step: Step): void {
  switch (step.type) {
    case 'gate':
      openGate(run, step.node);
      return;
    case 'expand-each':
      expandEach(run, step.node);
      return;
    case 'orphan':
      orphan(run, step.node);
      return;
    case 'consider':
      consider(run, step.task);
      return;
    case 'end-node':
      endNode(run, step.node);
      return;
    case 'start-scope':
      startScope(run, step.scope);
      return;
    case 'end-scope':
      endScope(run, step.scope);
      return;
    default:
      assertNever(step);
  }
}
