/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names that the runner sets for actions: credentials of the job, inputs of our own step, files that steer the workflow. */
const WITHHELD_PREFIXES = ['ACTIONS_', 'INPUT_', 'STATE_'];
const WITHHELD = new Set([
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_STEP_SUMMARY',
  'GITHUB_TOKEN',
]);

/**
 * The caller's environment as tasks get it. A task that could write to `$GITHUB_ENV` or read the job's tokens would be
 * as powerful as the workflow itself; one that needs a withheld variable asks for it by name under `secrets`.
 */
export function taskEnvironment(caller: Environment): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) {
    const withheld =
      WITHHELD.has(name) || WITHHELD_PREFIXES.some((prefix) => name.startsWith(prefix));
    if (value !== undefined && !withheld) kept[name] = value;
  }
  return kept;
}
