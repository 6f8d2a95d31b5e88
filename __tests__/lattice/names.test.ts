/** Wrong expressions: each diagnostic marks its words in the file, however the text is written in YAML. */
import { describe, expect, test } from '@jest/globals';
import type { Location } from '../../src/lattice/diagnostic.ts';
import type { InputType } from '../../src/lattice/plan.ts';
import type { ElectronShape, TemplateScope } from '../../src/lattice/scope.ts';
import { FILE, OPEN_SCOPE, readCondition, readTemplate } from './pieces.ts';

const location = { file: FILE, span: { start: 0, end: 3 } };
const free: ElectronShape = { outputs: 'any', location };

const SCOPE: TemplateScope = {
  file: FILE,
  place: '"with"',
  contexts: ['inputs', 'env', 'matrix', 'strategy', 'needs', 'each', 'lattice', 'github'],
  statusFunctions: false,
  names: {
    inputs: new Map<string, { type: InputType; location: Location }>([
      ['shards', { type: 'number', location }],
      ['Label', { type: 'string', location }],
    ]),
    env: 'any',
    matrix: new Set(['seed', 'kind']),
    needs: new Map<string, ElectronShape>([
      ['sample', free],
      ['part', { outputs: new Set(['score']), location }],
    ]),
    each: { outputs: new Set(['score']), location },
    electrons: new Map([
      ['sample', free],
      ['part', free],
      ['other', free],
    ]),
  },
};

/** One line per diagnostic: code, the marked words, message, hint. */
function told(text: string, scope: TemplateScope = SCOPE): string[] {
  return readTemplate(text, scope).diagnostics.map(({ code, location: { span }, message, hint }) =>
    [code, JSON.stringify(text.slice(span.start, span.end)), message, ...(hint ? [hint] : [])].join(
      ' | ',
    ),
  );
}

describe('names', () => {
  test.each([
    ['inputs.shard', 'L307 | "shard" | there is no input "shard" | did you mean "shards"?'],
    ["inputs['shard']", `L307 | "'shard'" | there is no input "shard" | did you mean "shards"?`],
    ['matrix.sed', 'L307 | "sed" | there is no matrix key "sed" | did you mean "seed"?'],
    [
      'needs.smple.outputs.x',
      'L307 | "smple" | there is no electron "smple" in the needs | did you mean "sample"?',
    ],
    [
      'needs.other.outputs.x',
      'L308 | "other" | "other" is not among the needs of this electron | add it to needs: [sample, part, other]',
    ],
    [
      'needs.sample.output.x',
      'L307 | "output" | there is no needs.sample.output | did you mean "outputs"?',
    ],
    [
      'needs.sample.score',
      'L307 | "score" | there is no needs.sample.score | outputs are read as needs.sample.outputs.score',
    ],
    [
      'needs.part.outputs.scor',
      'L307 | "scor" | there is no output "scor" | did you mean "score"?',
    ],
    [
      'needs.part.tasks.*.outputs.scor',
      'L307 | "scor" | there is no output "scor" | did you mean "score"?',
    ],
    [
      'needs.part.tasks[0].matrx',
      'L307 | "matrx" | there is no part of a task "matrx" | did you mean "matrix"?',
    ],
    [
      'needs.sample.counts.succeded',
      'L307 | "succeded" | there is no count "succeded" | did you mean "succeeded"?',
    ],
    [
      'each.output.score',
      'L307 | "output" | there is no part of each "output" | did you mean "outputs"?',
    ],
    [
      'each.outputs.scores',
      'L307 | "scores" | there is no output "scores" | did you mean "score"?',
    ],
    [
      'strategy.job_index',
      'L307 | "job_index" | there is no part of strategy "job_index" | did you mean "job-index"?',
    ],
    [
      'github.repo',
      'L307 | "repo" | there is no part of github "repo" | there is: repository, sha, ref, ref_name, head_ref, base_ref, run_id, run_attempt, run_number, actor, event_name, server_url',
    ],
    ['lattice.id', 'L307 | "id" | there is no part of lattice "id" | there is: name, run-id'],
    ['input.shards', 'L303 | "input" | there is no context "input" | did you mean "inputs"?'],
    [
      'steps.x.outputs.y',
      'L303 | "steps" | there is no context "steps" | an electron has no steps; another electron is read as needs.<id>.outputs.<name>',
    ],
    ['True', 'L303 | "True" | there is no context "True" | write true'],
    [
      'electrons.sample.result',
      'L304 | "electrons" | electrons is not available in "with" | other electrons are read as needs.<id>',
    ],
    ['rnage(0, 1)', 'L305 | "rnage" | there is no function "rnage" | did you mean "range"?'],
    [
      'failure()',
      'L309 | "failure" | failure() can be asked only in "if" | needs.<id>.result says how another electron ended',
    ],
    [
      'range(1)',
      'L306 | "range" | range takes 2 or 3 arguments, and here are fewer | write range(from, to[, step])',
    ],
    [
      'inputs.shards +',
      'L301 | "+" | unexpected "+" | expressions have no arithmetic, as in workflows; compute in a task, or use range(…)',
    ],
    [
      'inputs.shards / 2',
      'L301 | "/" | unexpected "/" | expressions have no arithmetic, as in workflows; compute in a task, or use range(…)',
    ],
    ['inputs.shards == ', 'L301 | "=" | the expression ends too early'],
    ['(inputs.shards', 'L301 | "s" | the expression ends too early'],
    ['inputs.shards)', 'L301 | ")" | unexpected ")"'],
    ['inputs.shards = 1', 'L301 | "=" | unexpected "=" | compare with =='],
    ['inputs.shards and true', 'L301 | "and" | unexpected "and" | write &&'],
    [
      'inputs.Label ? 1',
      'L301 | "?" | unexpected "?" | write case(condition, value, otherwise), or condition && value || otherwise',
    ],
    ['join(inputs.Label,)', 'L301 | "," | an argument is missing after ","'],
    ['', 'L301 | "  " | the expression is empty | write a context, for example ${{ inputs.<id> }}'],
  ])('%s', (expression, line) => {
    expect(told(`key: \${{ ${expression} }}`)).toEqual([line]);
  });

  test('all wrong names of an expression are told', () => {
    const text = 'key: ${{ inputs.a == matrix.b && foo(needs.other.result) }}';
    expect(told(text).map((line) => line.slice(0, 13))).toEqual([
      'L307 | "a" | ',
      'L307 | "b" | ',
      'L305 | "foo" ',
      'L308 | "other',
    ]);
  });

  test('a need that was forgotten is noted where it is defined', () => {
    const { diagnostics } = readTemplate('key: ${{ needs.other.result }}', SCOPE);
    expect(diagnostics[0]?.notes).toEqual([{ message: '"other" is defined here', location }]);
  });

  test.each([
    'inputs.LABEL',
    'inputs[matrix.kind]',
    'inputs.*',
    'toJSON(needs)',
    "needs['sample'].outputs.anything",
    'needs.sample.tasks[0].outputs.x',
    'needs.sample.counts.timed-out',
    'fromJSON(needs.part.outputs.score).any.thing',
    '(needs).part.outputs.score',
    'env.ANYTHING',
    'each.matrix.whatever',
  ])('%s is fine', (expression) => {
    expect(told(`key: \${{ ${expression} }}`)).toEqual([]);
  });

  test.each([
    ['needs.a.result', ['inputs', 'electrons'], 'write electrons.<id>'],
    ['matrix.a', ['needs'], 'decided before the matrix is expanded; available: needs'],
    [
      'each.index',
      ['inputs'],
      'each is the partner of an electron with "for-each"; available: inputs',
    ],
    ['github.sha', ['inputs', 'env'], 'available: inputs, env'],
    ['inputs.a', [], 'no context is available here'],
  ] as const)('%s where there is only %j', (expression, contexts, hint) => {
    const { diagnostics } = readTemplate(`key: \${{ ${expression} }}`, { ...SCOPE, contexts });
    expect(diagnostics).toMatchObject([{ code: 'L304', hint }]);
  });

  test('without a matrix the hint says so', () => {
    const scope = { ...SCOPE, names: { ...SCOPE.names, matrix: new Set<string>() } };
    expect(told('key: ${{ matrix.seed }}', scope)).toEqual([
      'L307 | "seed" | there is no matrix key "seed" | this electron has no strategy.matrix',
    ]);
  });
});

describe('places', () => {
  test.each([
    ['plain', 'key: text ${{ inputs.nope }} text'],
    ['plain over lines', 'key: text\n  more ${{ 1 ==\n    inputs.nope }}\n'],
    ['single quotes', "key: 'it''s ${{ format(''x'', inputs.nope) }}'"],
    ['double quotes', 'key: "\\ttab \\u00e4 \\"x\\" ${{ inputs.nope }}"'],
    ['double quotes over lines', 'key: "one \\\n   two\n\n   ${{ inputs.nope }}"'],
    ['literal block', 'key: |\n  first\n    second ${{ inputs.nope }}\n'],
    ['literal block, indented', 'key: |2\n    first\n   ${{ inputs.nope }}\n'],
    ['folded block', 'key: >-\n  first\n  second\n\n  third ${{ inputs.nope }}\n'],
    ['after text with a line break', "key: |\n  ${{ format('a\n  b', 1) == inputs.nope }}\n"],
    ['windows line ends', 'key: |\r\n  first\r\n  ${{ inputs.nope }}\r\n'],
    ['beyond the basic plane', 'key: "🎉 \\U0001F389 ${{ inputs.nope }}"'],
    ['second of two', 'key: ${{ inputs.shards }} ${{ inputs.nope }}'],
    ['in a list', 'key: [1, "${{ inputs.nope }}"]'],
    ['in a mapping', 'key:\n  a:\n    b: ${{ inputs.nope }}'],
  ])('%s', (_, text) => {
    const { diagnostics } = readTemplate(text, SCOPE);
    expect(
      diagnostics.map(({ location: { span } }) => [span.start, text.slice(span.start, span.end)]),
    ).toEqual([[text.indexOf('nope'), 'nope']]);
  });

  test('braces that do not close', () => {
    expect(told('key: a ${{ inputs.shards }')).toEqual([
      'L302 | "${{" | this "${{" has no "}}" | close it with }}',
    ]);
    expect(told("key: a ${{ 'x }} b")).toEqual([
      'L302 | "${{" | this "${{" has no "}}" | a single quote is not closed',
    ]);
  });

  test('braces inside braces', () => {
    expect(told('key: ${{ ${{ inputs.shards }} }}')).toEqual([
      'L301 | "${{" | unexpected "${{" | inside ${{ }} names stand without another ${{ }}',
    ]);
  });

  test('an expression as a key', () => {
    expect(told('key:\n  "${{ inputs.shards }}": 1')[0]).toMatch(
      /^L301 .*a key cannot hold an expression/,
    );
  });

  test('an expression that is too long or too deep', () => {
    const codes = (source: string): string[] =>
      told(`key: "\${{ ${source} }}"`).map((line) => line.slice(0, 4));
    expect(codes(`'${'x'.repeat(21_000)}'`)).toEqual(['L310']);
    expect(codes(`${'('.repeat(60)}1${')'.repeat(60)}`)).toEqual(['L310']);
    expect(codes(`${'!'.repeat(20_000)}1`)).toEqual(['L310']);
    expect(codes(`1${' == 1'.repeat(4_000)}`)).toEqual(['L310']);
    expect(codes(`true${' && true'.repeat(2_000)}`)).toEqual([]);
  });
});

describe('what an expression reads', () => {
  test.each([
    ['needs.SAMPLE.Outputs.Result', ['needs.sample.outputs.Result']],
    [
      "needs.sample.outputs['result'] == matrix.seed",
      ['needs.sample.outputs.result', 'matrix.seed'],
    ],
    ['needs.sample.outputs[matrix.kind]', ['matrix.kind', 'needs.sample.outputs.*']],
    ['needs.sample.tasks.*.outputs.x', ['needs.sample.tasks.*.outputs.x']],
    ['needs.sample.tasks[0].id', ['needs.sample.tasks.0.id']],
    ['toJSON(needs)', ['needs']],
    ['inputs.label || inputs.Label', ['inputs.Label']],
    ['fromJSON(inputs.Label).a[inputs.shards]', ['inputs.shards', 'inputs.Label']],
    ['1', []],
  ])('%s', (expression, reads) => {
    const { value } = readTemplate(`key: \${{ ${expression} }}`, SCOPE);
    expect(value?.kind === 'expression' ? value.expression.reads : undefined).toEqual(reads);
  });
});

describe('if', () => {
  const scope: TemplateScope = { ...OPEN_SCOPE, place: '"if"' };

  test.each([
    ["if: inputs.a == 'x'", "inputs.a == 'x'", false],
    ['if: ${{ failure() }}', 'failure()', true],
    ['if: |\n  ${{ success() && inputs.a }}\n', 'success() && inputs.a', true],
    ['if: "!cancelled()"', '!cancelled()', true],
    ['if: true', 'true', false],
    ['if: 0', '0', false],
    ['if: format(\'{0}\', "x") ', undefined, false],
  ])('%s', (text, source, readsStatus) => {
    const { value, diagnostics } = readCondition(text, scope);
    if (source === undefined) expect(diagnostics).toHaveLength(1);
    else expect([value?.expression.source, value?.readsStatus]).toEqual([source, readsStatus]);
  });

  test.each([
    ['if: ${{ inputs.a }} == 1', 'L313'],
    ['if: ${{ inputs.a }} && ${{ inputs.b }}', 'L313'],
    ['if: "!${{ inputs.a }}"', 'L313'],
    ['if: [true]', 'L202'],
    ['if:', 'L202'],
    ['if: ""', 'L211'],
    ['if: ${{ }}', 'L301'],
  ])('%s is %s', (text, code) => {
    expect(readCondition(text, scope).diagnostics.map((found) => found.code)).toEqual([code]);
  });
});
