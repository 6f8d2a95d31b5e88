import { GetLogEventsCommand, type CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { LogsApi } from './api.ts';
import { toAwsError } from './to-aws-error.ts';

/** CloudWatch Logs, one request a call. */
export function logsApi(client: CloudWatchLogsClient): LogsApi {
  return {
    getLogEvents: async ({ group, stream, from, fromHead, limit }) => {
      try {
        const answer = await client.send(
          new GetLogEventsCommand({
            logGroupName: group,
            logStreamName: stream,
            startFromHead: fromHead,
            ...(from === undefined ? {} : { nextToken: from }),
            ...(limit === undefined ? {} : { limit }),
          }),
        );
        return {
          events: (answer.events ?? []).map(({ timestamp, message }) => ({
            at: timestamp ?? 0,
            message: message ?? '',
          })),
          next: answer.nextForwardToken ?? '',
        };
      } catch (error) {
        const failure = toAwsError(error, 'logs:GetLogEvents');
        if (failure.code === 'ResourceNotFoundException') return undefined;
        throw failure;
      }
    },
  };
}
