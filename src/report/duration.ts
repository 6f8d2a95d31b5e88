/** Words for times, sizes and counts: the same everywhere. */

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 14 min`, `3 d 2 h`. */
export function durationText(milliseconds: number): string {
  const total = Math.max(0, milliseconds);
  if (total < 9_950) {
    return `${(total / 1000).toFixed(1)} s`;
  }
  const seconds = Math.round(total / 1000);
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return pair(minutes, 'min', seconds % 60, 's');
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 48) {
    return pair(hours, 'h', minutes % 60, 'min');
  }
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** An estimate, rounded so that it promises no more than it knows: `about 40 s`, `about 3 min`. */
export function estimateText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 5) {
    return 'a few seconds';
  }
  if (seconds < 60) {
    return `about ${Math.ceil(seconds / 5) * 5} s`;
  }
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60
    ? `about ${minutes} min`
    : `about ${pair(Math.floor(minutes / 60), 'h', Math.ceil((minutes % 60) / 5) * 5, 'min')}`;
}

/** `512 B`, `1.5 KB`, `12 MB`: powers of 1024, as disks and memory limits are counted here. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 10 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}

/** `1 task`, `412 tasks`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

function pair(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}
