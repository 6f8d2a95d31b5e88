/**
 * The catalogue of diagnostics. `docs/diagnostics.md` is this text; a test keeps them equal. Codes are never reused:
 * L1 file and YAML, L2 structure, L3 expressions, L4 values and limits, L5 other files, L9 warnings.
 */

/** What a code means, whatever the place. */
interface CatalogueEntry {
  readonly title: string;
  readonly explanation: string;
}

export const CATALOGUE = {
  L101: {
    title: 'The file is not valid YAML',
    explanation:
      'Nothing else is checked until the file can be read. The caret stands where reading stopped making sense; the mistake is there or just before.',
  },
  L102: {
    title: 'The file is too large',
    explanation:
      'A lattice file may have 1 MB. Put data in files that tasks read, not in the lattice.',
  },
  L103: {
    title: 'Nested too deeply',
    explanation: 'Lists and mappings may be nested 64 deep.',
  },
  L104: {
    title: 'Duplicate key',
    explanation:
      'A mapping has the same key twice. YAML tools silently keep one of them, so neither is trusted.',
  },
  L105: {
    title: 'Merge keys are not supported',
    explanation:
      'As in GitHub workflows, anchors and aliases are allowed, but `<<` is not. Repeat the keys, or use `defaults`.',
  },
  L106: {
    title: 'YAML tags are not supported',
    explanation:
      'Only the types that JSON has can be used: strings, numbers, booleans, null, lists and mappings. Quote a value to make it a string.',
  },
  L107: {
    title: 'More than one document',
    explanation: 'A lattice file holds one YAML document; `---` may stand only at its top.',
  },
  L108: {
    title: 'Unknown alias',
    explanation:
      'An alias (`*name`) refers to an anchor (`&name`) that stands before it in the file and does not contain it.',
  },
  L109: {
    title: 'Aliases expand to too much',
    explanation: 'What aliases repeat may add up to 100,000 values.',
  },
  L110: {
    title: 'The file is empty',
    explanation: 'A lattice has at least one electron.',
  },
  L111: {
    title: 'A key must be a simple value',
    explanation:
      'Keys are words; a list, a mapping, an alias or nothing cannot be one. Often a `{{ }}` without `$` is read as a mapping: quote it.',
  },
  L112: {
    title: 'Not a JSON value',
    explanation:
      'Infinity and NaN cannot be passed between tasks. Quote them to pass them as text.',
  },
  L113: {
    title: 'More mistakes',
    explanation:
      'The first 100 mistakes are told, in the order of the file. The rest often has the same cause.',
  },
  L201: {
    title: 'Unknown key',
    explanation:
      'The key means nothing at this place. The reference lists the keys; every key is valid only where it is described.',
  },
  L202: {
    title: 'Wrong type',
    explanation:
      'The value has another shape than the key asks for: text, number, true or false, list or mapping.',
  },
  L203: {
    title: 'A key is missing',
    explanation: 'The mapping needs a key that it does not have.',
  },
  L204: {
    title: 'Unknown electron',
    explanation:
      'A name in `needs`, `for-each`, `files.needs` or `outputs` is not the id of an electron of this lattice.',
  },
  L205: {
    title: 'An electron needs itself',
    explanation: 'It would wait for its own end.',
  },
  L206: {
    title: 'A cycle of needs',
    explanation:
      'The electrons wait for each other in a circle, so none could start. The notes walk round the shortest circle.',
  },
  L207: {
    title: 'Invalid name',
    explanation:
      "Ids are as GitHub's job ids: a letter or `_` first, then letters, digits, `-` and `_`, at most 100 characters. Environment variables have no `-`.",
  },
  L208: {
    title: 'More than one kind of work',
    explanation:
      "An electron has exactly one of `run`, `command`, `call` and `uses`, or none for the image's own command.",
  },
  L209: {
    title: 'Keys that do not go together',
    explanation: 'The key has no meaning beside another one, so it would be ignored silently.',
  },
  L210: {
    title: 'Not one of the possible values',
    explanation: 'The key takes one of a few words.',
  },
  L211: {
    title: 'Empty',
    explanation: 'Something must stand here.',
  },
  L212: {
    title: 'Listed twice',
    explanation: 'The same name stands in the list more than once.',
  },
  L213: {
    title: "A name of the action's own outputs",
    explanation:
      'Outputs of a lattice become outputs of the step under their own names, beside those that the action always sets. Choose another name.',
  },
  L214: {
    title: 'Reserved',
    explanation: 'The key is reserved for a later version.',
  },
  L215: {
    title: 'Not the address of a secret',
    explanation:
      'A secret is `secretsmanager:<name or ARN>`, with `#json-key` for one field, or `ssm:<name or ARN>`.',
  },
  L216: {
    title: 'Not a function in a file',
    explanation: '`call` is `file.py:function` or `file.mjs:function` (also `.js`).',
  },
  L217: {
    title: 'Not a file that can be put in place',
    explanation:
      "`from` is a path below the lattice's folder, `s3://bucket/key` (a prefix when it ends in `/`), or `https://…` with its `sha256`.",
  },
  L218: {
    title: 'Not a shell',
    explanation:
      "`shell` is `bash`, `sh`, `python`, or a command with `{0}` where the script's path is put.",
  },
  L219: {
    title: 'The declaration of an input contradicts itself',
    explanation:
      '`options` belong to the type `choice`, which needs them; a required input needs no default; a default has the declared type.',
  },
  L301: {
    title: 'Syntax error in an expression',
    explanation:
      'Expressions are those of GitHub Actions: contexts, literals in single quotes, comparisons, `&&`, `||`, `!`, and functions. There is no arithmetic.',
  },
  L302: {
    title: 'An expression has no end',
    explanation: '`${{` needs its `}}` in the same value.',
  },
  L303: {
    title: 'Unknown context',
    explanation:
      'The name is none of inputs, env, matrix, strategy, needs, each, lattice, github, electrons.',
  },
  L304: {
    title: 'A context that is not available here',
    explanation:
      'Each key sees some contexts only: what is decided before a matrix is expanded cannot read it, and so on. The hint lists those of this place.',
  },
  L305: {
    title: 'Unknown function',
    explanation:
      'The functions are those of GitHub Actions, and range, chunk, length, keys, values.',
  },
  L306: {
    title: 'Wrong number of arguments',
    explanation: 'The function takes more or fewer arguments.',
  },
  L307: {
    title: 'Unknown name in a context',
    explanation:
      'The context has no such entry: no input, matrix key, environment variable or declared output of that name.',
  },
  L308: {
    title: 'Not among the needs',
    explanation:
      'The electron exists, but this electron does not need it, so there is no saying when its results are there. Add it to `needs`.',
  },
  L309: {
    title: 'A status function outside of if',
    explanation:
      '`success()`, `failure()`, `always()` and `cancelled()` can be asked only in `if`.',
  },
  L310: {
    title: 'The expression is too long',
    explanation:
      'An expression may have 21,000 characters, as in workflows, and be nested 50 deep.',
  },
  L311: {
    title: 'The expression cannot be evaluated',
    explanation:
      'A function refused its arguments, for example `fromJSON` of text that is not JSON.',
  },
  L312: {
    title: 'The expression gives another type than the key takes',
    explanation:
      'An expression keeps its type, so a list stays a list; the key takes something else.',
  },
  L313: {
    title: 'A condition that is always true',
    explanation:
      'Text around `${{ }}` in `if` makes the condition a text that is not empty, which is always true. Write the whole condition inside one pair of braces, or without any.',
  },
  L401: {
    title: 'Out of range',
    explanation: 'The number is smaller or larger than the key allows.',
  },
  L402: {
    title: 'Not a whole number',
    explanation: 'The key counts something, so it takes whole numbers.',
  },
  L403: {
    title: 'No such Fargate size',
    explanation:
      'Fargate offers certain pairs of vCPU and memory only. Name one of the two and the smallest valid partner is picked.',
  },
  L404: {
    title: 'Too many tasks',
    explanation:
      'A lattice may have 10,000 tasks in all. Put several values into one task, for example with `chunk`.',
  },
  L405: {
    title: 'Not a matrix',
    explanation:
      'A matrix is a mapping of keys to lists; `include` and `exclude` are lists of mappings; `exclude` may name keys of the matrix only.',
  },
  L406: {
    title: 'Unknown input',
    explanation: 'A value was given for an input that the lattice does not declare.',
  },
  L407: {
    title: 'A required input has no value',
    explanation: 'The input has `required: true` and no default, and nobody gave a value.',
  },
  L408: {
    title: 'The value does not fit the input',
    explanation:
      'The value given is not of the declared type and cannot be read as it, or is none of the options.',
  },
  L409: {
    title: 'A value is too large',
    explanation:
      'An evaluated value may have 8 MB; a value for the environment 128 KiB: pass it by `with`, which arrives as a file.',
  },
  L410: {
    title: 'A secret would become visible',
    explanation:
      'A secret input can be used in `env` as a whole value and in the `with` of `uses` only: anywhere else it would be stored with the run.',
  },
  L411: {
    title: 'A dimension of the matrix has no list',
    explanation:
      'The value of the dimension came out as null or as no list when the electron was about to start.',
  },
  L412: {
    title: 'Not a glob or path inside the folder',
    explanation:
      'Paths are relative, with `/`, and stay inside the folder: no `..`, no leading `/`.',
  },
  L413: {
    title: 'No image to run in',
    explanation:
      'On Fargate and Docker every task runs in a container. The electron names no `image`, and neither does its lattice or one that uses it. Told only with these backends.',
  },
  L414: {
    title: 'A secret input on Fargate',
    explanation:
      'Secret inputs stand in the environment of processes on this machine and are never stored, so they cannot be handed to tasks on Fargate. Keep the value in Secrets Manager or SSM and name it in `secrets` of the electron: ECS gives it to the container.',
  },
  L501: {
    title: 'The file to call does not exist',
    explanation: 'The path is looked up from the folder of the lattice file.',
  },
  L502: {
    title: 'The lattice to use does not exist',
    explanation: 'The path is looked up from the folder of the lattice file that uses it.',
  },
  L503: {
    title: 'A cycle of lattices',
    explanation: 'The lattices use each other in a circle, so the run would never end.',
  },
  L504: {
    title: 'Lattices nested too deeply',
    explanation: '`uses` may be nested 4 deep.',
  },
  L505: {
    title: 'A path that leaves the folder',
    explanation: 'The path is absolute or climbs above the place where the run was started.',
  },
  L901: {
    title: 'Untrusted text in a script',
    explanation:
      'Text of inputs, needs or github becomes part of the script before the shell reads it, so it can be code. Pass it by `with` or `env` and read the variable.',
  },
  L902: {
    title: 'A number that YAML changes',
    explanation:
      'Without quotes this is a number, and its leading zeros or last digits are lost. Account numbers and versions want quotes.',
  },
  L903: {
    title: 'An input that nothing reads',
    explanation: 'The input is declared, but no expression reads it.',
  },
  L904: {
    title: 'An empty matrix',
    explanation:
      'The matrix has no combination, so the electron is skipped (`strategy.if-empty: fail` makes that a failure).',
  },
  L905: {
    title: 'An output that nobody set',
    explanation: 'The electron has ended without setting the output; expressions read null.',
  },
  L906: {
    title: 'More warnings',
    explanation: 'The first 100 warnings are told, in the order of the file.',
  },
  L907: {
    title: 'The file to call may not be in the image',
    explanation:
      'The image is a reference, and the file is not part of the `workspace` that is laid over it. Told only with `backend: fargate` and `docker`.',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

/** A code of the catalogue. */
export type DiagnosticCode = keyof typeof CATALOGUE;
