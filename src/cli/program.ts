import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../base/version.ts';
import { FARGATE_INPUTS } from '../runs/fargate-inputs.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/** Flags that every command has. */
export interface CommonFlags {
  readonly json?: true;
  readonly color: boolean;
}

/** Flags of commands that read a lattice. */
export interface LatticeFlags extends CommonFlags {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly config?: string;
}

/** Where runs are kept and what runs their tasks; the flags of Fargate by their names in camel case. */
export interface PlaceFlags extends CommonFlags {
  readonly store?: string;
  readonly backend?: string;
  readonly config?: string;
  readonly awsRegion?: string;
  /** Of a config file that workflows share; the command cannot take it. */
  readonly roleToAssume?: string;
  /** Flags that stand in the call itself and not in a config file; undefined: all of them. */
  readonly typed?: ReadonlySet<string>;
  readonly [flag: string]: unknown;
}

export interface RunFlags extends LatticeFlags, PlaceFlags {
  readonly outputDir?: string;
  readonly resume?: string | true;
  readonly fresh?: true;
  readonly only?: readonly string[];
  readonly rerun?: readonly string[];
  readonly maxParallel?: number;
  readonly maxTasks?: number;
  readonly timeoutMinutes?: number;
  readonly cache?: 'read-write' | 'read' | 'off';
  readonly logs?: LogsFlag;
  readonly quiet?: true;
}

export type LogsFlag = 'failed' | 'all' | 'live' | 'none';

export interface AttachFlags extends PlaceFlags {
  readonly input?: readonly string[];
  readonly outputDir?: string;
  readonly logs?: LogsFlag;
  readonly quiet?: true;
}

/** What is to run the tasks decides what a lattice may hold. */
export interface PlanFlags extends LatticeFlags, PlaceFlags {}

export interface GraphFlags extends PlanFlags {
  readonly format: 'mermaid' | 'dot' | 'text';
}

/** Parses the words and does what they say. Heavy parts are loaded by the command that needs them. */
export async function runProgram(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = new Command('lattice')
    .description(
      'Run a graph of tasks written in YAML, on this machine or as parallel Fargate tasks.',
    )
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError('"lattice --help" and "lattice <command> --help" show what there is')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });

  withFargate(withRun(withInputs(program.command('run'))))
    .description(
      'run a lattice: tasks are processes or containers of this machine, or run on Fargate',
    )
    .argument('[file]', 'the lattice', undefined)
    .action(async (file: string | undefined, flags: RunFlags) => {
      const { runCommand } = await import('./commands/run.ts');
      code = await runCommand(file, flags, terminal);
    });
  withFargate(withInputs(program.command('plan')))
    .description('show what would run')
    .argument('[file]', 'the lattice')
    .action(async (file: string | undefined, flags: PlanFlags) => {
      const { planCommand } = await import('./commands/plan.ts');
      code = await planCommand(file, flags, terminal);
    });
  withFargate(withInputs(program.command('check')))
    .description('say what is wrong with a lattice, all of it at once')
    .argument('[file]', 'the lattice')
    .action(async (file: string | undefined, flags: PlanFlags) => {
      const { checkCommand } = await import('./commands/plan.ts');
      code = await checkCommand(file, flags, terminal);
    });
  withInputs(program.command('graph'))
    .description('draw the electrons and their needs')
    .argument('[file]', 'the lattice')
    .addOption(
      new Option('--format <format>', 'what to write')
        .choices(['mermaid', 'dot', 'text'])
        .default('mermaid'),
    )
    .action(async (file: string | undefined, flags: GraphFlags) => {
      const { graphCommand } = await import('./commands/plan.ts');
      code = await graphCommand(file, flags, terminal);
    });
  withFargate(withProgress(withStore(program.command('attach'))))
    .description('go on with a run whose driver is gone, or follow one that is driven elsewhere')
    .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
    .option('--input <name=value>', 'a secret input, which is never kept (repeatable)', collect)
    .action(async (run: string, flags: AttachFlags) => {
      const { attachCommand } = await import('./commands/run.ts');
      code = await attachCommand(run, flags, terminal);
    });
  withFargate(withStore(program.command('stop')))
    .description('end a run and everything it started')
    .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
    .action(async (run: string, flags: PlaceFlags) => {
      const { stopCommand } = await import('./commands/stored.ts');
      code = await stopCommand(run, flags, terminal);
    });
  withFargate(withStore(program.command('logs')))
    .description('print the logs of a run')
    .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
    .argument('[tasks...]', 'tasks (sample[7]) or electrons; all by default')
    .action(async (run: string, tasks: readonly string[], flags: PlaceFlags) => {
      const { logsCommand } = await import('./commands/stored.ts');
      code = await logsCommand(run, tasks, flags, terminal);
    });
  withFargate(withStore(program.command('list')))
    .description('show the runs of a store')
    .action(async (flags: PlaceFlags) => {
      const { listCommand } = await import('./commands/stored.ts');
      code = await listCommand(flags, terminal);
    });

  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Help and version end with 0; everything else is a wrong call, and has been told.
      return error.exitCode === 0 ? EXIT.ok : EXIT.wrong;
    }
    throw error;
  }
  return code;
}

function withCommon(command: Command): Command {
  return command
    .option('--json', 'one JSON document on stdout, everything else on stderr')
    .option('--no-color', 'no colours');
}

function withInputs(command: Command): Command {
  return withCommon(command)
    .option('-i, --input <name=value>', 'an input of the lattice (repeatable)', collect)
    .option('--inputs <file>', 'inputs from a YAML or JSON file; "-" reads stdin')
    .option('--config <file>', "a YAML file of the action's inputs; flags win");
}

function withStore(command: Command): Command {
  return withCommon(command)
    .option('--store <folder>', 'where runs are kept; .lattice beside the lattice')
    .option('--config <file>', "a YAML file of the action's inputs; flags win");
}

/** Where tasks run; the flags of Fargate are the action's inputs. */
function withFargate(command: Command): Command {
  command.option('--backend <name>', 'what runs the tasks: local, docker or fargate; local');
  const group = 'With --backend fargate, as the inputs of the action:';
  const add = (words: string, text: string): Command =>
    command.addOption(new Option(words, text).helpGroup(group));
  command.addOption(new Option('--role-to-assume <arn>').hideHelp());
  add('--aws-region <region>', 'From AWS_REGION or the profile when left out');
  for (const { name, kind, description, default: fallback } of FARGATE_INPUTS) {
    const words = kind.type === 'boolean' ? `--${name} [true|false]` : `--${name} <${kind.type}>`;
    const text = description.replace(/\.$/, '');
    add(words, fallback === undefined ? text : `${text}; ${fallback}`);
  }
  return command;
}

function withProgress(command: Command): Command {
  return command
    .option('--output-dir <folder>', "write the lattice's file outputs and results.json there")
    .addOption(
      new Option('--logs <which>', 'logs of tasks to show').choices([
        'failed',
        'all',
        'live',
        'none',
      ]),
    )
    .option('-q, --quiet', 'only failures, warnings and the end');
}

function withRun(command: Command): Command {
  return withProgress(command)
    .option('--store <folder>', 'where runs are kept; .lattice beside the lattice')
    .option('--resume [run]', 'go on with an unfinished run of this lattice: the newest, or an id')
    .option('--fresh', 'begin a new run, which is the default here')
    .option('--only <electrons>', 'stop after these electrons (by comma, repeatable)', collectList)
    .option(
      '--rerun <tasks>',
      '"failed", or tasks and electrons to run again with their dependents',
      collectList,
    )
    .option('--max-parallel <number>', 'tasks at once; the number of processors', positive)
    .option('--max-tasks <number>', 'refuse to start when there are more; 10000', positive)
    .option('--timeout-minutes <minutes>', 'end the run after that time', minutes)
    .addOption(
      new Option('--cache <use>', 'results of earlier runs').choices(['read-write', 'read', 'off']),
    );
}

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function collectList(value: string, before: readonly string[] | undefined): readonly string[] {
  const items = value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return [...(before ?? []), ...items];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  }
  return number;
}

function minutes(value: string): number {
  const number = Number(value);
  if (!Number.isFinite(number) || number <= 0 || value.trim() === '') {
    throw new InvalidArgumentError('It must be a number of minutes above 0.');
  }
  return number;
}
