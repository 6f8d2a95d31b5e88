import { AwsError } from '../aws-error.ts';
import type { Settings } from '../settings.ts';
import type { Task } from './task.ts';
import { ClientTokens } from './client-tokens.ts';

/** A cluster with its tasks and the tokens of its RunTask calls. */
export interface Cluster {
  readonly arn: string;
  readonly name: string;
  providers: readonly string[];
  /** By id, in the order of their creation. */
  readonly tasks: Map<string, Task>;
  readonly tokens: ClientTokens;
}

/** The clusters of the account. */
export class Clusters {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #clusters = new Map<string, Cluster>();

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  arn(reference = 'default'): string {
    const name = reference.replace(/^arn:.*:cluster\//, '');
    return `arn:aws:ecs:${this.#settings.region}:${this.#settings.account}:cluster/${name}`;
  }

  /** An existing one of that name is left as it is. */
  create(name: string, providers: readonly string[]): Cluster {
    const existing = this.#clusters.get(name);
    if (existing !== undefined) return existing;
    const cluster: Cluster = {
      arn: this.arn(name),
      name,
      providers,
      tasks: new Map(),
      tokens: new ClientTokens(this.#now),
    };
    this.#clusters.set(name, cluster);
    return cluster;
  }

  all(): readonly Cluster[] {
    return [...this.#clusters.values()];
  }

  peek(reference = 'default'): Cluster | undefined {
    const arn = this.arn(reference);
    return this.all().find((cluster) => cluster.arn === arn);
  }

  find(reference?: string): Cluster {
    const cluster = this.peek(reference);
    if (cluster === undefined) {
      throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    }
    return cluster;
  }
}
