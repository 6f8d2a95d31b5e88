import { AwsError } from '../../aws/aws-error.ts';
import type { EcsApi } from '../../aws/api.ts';
import type { Clock } from '../../base/clock.ts';
import type { Notices } from './notices.ts';
import type { TokenBucket } from '../../base/token-bucket.ts';

/** Attempts at one StopTask, with pauses of half a second and more. */
const TRIES = 6;
/** What a reason may be long is not documented; ECS takes 255 characters. */
const REASON_CHARACTERS = 255;

/** Asks ECS to stop tasks; where that is not allowed, the cancel object in the store is what ends them. */
export class Stopper {
  readonly #ecs: EcsApi;
  readonly #clock: Clock;
  readonly #cluster: string;
  readonly #pace: TokenBucket;
  readonly #notices: Notices;
  #denied = false;

  constructor(parts: {
    readonly ecs: EcsApi;
    readonly clock: Clock;
    readonly cluster: string;
    readonly pace: TokenBucket;
    readonly notices: Notices;
  }) {
    this.#ecs = parts.ecs;
    this.#clock = parts.clock;
    this.#cluster = parts.cluster;
    this.#pace = parts.pace;
    this.#notices = parts.notices;
  }

  async stop(arns: readonly string[], reason: string): Promise<void> {
    await Promise.all(arns.map((arn) => this.#stop(arn, reason.slice(0, REASON_CHARACTERS))));
  }

  async #stop(arn: string, reason: string): Promise<void> {
    for (let tries = 1; tries <= TRIES && !this.#denied; tries++) {
      await this.#pace.take();
      // While it waited, another one may have learned that it is not allowed.
      if (this.#denied) return;
      try {
        await this.#ecs.stopTask(this.#cluster, arn, reason);
        return;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        if (error.kind === 'denied') {
          this.#denied = true;
          this.#notices.once(
            'stop',
            'warning',
            'Tasks cannot be stopped at once: the credentials do not allow ecs:StopTask. They end by themselves when they see that the run was cancelled, within about 30 s, or at their timeout.',
          );
        } else if (error.kind === 'throttled') this.#pace.slower();
        else if (error.kind !== 'passing') {
          // "The referenced task was not found": it is over.
          return;
        }
        await this.#clock.sleep(500 * 2 ** (tries - 1));
      }
    }
  }
}
