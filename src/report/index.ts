/** Plans, records and events as texts. Pure: no I/O and no clock; times come from the record. */
export { diagnosticText } from './diagnostic-text.ts';
export {
  capAnnotations,
  diagnosticAnnotations,
  failureAnnotations,
  type Annotation,
} from './annotations.ts';
export {
  consoleReporter,
  type ConsoleBlock,
  type ConsoleOptions,
  type ConsoleReporter,
} from './console.ts';
export { Progress } from './progress.ts';
export { liveFrame, type FrameOptions } from './live-view.ts';
export { publicImageName, recordImages } from './image-name.ts';
export { resultsDocument, resultsText, type ResultsDocument } from './results.ts';
export { junitXml, type TestReports } from './junit.ts';
export { isFailingTest, readTestReport, type TestCase } from './test-report.ts';
export { failingTestLines, failingTests, testAnnotations } from './failing-tests.ts';
export { markdownSummary, type SummaryOptions } from './markdown-summary.ts';
export { graphText, type GraphFormat } from './graph.ts';
export { planMarkdown } from './plan-markdown.ts';
export { planDocument, planText } from './plan-text.ts';
export { clip, plainLine, plainText } from './plain-text.ts';
export { countText, durationText, estimateText, sizeText } from './duration.ts';
