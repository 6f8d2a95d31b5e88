/**
 * How the runner reads what an action prints, after `ActionCommandManager` and `ActionCommand` of actions/runner: it looks
 * at every line of stdout and stderr alike; `::name props::data` counts at the start of a line (after white space),
 * `##[name props]data` anywhere in it; unknown names are no commands. After `::stop-commands::token` nothing counts until
 * a command named as the token. Lines end at \n, \r\n, or a lone \r, as .NET's StreamReader splits them.
 */

/** An annotation as it would be shown at a file. */
export interface SeenAnnotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What the runner made of the output. */
export interface SeenCommands {
  /** In order; the runner keeps ten of each level a step, {@link shownAnnotations}. */
  readonly annotations: readonly SeenAnnotation[];
  readonly masks: readonly string[];
  readonly groups: readonly string[];
  /** Groups that were opened and never closed. */
  readonly openGroups: number;
  /** Commands other than annotations, masks, groups, debug and stop-commands. */
  readonly others: readonly string[];
  /** Lines that are no command and so stand in the log. */
  readonly log: readonly string[];
  /** True when the output ended while commands were still stopped. */
  readonly stopped: boolean;
  /** Tokens of stop-commands, in order. */
  readonly tokens: readonly string[];
}

const COMMANDS = [
  'internal-set-repo-path',
  'set-env',
  'set-output',
  'save-state',
  'add-path',
  'add-mask',
  'add-matcher',
  'remove-matcher',
  'warning',
  'error',
  'notice',
  'debug',
  'group',
  'endgroup',
  'echo',
  'stop-commands',
];

/** Reads whole outputs; for a live one call it again with more. */
export function readCommands(output: string): SeenCommands {
  const registered = new Set(COMMANDS);
  const annotations: SeenAnnotation[] = [];
  const masks: string[] = [];
  const groups: string[] = [];
  const others: string[] = [];
  const log: string[] = [];
  const tokens: string[] = [];
  let openGroups = 0;
  let stopToken: string | undefined;
  for (const line of output.split(/\r\n|\n|\r/)) {
    const command = parseV2(line, registered) ?? parseV1(line, registered);
    if (command === undefined) {
      log.push(line);
    } else if (stopToken !== undefined) {
      if (command.name === stopToken) {
        registered.delete(stopToken);
        stopToken = undefined;
      } else {
        log.push(line);
      }
    } else {
      switch (command.name) {
        case 'stop-commands':
          // ValidateStopToken: an empty one or the name of a command would be refused.
          if (command.data === '' || registered.has(command.data.toLowerCase())) {
            throw new Error(`the runner refuses the stop token ${JSON.stringify(command.data)}`);
          }
          stopToken = command.data.toLowerCase();
          registered.add(stopToken);
          tokens.push(command.data);
          break;
        case 'error':
        case 'warning':
        case 'notice':
          annotations.push({
            level: command.name,
            message: command.data,
            properties: command.properties,
          });
          break;
        case 'add-mask':
          masks.push(command.data);
          break;
        case 'group':
          groups.push(command.data);
          openGroups += 1;
          break;
        case 'endgroup':
          openGroups -= 1;
          break;
        case 'debug':
          break;
        default:
          others.push(command.name);
      }
    }
  }
  return {
    annotations,
    masks,
    groups,
    openGroups,
    others,
    log,
    stopped: stopToken !== undefined,
    tokens,
  };
}

/** Those that people see: at most ten of each level a step. */
export function shownAnnotations(
  annotations: readonly SeenAnnotation[],
): readonly SeenAnnotation[] {
  return (['error', 'warning', 'notice'] as const).flatMap((level) =>
    annotations.filter((annotation) => annotation.level === level).slice(0, 10),
  );
}

interface Command {
  /** Lower case: names are compared without case. */
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

function parseV2(line: string, registered: ReadonlySet<string>): Command | undefined {
  // .NET's TrimStart takes NEL for white space too, and a byte order mark not.
  const text = line.replace(/^(?:(?!\ufeff)\s|\u0085)+/u, '');
  const end = text.startsWith('::') ? text.indexOf('::', 2) : -1;
  if (end < 0) return undefined;
  const info = text.slice(2, end);
  const space = info.indexOf(' ');
  const name = (space < 0 ? info : info.slice(0, space)).toLowerCase();
  if (!registered.has(name)) return undefined;
  const written =
    space < 0
      ? []
      : info
          .slice(space + 1)
          .trim()
          .split(',');
  const properties = written.flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals < 0
      ? []
      : [[pair.slice(0, equals), unescape(pair.slice(equals + 1), true)] as const];
  });
  return {
    name,
    properties: Object.fromEntries(properties),
    data: unescape(text.slice(end + 2), false),
  };
}

function parseV1(line: string, registered: ReadonlySet<string>): Command | undefined {
  const start = line.indexOf('##[');
  const end = start < 0 ? -1 : line.indexOf(']', start);
  if (end < 0) return undefined;
  const info = line.slice(start + 3, end);
  const name = (info.split(' ')[0] ?? '').toLowerCase();
  return registered.has(name) ? { name, properties: {}, data: line.slice(end + 1) } : undefined;
}

function unescape(text: string, property: boolean): string {
  const plain = text.replaceAll('%0D', '\r').replaceAll('%0A', '\n');
  return (property ? plain.replaceAll('%3A', ':').replaceAll('%2C', ',') : plain).replaceAll(
    '%25',
    '%',
  );
}
