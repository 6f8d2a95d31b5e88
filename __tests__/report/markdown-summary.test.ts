import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  diagnosticText,
  junitXml,
  markdownSummary,
  planMarkdown,
  readTestReport,
} from '../../src/report/index.ts';
import type { TaskRecord } from '../../src/engine/record.ts';
import { compile } from '../../src/lattice/index.ts';
import { attemptRecord, electronRecord, runRecord, START, taskRecord } from '../rig/run-record.ts';

const bytes = (text: string): number => Buffer.byteLength(text);

const failed = (
  electron: string,
  index: number | undefined,
  more: Partial<TaskRecord> = {},
): TaskRecord =>
  taskRecord(electron, index, {
    outcome: 'failed',
    failure: { class: 'exit', cause: 'exited with code 3', advice: 'look at its log' },
    attempts: [attemptRecord(0, {}, { log: { size: 9, sha256: '', tail: 'so it is\n' } })],
    ...more,
  });

test('failures come first, with cause, advice and log; then the electrons', () => {
  const tasks = [
    taskRecord('load', undefined, { outcome: 'succeeded', attempts: [attemptRecord(0)] }),
    failed('fit', 0),
    taskRecord('fit', 1, { outcome: 'succeeded', attempts: [attemptRecord(1000)] }),
  ];
  const text = markdownSummary(
    runRecord(tasks, { status: 'failed', message: '1 of 3 failed (non-zero exit); 5 s' }),
  );
  expect(text).toContain('## ❌ demo: failed');
  expect(text).toContain('**<code>fit&#91;0&#93;</code>** failed: exited with code 3');
  expect(text).toContain('_What to do:_ look at its log');
  expect(text).toContain('```text\nso it is\n```');
  expect(text).toContain('| ❌ <code>fit</code> | 2 | 1 succeeded, 1 failed | 2.0 s |  |');
  expect(text.indexOf('failed task')).toBeLessThan(text.indexOf('### Electrons'));
  expect(text).toContain('flowchart LR');
  expect(text).toContain('gantt');
});

test('whatever stands in names, causes, logs and summaries, nothing breaks out', () => {
  const evil =
    '</details><script>x</script> | [a](javascript:b) ![i](http://t) @team #1 `` ``` \x1b[2J \u202e --> ";end\n# top';
  const task = failed('fit', 0, {
    name: evil,
    failure: {
      class: evil,
      cause: evil,
      fact: evil,
      advice: evil,
      traceback: `${evil}\n\`\`\`\`\n</details>`,
    },
    attempts: [
      attemptRecord(
        0,
        {},
        { log: { size: 9, sha256: '', tail: `\`\`\`\n${evil}` }, summary: `\`\`\`\n${evil}` },
      ),
    ],
  });
  const other = taskRecord('load', undefined, {
    outcome: 'succeeded',
    attempts: [attemptRecord(0)],
  });
  const text = markdownSummary(
    runRecord([task, other], {
      name: evil,
      message: evil,
      file: evil,
      outputs: { out: evil },
      notices: [{ level: 'warning', text: evil }],
    }),
  );
  expect(outsideFences(text)).not.toMatch(/<script|\]\(|(?<!&#64;|\w)@team|\x1b|\u202e/);
  expect(text.match(/<details(?: open)?>/g)?.length).toBe(
    outsideFences(text).match(/<\/details>/g)?.length,
  );
  expect(outsideFences(text)).not.toMatch(/^# /m);
});

/** Text without fenced blocks, read as GFM does. */
function outsideFences(text: string): string {
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})([^`]*)$/.exec(line);
    if (fence === undefined) {
      fence = mark?.[1];
      kept.push(line);
    } else if (mark?.[1] !== undefined && mark[1].startsWith(fence) && mark[2] === '') {
      fence = undefined;
    }
  }
  expect(fence).toBeUndefined();
  return kept.join('\n');
}

test('ten thousand tasks in two thousand electrons stay inside the budget, and the important part is whole', () => {
  const tasks = Array.from({ length: 10_000 }, (_, i) =>
    failed(`e${Math.floor(i / 5)}`, i % 5, {
      attempts: [
        attemptRecord(
          i,
          {},
          { log: { size: 16_384, sha256: '', tail: 'é'.repeat(8192) }, summary: 'x'.repeat(2_000) },
        ),
      ],
    }),
  );
  const text = markdownSummary(runRecord(tasks, { status: 'failed' }));
  expect(bytes(text)).toBeLessThanOrEqual(1024 * 1024);
  expect(text).toContain('### 10000 failed tasks');
  expect(text).not.toContain('flowchart');
  outsideFences(text);
});

test('tasks that failed alike are told once, with what tells them apart; the rest are rows', () => {
  const log = (text: string) => ({ log: { size: text.length, sha256: '', tail: text } });
  const tasks = [
    ...Array.from({ length: 50 }, (_, i) =>
      failed('sim', i, {
        matrix: { seed: i, kind: 'a|b' },
        attempts: [attemptRecord(0, {}, log(`start\nvalue ${i} is out of range\n`))],
      }),
    ),
    failed('fit', undefined, { failure: { class: 'exit', cause: 'exited with code 9' } }),
  ];
  const text = markdownSummary(runRecord(tasks, { status: 'failed' }));
  expect(text).toContain(
    '**<code>sim&#91;0&#93;</code>** (seed&#58; 0, kind&#58; a&#124;b) and 49 more like it failed: exited with code 3',
  );
  expect(text).toContain('**<code>fit</code>** failed: exited with code 9');
  expect(text.match(/^\*\*<code>/gm)).toHaveLength(2);
  expect(text).toContain(
    '<details open><summary>The log of <code>sim&#91;0&#93;</code></summary>\n\n```text\nstart\nvalue 0 is out of range',
  );
  expect(text).toContain('<summary>49 more failed tasks</summary>');
  expect(text).toContain(
    '| <code>sim&#91;49&#93;</code> (seed&#58; 49, kind&#58; a&#124;b) | exited with code 3 | value 49 is out of range |',
  );
});

test('electrons called as words of the timeline stay names, and its axis needs no time zone', () => {
  const tasks = ['click', 'title', 'section', 'gantt', 'call'].map((name) =>
    taskRecord(name, undefined, { outcome: 'succeeded', attempts: [attemptRecord(1000)] }),
  );
  const short = markdownSummary(runRecord(tasks));
  // Mermaid's lexer reads these as keywords at the start of a line; `click` is a syntax error there.
  expect(short).not.toMatch(/^ *(?:click|title|section|gantt|call) /m);
  expect(short).toContain('  \u2060click :1000, 2000\n');
  expect(short).toContain('axisFormat %-S.%L s\n');
  const long = markdownSummary(
    runRecord([
      ...tasks,
      taskRecord('late', undefined, { outcome: 'failed', attempts: [attemptRecord(90_000)] }),
    ]),
  );
  expect(long).toContain('axisFormat %H:%M:%S\n');
  expect(long).toContain(`  \u2060late :crit, ${START + 90_000}, ${START + 91_000}\n`);
});

test.each([
  [500, true],
  [501, false],
])('a graph of %i edges is drawn: %s', (edges, drawn) => {
  const tasks = Array.from({ length: 150 }, (_, i) =>
    taskRecord(`e${i}`, undefined, { outcome: 'succeeded' }),
  );
  let left = edges;
  const electrons = tasks.map((task, i) => {
    const needs = tasks.slice(0, Math.min(i, left)).map((need) => need.electron);
    left -= needs.length;
    return electronRecord(task.electron, [task], { needs });
  });
  const text = markdownSummary(runRecord(tasks, { electrons }));
  expect(text.includes('flowchart')).toBe(drawn);
  expect(text.match(/ --> /g)?.length ?? 0).toBe(drawn ? edges : 0);
});

test('Mermaid never gets more than it takes, whatever the names', () => {
  const tasks = Array.from({ length: 150 }, (_, i) =>
    taskRecord(`${'"#'.repeat(200)}${i}`, undefined, { outcome: 'succeeded' }),
  );
  const text = markdownSummary(runRecord(tasks));
  expect(text).toContain('Graph (too large to draw)');
  expect(text).not.toContain('```mermaid');
});

test('ten thousand tasks of one electron: budget, first failure, rows, chart', () => {
  const tasks = Array.from({ length: 10_000 }, (_, i) =>
    i % 10 === 7
      ? failed('sim', i, { matrix: { seed: i } })
      : taskRecord('sim', i, { outcome: 'succeeded', attempts: [attemptRecord(i)] }),
  );
  const before = taskRecord('load', undefined, {
    outcome: 'succeeded',
    attempts: [attemptRecord(0)],
  });
  const text = markdownSummary(runRecord([before, ...tasks], { status: 'failed' }));
  expect(bytes(text)).toBeLessThan(200_000);
  expect(text).toContain('and 999 more like it failed');
  expect(text).toContain("the step's output <code>failures</code> names them all");
  expect(text).toContain('9000 succeeded, 1000 failed');
  for (const [chart] of text.matchAll(/```mermaid\n[^]*?```/g)) {
    expect(chart.length).toBeLessThan(50_000);
  }
});

test('a plan in the summary: one line, its graph, and never more bytes than are taken', () => {
  const lattice = (electrons: string) => {
    const compiled = compile({
      file: 'lattice.yml',
      text: `electrons:\n${electrons}`,
      inputs: {},
      github: {},
      files: { read: () => undefined, exists: () => false },
    });
    if (!compiled.ok)
      throw new Error(diagnosticText(compiled.diagnostics, compiled.sources, { color: false }));
    return compiled.plan;
  };
  const small = planMarkdown(lattice('  a: { run: echo }\n  b: { needs: a, run: echo "```" }\n'));
  expect(small).toMatch(/^## 📝 .*2 tasks/);
  expect(small).toContain('```mermaid\nflowchart LR');
  outsideFences(small);
  const large = planMarkdown(
    lattice(
      Array.from({ length: 900 }, (_, i) => `  e${i}: { run: "${'数'.repeat(99)}" }\n`).join(''),
    ),
    20_000,
  );
  // Its graph is beyond what Mermaid takes; what is clipped still ends its fence.
  expect(bytes(large)).toBeGreaterThan(20_000);
  expect(bytes(large)).toBeLessThan(20_500);
  expect(large).not.toContain('mermaid');
  outsideFences(large);
});

test('every budget is kept', () => {
  const tasks = Array.from({ length: 30 }, (_, i) => failed('fit', i));
  const record = runRecord(tasks, {
    status: 'failed',
    message: 'm'.repeat(3000),
    name: '数'.repeat(3000),
  });
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 40_000 }), (maxBytes) => {
      const text = markdownSummary(record, { maxBytes });
      expect(bytes(text)).toBeLessThanOrEqual(maxBytes);
      expect(text).toMatch(/^## .*failed/);
    }),
    { numRuns: 100 },
  );
});

test('a graph with more edges than Mermaid takes becomes a table', () => {
  const tasks = Array.from({ length: 40 }, (_, i) =>
    taskRecord(`e${i}`, undefined, { outcome: 'succeeded' }),
  );
  const electrons = tasks.map((task, i) =>
    electronRecord(task.electron, [task], {
      needs: tasks.slice(0, i).map((need) => need.electron),
    }),
  );
  const text = markdownSummary(runRecord(tasks, { electrons }));
  expect(text).toContain('Graph (too large to draw)');
  expect(text).not.toContain('flowchart');
});

test('junit: well-formed whatever is in it, and tests of tasks are in it once', () => {
  const shard = failed('test', 0);
  const crashed = failed('lint', undefined, {
    failure: { class: 'exit', cause: 'bad \x00 "<&>" \ufffe ]]>' },
  });
  const reports = new Map([
    [
      shard.id,
      readTestReport(
        `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><testsuites><testsuite name="cart" file="cart.js"><testcase name="an &quot;empty&quot; cart" time="0.5"/><testcase name="ten" line="7"><failure message="1 &lt; 2"><![CDATA[at <line>]]></failure></testcase><testcase name="later"><skipped/></testcase></testsuite></testsuites>`,
      ) ?? [],
    ],
  ]);
  expect(junitXml(runRecord([shard, crashed]), reports)).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="demo">',
      '  <testsuite name="test" tests="3" failures="1" errors="0" skipped="1" time="0.500">',
      '    <testcase name="an &quot;empty&quot; cart" classname="cart" time="0.500"/>',
      '    <testcase name="ten" classname="cart" time="0.000">',
      '      <failure type="failed" message="1 &lt; 2">at &lt;line&gt;</failure>',
      '    </testcase>',
      '    <testcase name="later" classname="cart" time="0.000">',
      '      <skipped type="skipped" message=""></skipped>',
      '    </testcase>',
      '  </testsuite>',
      '  <testsuite name="lint" tests="1" failures="1" errors="0" skipped="0" time="1.000">',
      '    <testcase name="lint" classname="lint" time="1.000">',
      '      <failure type="exit" message="bad  &quot;&lt;&amp;&gt;&quot;  ]]&gt;">✗ lint failed: bad  &quot;&lt;&amp;&gt;&quot; \ufffe ]]&gt;&#10;    its log:&#10;    │ so it is</failure>'.replace(
        '\ufffe',
        '',
      ),
      '    </testcase>',
      '  </testsuite>',
      '</testsuites>',
      '',
    ].join('\n'),
  );
});

test('the reader of reports: where a test stands, references, and what is no XML', () => {
  expect(
    readTestReport(
      '<testsuite name="s"><testcase name="1e3" file="a.js" line="7"><failure message="x&#10;y">a &lt;b <![CDATA[<c> &amp;]]></failure></testcase></testsuite>',
    ),
  ).toEqual([
    {
      suite: 's',
      classname: '',
      name: '1e3',
      time: 0,
      status: 'failed',
      message: 'x\ny',
      body: 'a <b <c> &amp;',
      file: 'a.js',
      line: 7,
    },
  ]);
  expect(readTestReport('<testsuite><testcase name="half')).toBeUndefined();
});

test('the reader of reports takes any text', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          '<',
          '>',
          '/',
          'testcase',
          'testsuite',
          ' name="',
          '"',
          '<![CDATA[',
          ']]>',
          '&#x110000;',
          '&amp;',
          'failure',
          '<!--',
          '!',
          '[',
        ),
      ),
      (parts) => {
        const read = readTestReport(parts.join(''));
        return read === undefined || Array.isArray(read);
      },
    ),
    { numRuns: 500 },
  );
});
