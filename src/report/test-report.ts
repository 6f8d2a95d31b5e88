import { xmlEvents, type XmlEvent } from './xml-events.ts';

/** One test of a JUnit report that a task left. */
export interface TestCase {
  readonly suite: string;
  readonly classname: string;
  readonly name: string;
  /** Seconds. */
  readonly time: number;
  readonly status: 'passed' | 'failed' | 'error' | 'skipped';
  readonly message: string;
  readonly body: string;
  /** Where its author's runner says it stands. */
  readonly file?: string;
  readonly line?: number;
}

/** Tests that one report may hold; a report is written by a task and may be anything. */
const MAX_CASES = 100_000;

/** The tests of a JUnit document, in its order; undefined when it is no XML. */
export function readTestReport(text: string): readonly TestCase[] | undefined {
  let events: readonly XmlEvent[];
  try {
    events = [...xmlEvents(text)];
  } catch {
    return undefined;
  }
  return testCases(events);
}

function testCases(events: readonly XmlEvent[]): readonly TestCase[] {
  const cases: TestCase[] = [];
  const suites: { readonly name: string; readonly file: string | undefined }[] = [];
  let open: { -readonly [Key in keyof TestCase]: TestCase[Key] } | undefined;
  let inside = false;
  for (const event of events) {
    switch (event.kind) {
      case 'open': {
        const attribute = (name: string): string => event.attributes.get(name) ?? '';
        if (event.name === 'testsuite') {
          suites.push({ name: attribute('name'), file: event.attributes.get('file') });
        } else if (event.name === 'testcase') {
          const suite = suites.at(-1);
          const file = event.attributes.get('file') ?? suite?.file;
          const line = Number(attribute('line'));
          open = {
            suite: suite?.name ?? '',
            classname: attribute('classname'),
            name: attribute('name'),
            time: Math.max(0, Number(attribute('time')) || 0),
            status: 'passed',
            message: '',
            body: '',
            ...(file === undefined ? {} : { file }),
            ...(Number.isSafeInteger(line) && line > 0 ? { line } : {}),
          };
        } else if (open !== undefined && isVerdict(event.name)) {
          open.status = event.name === 'failure' ? 'failed' : event.name;
          open.message = attribute('message');
          inside = true;
        }
        break;
      }
      case 'close':
        if (event.name === 'testsuite') {
          suites.pop();
        } else if (event.name === 'testcase' && open !== undefined) {
          cases.push(open);
          open = undefined;
          if (cases.length >= MAX_CASES) {
            return cases;
          }
        } else if (isVerdict(event.name)) {
          inside = false;
        }
        break;
      case 'text':
        if (inside && open !== undefined) {
          open.body += event.text;
        }
        break;
    }
  }
  return cases;
}

/** Whether a test did not pass and was not left out. */
export function isFailingTest(test: TestCase): boolean {
  return test.status === 'failed' || test.status === 'error';
}

function isVerdict(name: string): name is 'failure' | 'error' | 'skipped' {
  return name === 'failure' || name === 'error' || name === 'skipped';
}
