/** Whether `text` is what the pattern with `*` and `?` describes; the whole of it, with case. */
export function wildcardMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Like {@link wildcardMatches}, but each of an ARN's six parts by itself: a `*` in one does not reach into the next. */
export function arnMatches(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const wanted = parts(pattern);
  const given = parts(arn);
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => wildcardMatches(part, given[index] ?? ''))
  );
}

function parts(arn: string): readonly string[] {
  const pieces = arn.split(':');
  return [...pieces.slice(0, 5), pieces.slice(5).join(':')];
}
