/** Line and column of an offset, both from 1. A column counts UTF-16 units. */
export function locate(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  const end = Math.max(0, Math.min(offset, text.length));
  for (let next = text.indexOf('\n'); next !== -1 && next < end; next = text.indexOf('\n', start)) {
    line += 1;
    start = next + 1;
  }
  return { line, column: end - start + 1 };
}
