import type { Report } from './job.ts';

/** What is told of the whole backend, each thing once. */
export class Notices {
  readonly #told = new Set<string>();
  #report: Report | undefined;

  /** Whoever reports last is told. */
  to(report: Report): void {
    this.#report = report;
  }

  once(key: string, level: 'info' | 'warning', text: string): void {
    if (this.#told.has(key) || this.#report === undefined) return;
    this.#told.add(key);
    this.#report({ type: 'notice', level, text });
  }
}
