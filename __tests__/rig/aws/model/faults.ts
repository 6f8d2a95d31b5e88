import { AnswerLost, AwsError } from './aws-error.ts';

/** One call that a fault may strike. */
export interface FaultCall {
  readonly service: string;
  readonly action: string;
  readonly input: unknown;
}

/** What goes wrong, where and how often. */
export interface Fault {
  readonly service: string;
  readonly action: string;
  /** Only calls of which this is true; all when absent. */
  readonly when?: (call: FaultCall) => boolean;
  /** How many calls it strikes; once when absent. */
  readonly times?: number;
  /** `before`: refused without effect. `after`: it had its effect, and then this is what is heard of it. */
  readonly moment: 'before' | 'after';
  /** What the caller gets; a broken connection when absent. */
  readonly error?: AwsError;
}

/** Faults that tests plant; each strikes as often as it says and is then gone. */
export class Faults {
  readonly #planted: { readonly fault: Fault; left: number }[] = [];

  plant(fault: Fault): void {
    this.#planted.push({ fault, left: fault.times ?? 1 });
  }

  /** Throws what a planted fault says for this call at this moment. */
  strike(call: FaultCall, moment: Fault['moment']): void {
    const place = this.#planted.findIndex(
      ({ fault }) =>
        fault.moment === moment &&
        fault.service === call.service &&
        fault.action === call.action &&
        (fault.when?.(call) ?? true),
    );
    const planted = this.#planted[place];
    if (planted === undefined) return;
    planted.left -= 1;
    if (planted.left <= 0) this.#planted.splice(place, 1);
    throw planted.fault.error ?? new AnswerLost();
  }
}

/** Throttling of EC2 as ECS hands it on: neither the name nor the status of throttling (dagster-io/dagster#33439). */
export function wrappedThrottling(subnet: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `Error retrieving subnet information for [${subnet}]: Rate exceeded (ErrorCode: Throttling)`,
  );
}

/** S3 under more load than its partitions take yet. */
export function slowDown(): AwsError {
  return new AwsError('SlowDown', 'Please reduce your request rate.', 503);
}

/** What RunTask answers in trouble of its own; the task may exist all the same. */
export function internalError(): AwsError {
  return new AwsError('ServerException', 'Internal Error', 500);
}
