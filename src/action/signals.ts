/**
 * The runner cancels by SIGINT, after 7.5 seconds SIGTERM, and after 2.5 more SIGKILL. The first one cancels the run; the
 * others find that under way and must not end this process before it has written what there is.
 */
export function cancelOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () =>
      controller.abort('the workflow run was cancelled, or a time limit is over'),
    );
  }
  return controller.signal;
}
