import type { Place } from '../runs/index.ts';

/** How many tasks still run, as it was seen; never a number that nobody has counted. */
export function runningText(running: number | undefined, place: Pick<Place, 'backend'>): string {
  if (running !== undefined) {
    return `${running} tasks running`;
  }
  return place.backend === 'local'
    ? 'its tasks end with their driver'
    : 'whether tasks still run could not be seen; those that do end within a minute by the cancel object, at the latest by their timeout';
}
