import { z } from 'zod';
import type { Clock } from '../../../../src/base/clock.ts';
import { AwsError } from './aws-error.ts';
import { operation } from './operation.ts';
import type { Settings } from './settings.ts';

/** A log event; it may be read once `visibleAt` has come. */
interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
  readonly visibleAt: number;
}

/** The log driver splits longer lines (aws/shim-loggers-for-containerd). */
const LONGEST_EVENT = 262_144 - 26;
const MOST_EVENTS = 10_000;

/** CloudWatch Logs: groups of streams of events, seen with a delay. */
export class Logs {
  readonly #clock: Clock;
  readonly #settings: Settings;
  readonly #groups = new Map<string, Map<string, LogEvent[]>>();

  constructor(clock: Clock, settings: Settings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  arn(group: string, stream?: string): string {
    const { region, account } = this.#settings;
    const tail = stream === undefined ? '' : `:log-stream:${stream}`;
    return `arn:aws:logs:${region}:${account}:log-group:${group}${tail}`;
  }

  hasGroup(group: string): boolean {
    return this.#groups.has(group);
  }

  createGroup(group: string): void {
    if (!this.hasGroup(group)) this.#groups.set(group, new Map());
  }

  createStream(group: string, stream: string): void {
    const streams = this.#group(group);
    if (!streams.has(stream)) streams.set(stream, []);
  }

  put(
    group: string,
    stream: string,
    events: readonly { timestamp: number; message: string }[],
  ): void {
    const visibleAt = this.#clock.now() + this.#settings.lags.logVisible;
    for (const event of events) this.#stream(group, stream).push({ ...event, visibleAt });
  }

  /** The container's log driver: gathers lines and hands them over from time to time, and at its end. */
  driver(group: string, stream: string, flush: number) {
    let waiting: { timestamp: number; message: string }[] = [];
    const hand = () => {
      const events = waiting;
      waiting = [];
      if (events.length > 0) this.put(group, stream, events);
    };
    return {
      line: (text: string) => {
        if (waiting.length === 0) void this.#clock.sleep(flush).then(hand);
        for (let from = 0; from === 0 || from < text.length; from += LONGEST_EVENT) {
          const message = text.slice(from, from + LONGEST_EVENT);
          waiting.push({ timestamp: this.#clock.now(), message });
        }
      },
      close: hand,
    };
  }

  /** Events that can be seen now. */
  visible(group: string, stream: string): readonly LogEvent[] {
    const now = this.#clock.now();
    return this.#stream(group, stream).filter((event) => event.visibleAt <= now);
  }

  streams(group: string): readonly string[] {
    return [...this.#group(group).keys()].sort();
  }

  groups(): readonly string[] {
    return [...this.#groups.keys()].sort();
  }

  #group(group: string): Map<string, LogEvent[]> {
    const streams = this.#groups.get(group);
    if (streams !== undefined) return streams;
    throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
  }

  #stream(group: string, stream: string): LogEvent[] {
    const events = this.#group(group).get(stream);
    if (events !== undefined) return events;
    throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
}

const between = { startTime: z.number().optional(), endTime: z.number().optional() };

/** The calls of CloudWatch Logs. */
export function logsOperations(logs: Logs) {
  const needs = (action: string, group: string, stream?: string) => [
    { action: `logs:${action}`, resource: logs.arn(group, stream) },
  ];
  return {
    GetLogEvents: operation(
      z.object({
        logGroupName: z.string(),
        logStreamName: z.string(),
        startFromHead: z.boolean().optional(),
        nextToken: z.string().optional(),
        limit: z.number().min(1).max(MOST_EVENTS).optional(),
        ...between,
      }),
      {
        permissions: (input) => needs('GetLogEvents', input.logGroupName, input.logStreamName),
        run: (input) => {
          const { limit = MOST_EVENTS, nextToken, startTime = 0, endTime = Infinity } = input;
          const events = logs
            .visible(input.logGroupName, input.logStreamName)
            .filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
          // A token is the place behind (f/) or before (b/) what was read; at the end it stays the same.
          const place = nextToken === undefined ? undefined : Number(nextToken.slice(2));
          const fromHead = input.startFromHead === true || nextToken?.startsWith('f/') === true;
          const until = fromHead ? (place ?? 0) + limit : (place ?? events.length);
          const from = fromHead ? (place ?? 0) : Math.max(0, until - limit);
          const page = events.slice(from, until);
          return {
            events: page.map((event) => ({
              timestamp: event.timestamp,
              message: event.message,
              ingestionTime: event.visibleAt,
            })),
            nextForwardToken: `f/${from + page.length}`,
            nextBackwardToken: `b/${from}`,
          };
        },
      },
    ),
    FilterLogEvents: operation(
      z.object({
        logGroupName: z.string(),
        logStreamNames: z.array(z.string()).max(100).optional(),
        logStreamNamePrefix: z.string().optional(),
        limit: z.number().min(1).max(MOST_EVENTS).optional(),
        nextToken: z.string().optional(),
        ...between,
      }),
      {
        permissions: (input) => needs('FilterLogEvents', input.logGroupName),
        run: (input) => {
          const { logGroupName: group, logStreamNames, logStreamNamePrefix: prefix } = input;
          if (logStreamNames !== undefined && prefix !== undefined) {
            throw new AwsError(
              'InvalidParameterException',
              'Only one of logStreamNames and logStreamNamePrefix may be given.',
            );
          }
          const { limit = MOST_EVENTS, nextToken = '0', startTime = 0, endTime = Infinity } = input;
          const streams =
            logStreamNames ??
            logs.streams(group).filter((name) => prefix === undefined || name.startsWith(prefix));
          const events = streams
            .flatMap((logStreamName) =>
              logs
                .visible(group, logStreamName)
                .map(({ timestamp, message }) => ({ logStreamName, timestamp, message })),
            )
            .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
            .sort((left, right) => left.timestamp - right.timestamp);
          const from = Number(nextToken);
          const until = from + limit;
          return {
            events: events.slice(from, until),
            ...(until < events.length ? { nextToken: String(until) } : {}),
          };
        },
      },
    ),
    DescribeLogStreams: operation(
      z.object({ logGroupName: z.string(), logStreamNamePrefix: z.string().optional() }),
      {
        permissions: (input) => needs('DescribeLogStreams', input.logGroupName),
        run: ({ logGroupName, logStreamNamePrefix = '' }) => ({
          logStreams: logs
            .streams(logGroupName)
            .filter((name) => name.startsWith(logStreamNamePrefix))
            .slice(0, 50)
            .map((logStreamName) => ({
              logStreamName,
              arn: logs.arn(logGroupName, logStreamName),
            })),
        }),
      },
    ),
    DescribeLogGroups: operation(z.object({ logGroupNamePrefix: z.string().optional() }), {
      permissions: () => needs('DescribeLogGroups', '*'),
      run: ({ logGroupNamePrefix = '' }) => ({
        logGroups: logs
          .groups()
          .filter((name) => name.startsWith(logGroupNamePrefix))
          .slice(0, 50)
          .map((logGroupName) => ({ logGroupName, arn: `${logs.arn(logGroupName)}:*` })),
      }),
    }),
    CreateLogGroup: operation(z.object({ logGroupName: z.string() }), {
      permissions: (input) => needs('CreateLogGroup', input.logGroupName),
      run: ({ logGroupName }) => {
        if (logs.hasGroup(logGroupName)) {
          throw new AwsError(
            'ResourceAlreadyExistsException',
            'The specified log group already exists',
          );
        }
        logs.createGroup(logGroupName);
        return {};
      },
    }),
    CreateLogStream: operation(z.object({ logGroupName: z.string(), logStreamName: z.string() }), {
      permissions: (input) => needs('CreateLogStream', input.logGroupName, input.logStreamName),
      run: ({ logGroupName, logStreamName }) => {
        if (logs.streams(logGroupName).includes(logStreamName)) {
          throw new AwsError(
            'ResourceAlreadyExistsException',
            'The specified log stream already exists',
          );
        }
        logs.createStream(logGroupName, logStreamName);
        return {};
      },
    }),
    PutLogEvents: operation(
      z.object({
        logGroupName: z.string(),
        logStreamName: z.string(),
        logEvents: z
          .array(z.object({ timestamp: z.number(), message: z.string() }))
          .min(1)
          .max(MOST_EVENTS),
      }),
      {
        permissions: (input) => needs('PutLogEvents', input.logGroupName, input.logStreamName),
        run: ({ logGroupName, logStreamName, logEvents }) => {
          logs.put(logGroupName, logStreamName, logEvents);
          return { nextSequenceToken: 'none' };
        },
      },
    ),
  };
}
