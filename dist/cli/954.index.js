export const id = 954;
export const ids = [954];
export const modules = {

/***/ 5476:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   x: () => (/* binding */ assertNever)
/* harmony export */ });
/** Ends an exhaustive switch: a new member of a union then fails to compile, and a foreign value is our bug. */
function assertNever(value) {
    throw new Error(`Internal error: unexpected value ${JSON.stringify(value)}`);
}


/***/ }),

/***/ 2954:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ storeFolder),
/* harmony export */   listCommand: () => (/* binding */ listCommand),
/* harmony export */   logsCommand: () => (/* binding */ logsCommand),
/* harmony export */   stopCommand: () => (/* binding */ stopCommand)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var _report_index_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8615);
/* harmony import */ var _runs_index_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(924);
/* harmony import */ var _exit_code_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5720);
/* harmony import */ var _refusal_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1162);
/* harmony import */ var _terminal_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(9559);






/** Far longer than a local driver needs to end its tasks, which is under two seconds. */
const STOP_SECONDS = 20;
/** Where the runs of a call without a lattice file are. */
function storeFolder(flags, terminal) {
    return flags.store === undefined
        ? (0,node_path__WEBPACK_IMPORTED_MODULE_0__.join)(terminal.cwd, '.lattice')
        : (0,node_path__WEBPACK_IMPORTED_MODULE_0__.resolve)(terminal.cwd, flags.store);
}
/** `lattice stop`. */
async function stopCommand(run, flags, terminal) {
    const answer = await (0,_runs_index_js__WEBPACK_IMPORTED_MODULE_2__/* .stopRun */ .KV)({
        storeFolder: storeFolder(flags, terminal),
        runId: run,
        waitSeconds: STOP_SECONDS,
    });
    if (answer.kind === 'refused') {
        return (0,_refusal_js__WEBPACK_IMPORTED_MODULE_4__/* .refuse */ .T)(answer, terminal, flags);
    }
    const { runId, message, running } = answer;
    if (flags.json === true) {
        terminal.stdout.line(JSON.stringify({ status: 'cancelled', runId, message, running }, null, 2));
    }
    else {
        terminal.stdout.line(`${runId}: ${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainLine */ .h0)(message)}; ${running} tasks running`);
    }
    return running === 0 ? _exit_code_js__WEBPACK_IMPORTED_MODULE_3__/* .EXIT */ .d.ok : _exit_code_js__WEBPACK_IMPORTED_MODULE_3__/* .EXIT */ .d.failed;
}
/** `lattice logs`. */
async function logsCommand(run, tasks, flags, terminal) {
    const answer = await (0,_runs_index_js__WEBPACK_IMPORTED_MODULE_2__/* .runLogs */ .X$)({ storeFolder: storeFolder(flags, terminal), runId: run, tasks });
    if (answer.kind === 'refused') {
        return (0,_refusal_js__WEBPACK_IMPORTED_MODULE_4__/* .refuse */ .T)(answer, terminal, flags);
    }
    const color = (0,_terminal_js__WEBPACK_IMPORTED_MODULE_5__/* .wantsColor */ .z)(terminal, terminal.stdout, flags.color);
    const written = [];
    for await (const { task, chunks } of answer.logs) {
        if (flags.json === true) {
            const decoder = new TextDecoder();
            let log = '';
            for await (const chunk of chunks) {
                log += decoder.decode(chunk, { stream: true });
            }
            written.push({ task: task.id, log: log + decoder.decode() });
            continue;
        }
        terminal.stdout.line(color ? `\x1b[1m${task.id}\x1b[22m` : `== ${task.id}`);
        await writeLog(chunks, terminal);
        if (terminal.stdout.closed) {
            break;
        }
    }
    if (flags.json === true) {
        terminal.stdout.line(JSON.stringify(written, null, 2));
    }
    return _exit_code_js__WEBPACK_IMPORTED_MODULE_3__/* .EXIT */ .d.ok;
}
/** To a terminal without escapes; into a file or a pipe byte by byte as the task wrote it. */
async function writeLog(chunks, terminal) {
    const decoder = new TextDecoder();
    let rest = '';
    let last = 0x0a;
    for await (const chunk of chunks) {
        if (terminal.stdout.closed) {
            return;
        }
        last = chunk.at(-1) ?? last;
        if (terminal.stdout.isTerminal) {
            // Whole lines, so that no escape sequence is cut in two and slips through.
            const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
            rest = lines.pop() ?? '';
            terminal.stdout.write(lines.map((line) => `${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainText */ .wh)(line)}\n`).join(''));
        }
        else {
            terminal.stdout.write(chunk);
        }
        await terminal.stdout.drained();
    }
    if (rest !== '') {
        terminal.stdout.write((0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainText */ .wh)(rest));
    }
    if (last !== 0x0a) {
        terminal.stdout.write('\n');
    }
}
/** `lattice list`. */
async function listCommand(flags, terminal) {
    const runs = await (0,_runs_index_js__WEBPACK_IMPORTED_MODULE_2__/* .storedRuns */ .ao)(storeFolder(flags, terminal));
    if (!runs.ok) {
        return (0,_refusal_js__WEBPACK_IMPORTED_MODULE_4__/* .refuse */ .T)({ kind: 'refused', message: runs.error }, terminal, flags);
    }
    if (flags.json === true) {
        terminal.stdout.line(JSON.stringify(runs.value, null, 2));
        return _exit_code_js__WEBPACK_IMPORTED_MODULE_3__/* .EXIT */ .d.ok;
    }
    for (const run of runs.value) {
        const time = new Date(run.started).toISOString().slice(0, 16).replace('T', ' ');
        const took = run.ended === undefined ? '' : ` in ${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .durationText */ .S5)(run.ended - run.started)}`;
        const status = run.unfinished && run.status !== 'running' ? `${run.status}, unfinished` : run.status;
        terminal.stdout.line(`${run.runId}  ${time}  ${status.padEnd(9)}  ${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainLine */ .h0)(run.name)} (${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainLine */ .h0)(run.file)})${took}: ${(0,_report_index_js__WEBPACK_IMPORTED_MODULE_1__/* .plainLine */ .h0)(run.message)}`);
    }
    if (runs.value.length === 0) {
        terminal.stderr.line('no runs yet');
    }
    return _exit_code_js__WEBPACK_IMPORTED_MODULE_3__/* .EXIT */ .d.ok;
}


/***/ }),

/***/ 22:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B5: () => (/* binding */ githubResult),
/* harmony export */   CK: () => (/* binding */ emptyTally),
/* harmony export */   N6: () => (/* binding */ isFailure),
/* harmony export */   c8: () => (/* binding */ foldOutcome)
/* harmony export */ });
/* harmony import */ var _base_assert_never_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5476);
/** How outcomes fold: tasks into electrons, electrons into lattices, and all of them into GitHub's four words. */

/** An electron's outcome is the first of these that is present among its tasks. */
const FOLDING_ORDER = [
    'failed',
    'timed-out',
    'cancelled',
    'blocked',
    'succeeded',
    'reused',
    'skipped',
];
function emptyTally() {
    return {
        succeeded: 0,
        reused: 0,
        failed: 0,
        'timed-out': 0,
        blocked: 0,
        skipped: 0,
        cancelled: 0,
    };
}
/** The outcome of what holds these; of nothing: skipped. */
function foldOutcome(tally) {
    return FOLDING_ORDER.find((outcome) => tally[outcome] > 0) ?? 'skipped';
}
/** GitHub's word; a tolerated failure counts as success. */
function githubResult(outcome, tolerated) {
    switch (outcome) {
        case 'succeeded':
        case 'reused':
            return 'success';
        case 'failed':
        case 'timed-out':
            return tolerated ? 'success' : 'failure';
        case 'cancelled':
            return 'cancelled';
        case 'blocked':
            return tolerated ? 'success' : 'skipped';
        case 'skipped':
            return 'skipped';
        default:
            return (0,_base_assert_never_js__WEBPACK_IMPORTED_MODULE_0__/* .assertNever */ .x)(outcome);
    }
}
/** Whether a task of this outcome used up `tolerate-failures`. */
function isFailure(outcome) {
    return outcome === 'failed' || outcome === 'timed-out';
}


/***/ }),

/***/ 33:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   i: () => (/* binding */ OUTCOMES)
/* harmony export */ });
/** How a task ended. Every reader switches over all of them. */
const OUTCOMES = [
    'succeeded',
    'reused',
    'failed',
    'timed-out',
    'blocked',
    'skipped',
    'cancelled',
];


/***/ }),

/***/ 8615:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Ps: () => (/* reexport */ consoleReporter),
  S5: () => (/* reexport */ duration/* durationText */.S5),
  ed: () => (/* reexport */ failingTestLines),
  E5: () => (/* reexport */ junitXml),
  Cy: () => (/* reexport */ liveFrame),
  h0: () => (/* reexport */ plain_text/* plainLine */.h0),
  wh: () => (/* reexport */ plain_text/* plainText */.wh),
  LA: () => (/* reexport */ readTestReport),
  UL: () => (/* reexport */ resultsDocument)
});

// UNUSED EXPORTS: Progress, capAnnotations, clip, countText, diagnosticAnnotations, diagnosticText, estimateText, failingTests, failureAnnotations, graphText, isFailingTest, markdownSummary, planDocument, planText, sizeText, testAnnotations

// EXTERNAL MODULE: ./lib/engine/record.js
var record = __webpack_require__(33);
// EXTERNAL MODULE: ./lib/report/colour.js
var colour = __webpack_require__(8044);
// EXTERNAL MODULE: ./lib/report/duration.js
var duration = __webpack_require__(136);
// EXTERNAL MODULE: ./lib/report/plain-text.js
var plain_text = __webpack_require__(1984);
;// CONCATENATED MODULE: ./lib/report/failure-text.js


/** Lines of a log or a traceback that a failure shows. */
const SHOWN_LINES = 20;
/** A failed task in full: cause, fact, advice, traceback, the end of its log. Untrusted: it quotes the task. */
function failureLines(task, colors) {
    const failure = task.failure;
    const word = task.outcome === 'timed-out' ? 'timed out' : 'failed';
    const tries = task.attempts.length > 1 ? ` after ${(0,duration/* countText */.lT)(task.attempts.length, 'attempt')}` : '';
    const allowed = task.tolerated ? ' (tolerated)' : '';
    const cause = failure === undefined ? '' : `: ${(0,plain_text/* plainLine */.h0)(failure.cause)}`;
    const mark = task.tolerated ? colors.yellow('!') : colors.red('✗');
    const lines = [`${mark} ${colors.bold(taskTitle(task))} ${word}${tries}${allowed}${cause}`];
    if (failure?.fact !== undefined) {
        lines.push(`    ${(0,plain_text/* plainLine */.h0)(failure.fact)}`);
    }
    if (failure?.advice !== undefined) {
        lines.push(`    ${colors.bold('what to do:')} ${(0,plain_text/* plainLine */.h0)(failure.advice)}`);
    }
    const traceback = failure?.traceback === undefined ? [] : (0,plain_text/* lastLines */.w$)(failure.traceback, SHOWN_LINES);
    for (const line of traceback) {
        lines.push(`    ${colors.dim('│')} ${line}`);
    }
    const log = task.attempts.at(-1)?.result?.log;
    if (log !== undefined && log.tail !== '') {
        const all = (0,plain_text/* plainLines */.y1)(log.tail);
        const shown = all.slice(-SHOWN_LINES);
        const whole = shown.length === all.length && log.size <= log.tail.length;
        // A traceback was printed by the task too: shown once.
        const last = traceback.at(-1);
        if (last === undefined || !shown.includes(last)) {
            lines.push(`    ${colors.dim(whole ? 'its log:' : 'the end of its log:')}`);
            for (const line of shown) {
                lines.push(`    ${colors.dim('│')} ${line}`);
            }
        }
    }
    return lines;
}
/** The id, and the display name where that says more. */
function taskTitle(task) {
    const name = (0,plain_text/* plainLine */.h0)(task.name);
    return name === '' || name === task.id ? task.id : `${task.id} (${name})`;
}

;// CONCATENATED MODULE: ./lib/report/progress.js
const ENDED = new Set([
    'succeeded',
    'reused',
    'failed',
    'timed-out',
    'blocked',
    'skipped',
    'cancelled',
]);
/** Whether a state is an outcome. */
function isEnded(state) {
    return ENDED.has(state);
}
/** A run's events folded into what consoles show; each event costs constant time. */
class Progress {
    electrons = new Map();
    tasks = new Map();
    /** The latest whole record: at the start, and at the end. */
    record;
    /** Time of the last event. */
    now = 0;
    started = 0;
    cancelling;
    done = 0;
    running = 0;
    failed = 0;
    /** Task-milliseconds so far. */
    #ranFor = 0;
    read(event) {
        this.#advance(event.at);
        switch (event.type) {
            case 'run-started':
                this.record = event.record;
                this.started = event.at;
                for (const electron of event.record.electrons) {
                    this.#electron(electron);
                }
                for (const task of event.record.tasks) {
                    this.#task(task, event.at);
                }
                return;
            case 'electron':
                this.#electron(event.electron);
                return;
            case 'task':
                this.#task(event.task, event.at);
                return;
            case 'cancelling':
                this.cancelling = event.reason;
                return;
            case 'run-ended':
                this.record = event.record;
                return;
            case 'attempt-ended':
            case 'log':
            case 'notice':
                return;
        }
    }
    /** Tasks that are known; more may come while {@link open} is true. */
    get total() {
        return this.tasks.size;
    }
    /** Whether some electron's tasks are not known yet. */
    get open() {
        for (const electron of this.electrons.values()) {
            if (!electron.expanded && electron.outcome === undefined) {
                return true;
            }
        }
        return false;
    }
    /**
     * Milliseconds until the end, or undefined while nothing can be said: what is left of each electron at the mean of its
     * ended tasks (or of all electrons), divided by the mean number of tasks that ran side by side.
     */
    get left() {
        let worked = 0;
        let workedFor = 0;
        for (const electron of this.electrons.values()) {
            worked += electron.worked;
            workedFor += electron.workedFor;
        }
        if (worked === 0) {
            return undefined;
        }
        let work = 0;
        for (const electron of this.electrons.values()) {
            const ended = [...electron.states].reduce((sum, [state, count]) => sum + (isEnded(state) ? count : 0), 0);
            const rest = electron.expanded
                ? electron.total - ended
                : electron.outcome === undefined
                    ? 1
                    : 0;
            work +=
                rest * (electron.worked > 0 ? electron.workedFor / electron.worked : workedFor / worked);
        }
        const elapsed = this.now - this.started;
        const parallel = elapsed > 0 ? this.#ranFor / elapsed : 1;
        return work / Math.max(1, parallel);
    }
    #advance(at) {
        if (at > this.now) {
            if (this.now > 0) {
                this.#ranFor += this.running * (at - this.now);
            }
            this.now = at;
        }
    }
    #electron(record) {
        const electron = this.#of(record.path);
        electron.expanded ||= record.expanded;
        electron.total = Math.max(electron.total, record.tasks.length);
        electron.outcome = record.outcome;
    }
    #task(task, at) {
        const before = this.tasks.get(task.id);
        const electron = this.#of(task.electron);
        const attempt = task.attempts.at(-1);
        if (before === undefined) {
            electron.expanded = true;
        }
        else {
            this.#count(electron, before.state, -1);
        }
        this.#count(electron, task.state, 1);
        this.tasks.set(task.id, {
            state: task.state,
            electron: task.electron,
            launched: attempt?.launched,
        });
        electron.total = Math.max(electron.total, [...electron.states.values()].reduce((sum, count) => sum + count, 0));
        if (task.state === 'running') {
            electron.started ??= attempt?.started ?? attempt?.launched ?? at;
        }
        if (isEnded(task.state) && (before === undefined || !isEnded(before.state))) {
            electron.ended = task.endedAt ?? at;
            if (attempt !== undefined && task.state !== 'reused') {
                electron.worked += 1;
                electron.workedFor += Math.max(0, (task.endedAt ?? at) - (attempt.started ?? attempt.launched));
            }
        }
    }
    #count(electron, state, by) {
        electron.states.set(state, (electron.states.get(state) ?? 0) + by);
        if (isEnded(state)) {
            this.done += by;
        }
        if (state === 'running') {
            this.running += by;
        }
        if (state === 'failed' || state === 'timed-out') {
            this.failed += by;
        }
    }
    #of(path) {
        let electron = this.electrons.get(path);
        if (electron === undefined) {
            electron = {
                path,
                expanded: false,
                total: 0,
                states: new Map(),
                outcome: undefined,
                started: undefined,
                ended: undefined,
                worked: 0,
                workedFor: 0,
            };
            this.electrons.set(path, electron);
        }
        return electron;
    }
}

;// CONCATENATED MODULE: ./lib/report/console.js






/** Per electron, between two lines of progress. */
const ELECTRON_PAUSE = 1_000;
/** Electrons may be thousands, below `uses`: more lines than this within a second are left out and counted. */
const LINES_A_SECOND = 20;
/** Failures shown in full; the others are one line each, and beyond that they are counted. */
const FULL_FAILURES = 20;
const SHORT_FAILURES = 200;
const SILENCE = 60_000;
/** Characters of a line of a task's log that is still without its end. */
const PARTIAL_LINE = 16_384;
/** Plain lines, for logs and for terminals that cannot be redrawn. */
function consoleReporter(options) {
    return new PlainReporter(options);
}
class PlainReporter {
    progress = new Progress();
    #colors;
    #options;
    #shownAt = new Map();
    #partial = new Map();
    #failures = 0;
    #second = { start: 0, lines: 0, left: 0 };
    #lastLine = 0;
    constructor(options) {
        this.#options = options;
        this.#colors = (0,colour/* palette */.M)(options.color);
    }
    read(event) {
        this.progress.read(event);
        const blocks = this.#blocks(event).filter((block) => block.lines.length > 0);
        if (blocks.length > 0) {
            this.#lastLine = event.at;
        }
        return blocks;
    }
    tick(now) {
        if (this.#options.quiet === true || this.#lastLine === 0 || now - this.#lastLine < SILENCE) {
            return [];
        }
        this.#lastLine = now;
        const names = [...this.progress.electrons.values()]
            .filter((electron) => (electron.states.get('running') ?? 0) > 0)
            .map((electron) => `${electron.path} ${electron.states.get('running') ?? 0}`);
        const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
        return [trusted(`still running: ${shown === '' ? 'nothing, waiting' : shown}${this.#tail()}`)];
    }
    #blocks(event) {
        const { quiet = false, logs } = this.#options;
        switch (event.type) {
            case 'run-started':
                return quiet ? [] : [trusted(startLine(event.record, event.resumed, this.#colors))];
            case 'electron':
                return quiet || event.electron.outcome === undefined
                    ? []
                    : this.#electronEnded(event.electron.path);
            case 'task':
                return this.#task(event.task);
            case 'attempt-ended': {
                const rest = this.#partial.get(event.task);
                this.#partial.delete(event.task);
                const last = rest === undefined || logs !== 'all'
                    ? []
                    : [untrusted(this.#logLines(event.task, [rest]))];
                if (!event.retry || quiet) {
                    return last;
                }
                const cause = event.attempt.failure?.cause ?? 'ended without a result';
                return [
                    ...last,
                    ...this.#budgeted(() => untrusted([
                        `${this.#colors.yellow('↻')} ${event.task} attempt ${event.attempt.attempt}: ${(0,plain_text/* plainLine */.h0)(cause)}; it runs again`,
                    ])),
                ];
            }
            case 'log':
                return logs === 'all' ? [untrusted(this.#log(event.task, event.text))] : [];
            case 'notice': {
                if (event.level === 'info' && quiet) {
                    return [];
                }
                const mark = event.level === 'warning' ? this.#colors.yellow('warning:') : 'note:';
                return [untrusted([`${mark} ${(0,plain_text/* plainLine */.h0)(event.text)}`])];
            }
            case 'cancelling':
                return [trusted(`${this.#colors.yellow('cancelling')}: ${(0,plain_text/* plainLine */.h0)(event.reason)}`)];
            case 'run-ended':
                return endBlocks(event.record, this.#colors);
        }
    }
    #task(task) {
        if (task.outcome === 'failed' || task.outcome === 'timed-out') {
            this.#failures += 1;
            const lines = failureLines(task, this.#colors);
            if (this.#failures <= FULL_FAILURES) {
                return [untrusted(this.#options.logs === 'none' ? lines.slice(0, 3) : lines)];
            }
            return this.#failures <= SHORT_FAILURES ? [untrusted(lines.slice(0, 1))] : [];
        }
        const electron = this.progress.electrons.get(task.electron);
        const at = this.progress.now;
        if (this.#options.quiet === true ||
            electron === undefined ||
            // Its end has a line of its own.
            doneOf(electron) === electron.total ||
            !(task.state === 'running' || isEnded(task.state)) ||
            at - (this.#shownAt.get(task.electron) ?? -ELECTRON_PAUSE) < ELECTRON_PAUSE) {
            return [];
        }
        return this.#budgeted(() => {
            this.#shownAt.set(task.electron, at);
            return trusted(`${this.#colors.dim('·')} ${electronText(electron)}${this.#tail()}`);
        });
    }
    #electronEnded(path) {
        const electron = this.progress.electrons.get(path);
        if (electron === undefined) {
            return [];
        }
        return this.#budgeted(() => {
            const time = electron.started === undefined || electron.ended === undefined
                ? ''
                : ` in ${(0,duration/* durationText */.S5)(electron.ended - electron.started)}`;
            return trusted(`${outcomeMark(electron.outcome, this.#colors)} ${electronText(electron)}${time}${this.#tail()}`);
        });
    }
    /** At most so many lines in a second; those left out are counted and told with the next. */
    #budgeted(make) {
        const now = this.progress.now;
        if (now - this.#second.start >= 1_000) {
            this.#second = { start: now, lines: 0, left: this.#second.left };
        }
        if (this.#second.lines >= LINES_A_SECOND) {
            this.#second.left += 1;
            return [];
        }
        this.#second.lines += 1;
        const block = make();
        if (this.#second.left === 0) {
            return [block];
        }
        const left = trusted(this.#colors.dim(`  (${(0,duration/* countText */.lT)(this.#second.left, 'line')} left out)`));
        this.#second.left = 0;
        return [left, block];
    }
    /** ` · 12/40 tasks, 2 failed · about 3 min left`. */
    #tail() {
        const { done, total, failed, open, left } = this.progress;
        const counts = `${done}/${total}${open ? '+' : ''} tasks${failed > 0 ? `, ${failed} failed` : ''}`;
        const time = done >= total || left === undefined ? '' : ` · ${(0,duration/* estimateText */.YL)(left)} left`;
        return this.#colors.dim(` · ${counts}${time}`);
    }
    #log(task, text) {
        const lines = ((this.#partial.get(task) ?? '') + text).split('\n');
        const rest = lines.pop() ?? '';
        if (rest.length > PARTIAL_LINE) {
            lines.push(rest);
            this.#partial.delete(task);
        }
        else if (rest === '') {
            this.#partial.delete(task);
        }
        else {
            this.#partial.set(task, rest);
        }
        return this.#logLines(task, lines);
    }
    #logLines(task, lines) {
        return lines.map((line) => `${this.#colors.dim(`${task} │`)} ${(0,plain_text/* plainText */.wh)(line)}`);
    }
}
function startLine(record, resumed, colors) {
    const done = record.tasks.filter((task) => isEnded(task.state)).length;
    const electrons = (0,duration/* countText */.lT)(record.electrons.length, 'electron');
    // At the start of a run its tasks need not be known yet.
    const what = record.tasks.length === 0
        ? electrons
        : `${(0,duration/* countText */.lT)(record.tasks.length, 'task')} of ${electrons}`;
    const name = colors.bold((0,plain_text/* plainLine */.h0)(record.name));
    return resumed
        ? `${name}: run ${record.runId} goes on, ${done} of ${what} done (${record.backend})`
        : `${name}: run ${record.runId}, ${what} (${record.backend})`;
}
function endBlocks(record, colors) {
    const paint = record.status === 'succeeded'
        ? colors.green
        : record.status === 'failed'
            ? colors.red
            : colors.yellow;
    const blocks = [trusted(`${paint(record.status)}: ${(0,plain_text/* plainLine */.h0)(record.message)}`)];
    const failed = record.tasks.filter((task) => (task.outcome === 'failed' || task.outcome === 'timed-out') && !task.tolerated);
    if (failed.length > 1) {
        const lines = failed
            .slice(0, FULL_FAILURES)
            .map((task) => `  ${colors.red('✗')} ${task.id}: ${(0,plain_text/* plainLine */.h0)(task.failure?.cause ?? 'failed')}`);
        if (failed.length > FULL_FAILURES) {
            lines.push(`  and ${failed.length - FULL_FAILURES} more`);
        }
        blocks.push(untrusted(lines));
    }
    const outputs = Object.entries(record.outputs).map(([name, value]) => `  ${colors.bold(name)} = ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(typeof value === 'string' ? value : JSON.stringify(value)), 200)}`);
    if (outputs.length > 0) {
        blocks.push(untrusted(['outputs:', ...outputs]));
    }
    return blocks;
}
/** `sample: 3 succeeded, 1 failed, 2 running, 2 to go`. */
function electronText(electron) {
    const parts = record/* OUTCOMES */.i.flatMap((outcome) => {
        const count = electron.states.get(outcome) ?? 0;
        return count === 0 ? [] : [`${count} ${outcome}`];
    });
    const running = electron.states.get('running') ?? 0;
    const rest = electron.total - doneOf(electron) - running;
    if (running > 0) {
        parts.push(`${running} running`);
    }
    if (rest > 0) {
        parts.push(`${rest} to go`);
    }
    return `${electron.path}: ${parts.length === 0 ? 'no tasks' : parts.join(', ')}`;
}
function doneOf(electron) {
    return record/* OUTCOMES */.i.reduce((sum, outcome) => sum + (electron.states.get(outcome) ?? 0), 0);
}
function outcomeMark(outcome, colors) {
    switch (outcome) {
        case 'succeeded':
        case 'reused':
            return colors.green('✓');
        case 'failed':
        case 'timed-out':
            return colors.red('✗');
        case 'blocked':
        case 'cancelled':
            return colors.yellow('!');
        case 'skipped':
        case undefined:
            return colors.dim('-');
    }
}
function trusted(line) {
    return { trusted: true, lines: [line] };
}
function untrusted(lines) {
    return { trusted: false, lines };
}

// EXTERNAL MODULE: ./lib/report/text-width.js
var text_width = __webpack_require__(5730);
;// CONCATENATED MODULE: ./lib/report/live-view.js





const BAR = 24;
/** One picture of a run for a terminal that is redrawn: a bar for all, and the electrons that matter now. */
function liveFrame(progress, options) {
    const colors = (0,colour/* palette */.M)(options.color);
    const electrons = [...progress.electrons.values()];
    const room = Math.max(1, options.rows - 3);
    const shown = electrons.length <= room ? electrons : pick(electrons, room);
    const width = Math.min(32, Math.max(8, ...shown.map((electron) => (0,text_width/* textWidth */.sc)(electron.path))));
    const lines = shown.map((electron) => electronLine(electron, width, options, colors));
    const hidden = electrons.length - shown.length;
    if (hidden > 0) {
        lines.push(colors.dim((0,text_width/* clipColumns */.qZ)(`  and ${hidden} more electrons`, options.columns)));
    }
    return [...lines, totalLine(progress, options, colors)];
}
/** Those at work and those that failed come first, then those to come, then what is done; order within is kept. */
function pick(electrons, room) {
    const rank = (electron) => count(electron, 'running') + count(electron, 'retrying') > 0
        ? 0
        : count(electron, 'failed') + count(electron, 'timed-out') > 0
            ? 1
            : electron.outcome === undefined
                ? 2
                : 3;
    const chosen = new Set(electrons.toSorted((a, b) => rank(a) - rank(b)).slice(0, room));
    return electrons.filter((electron) => chosen.has(electron));
}
function electronLine(electron, width, { columns }, colors) {
    const ended = endedOf(electron);
    const failed = count(electron, 'failed') + count(electron, 'timed-out');
    const running = count(electron, 'running');
    const mark = failed > 0
        ? colors.red('✗')
        : electron.outcome !== undefined
            ? electron.outcome === 'succeeded' || electron.outcome === 'reused'
                ? colors.green('✓')
                : colors.yellow('-')
            : running > 0
                ? colors.blue('▸')
                : colors.dim('·');
    const notes = [
        electron.expanded ? `${ended}/${electron.total}` : 'waits for its needs',
        running > 0 ? `${running} running` : '',
        failed > 0 ? `${failed} failed` : '',
        count(electron, 'reused') > 0 ? `${count(electron, 'reused')} reused` : '',
        count(electron, 'retrying') > 0 ? `${count(electron, 'retrying')} again` : '',
    ].filter((note) => note !== '');
    const text = `${(0,text_width/* padColumns */.Fo)((0,text_width/* clipColumns */.qZ)((0,plain_text/* plainLine */.h0)(electron.path), width), width)}  ${notes.join(', ')}`;
    return `${mark} ${(0,text_width/* clipColumns */.qZ)(text, Math.max(0, columns - 2))}`;
}
function totalLine(progress, { columns, now }, colors) {
    const { done, total, failed, open, left, cancelling } = progress;
    const filled = total === 0 ? 0 : Math.floor((done / total) * BAR);
    const notes = [
        `${done}/${total}${open ? '+' : ''} tasks`,
        failed > 0 ? `${failed} failed` : '',
        (0,duration/* durationText */.S5)(Math.max(0, now - progress.started)),
        cancelling !== undefined
            ? 'cancelling'
            : left === undefined || done >= total
                ? ''
                : `${(0,duration/* estimateText */.YL)(left)} left`,
    ].filter((note) => note !== '');
    const room = columns - BAR - 1;
    const text = (0,text_width/* clipColumns */.qZ)(notes.join(' · '), Math.max(0, room));
    if (room < 10) {
        return (0,text_width/* clipColumns */.qZ)(notes.join(' · '), columns);
    }
    return `${colors.green('█'.repeat(filled))}${colors.dim('░'.repeat(BAR - filled))} ${text}`;
}
function endedOf(electron) {
    let sum = 0;
    for (const [state, tasks] of electron.states) {
        sum += isEnded(state) ? tasks : 0;
    }
    return sum;
}
function count(electron, state) {
    return electron.states.get(state) ?? 0;
}

// EXTERNAL MODULE: ./lib/engine/outcome.js
var outcome = __webpack_require__(22);
;// CONCATENATED MODULE: ./lib/report/results.js


/** The record in the shapes of the action's outputs. */
function resultsDocument(record) {
    const tasks = new Map(record.tasks.map((task) => [task.id, task]));
    const failed = record.tasks.filter(results_hasFailed);
    return {
        status: record.status,
        runId: record.runId,
        message: record.message,
        counts: Object.fromEntries(Object.entries(record.counts).filter(([state, count]) => count > 0 || state === 'total')),
        duration: Math.round(((record.ended ?? results_lastEvent(record)) - record.started) / 100) / 10,
        failed: failed.filter((task) => !task.tolerated).map((task) => task.id),
        failures: failed.map(failureDocument),
        outputs: record.outputs,
        results: Object.fromEntries(record.electrons.map((electron) => [
            electron.path,
            {
                ...(electron.result === undefined ? {} : { result: electron.result }),
                ...(electron.outcome === undefined ? {} : { outcome: electron.outcome }),
                outputs: electron.outputs,
                tasks: electron.tasks.flatMap((id) => {
                    const task = tasks.get(id);
                    return task === undefined ? [] : [taskDocument(task)];
                }),
            },
        ])),
    };
}
/** Whether a task ended badly by itself: not blocked, skipped or cancelled. */
function results_hasFailed(task) {
    return task.outcome === 'failed' || task.outcome === 'timed-out';
}
/** Outcomes that are present, in the order of their table, with their counts. */
function results_outcomeCounts(tasks) {
    const counts = new Map();
    for (const task of tasks) {
        if (task.outcome !== undefined) {
            counts.set(task.outcome, (counts.get(task.outcome) ?? 0) + 1);
        }
    }
    return new Map(OUTCOMES.flatMap((outcome) => {
        const count = counts.get(outcome);
        return count === undefined ? [] : [[outcome, count]];
    }));
}
/** The latest time that a record knows of: where "now" is for a run that has not ended. */
function results_lastEvent(record) {
    let last = record.ended ?? record.started;
    for (const task of record.tasks) {
        const attempt = task.attempts.at(-1);
        last = Math.max(last, task.endedAt ?? attempt?.started ?? attempt?.launched ?? 0);
    }
    return last;
}
function taskDocument(task) {
    return {
        id: task.id,
        matrix: task.matrix,
        ...(task.outcome === undefined
            ? {}
            : { result: (0,outcome/* githubResult */.B5)(task.outcome, task.tolerated), outcome: task.outcome }),
        outputs: task.outputs,
        files: task.files.map((file) => file.path),
        attempts: task.attempts.length,
        ...(task.failure === undefined ? {} : { failure: failureDocument(task) }),
    };
}
function failureDocument(task) {
    return {
        id: task.id,
        cause: task.failure?.class ?? task.outcome ?? 'failed',
        message: [task.failure?.cause ?? '', task.failure?.fact ?? '']
            .filter((text) => text !== '')
            .join('; '),
    };
}
/** Tasks by electron, in the order of the record. */
function results_tasksByElectron(record) {
    const groups = new Map();
    for (const task of record.tasks) {
        const group = groups.get(task.electron);
        if (group === undefined) {
            groups.set(task.electron, [task]);
        }
        else {
            group.push(task);
        }
    }
    return groups;
}

;// CONCATENATED MODULE: ./lib/report/xml-events.js
const TOKEN = /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<!(?:[^>"'[]|"[^"]*"|'[^']*'|\[[^\]]*\])*>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)|</g;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NAMED = {
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
};
/** Reads XML leniently, as reports of tests need it: no DTD, no entities but the five and numbers; bad text is text. */
function* xmlEvents(text) {
    for (const match of text.matchAll(TOKEN)) {
        const [, cdata, closed, opened, attributes = '', self, plain] = match;
        if (cdata !== undefined) {
            yield { kind: 'text', text: cdata };
        }
        else if (closed !== undefined) {
            yield { kind: 'close', name: closed };
        }
        else if (opened !== undefined) {
            yield { kind: 'open', name: opened, attributes: readAttributes(attributes) };
            if (self === '/') {
                yield { kind: 'close', name: opened };
            }
        }
        else if (plain !== undefined) {
            yield { kind: 'text', text: xml_events_unescape(plain) };
        }
    }
}
function readAttributes(text) {
    const attributes = new Map();
    for (const [, name = '', double, single] of text.matchAll(ATTRIBUTE)) {
        attributes.set(name, xml_events_unescape(double ?? single ?? ''));
    }
    return attributes;
}
function xml_events_unescape(text) {
    return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]+));/gi, (all, hex, decimal, name) => {
        if (typeof name === 'string') {
            return NAMED[name] ?? all;
        }
        const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    });
}

;// CONCATENATED MODULE: ./lib/report/test-report.js

/** Tests that one report may hold; a report is written by a task and may be anything. */
const MAX_CASES = 100_000;
/** The tests of a JUnit document, in its order. */
function readTestReport(text) {
    const cases = [];
    const suites = [];
    let open;
    let inside = false;
    for (const event of xmlEvents(text)) {
        switch (event.kind) {
            case 'open': {
                const attribute = (name) => event.attributes.get(name) ?? '';
                if (event.name === 'testsuite') {
                    suites.push({ name: attribute('name'), file: event.attributes.get('file') });
                }
                else if (event.name === 'testcase') {
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
                }
                else if (open !== undefined && isVerdict(event.name)) {
                    open.status = event.name === 'failure' ? 'failed' : event.name;
                    open.message = attribute('message');
                    inside = true;
                }
                break;
            }
            case 'close':
                if (event.name === 'testsuite') {
                    suites.pop();
                }
                else if (event.name === 'testcase' && open !== undefined) {
                    cases.push(open);
                    open = undefined;
                    if (cases.length >= MAX_CASES) {
                        return cases;
                    }
                }
                else if (isVerdict(event.name)) {
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
function isFailingTest(test) {
    return test.status === 'failed' || test.status === 'error';
}
function isVerdict(name) {
    return name === 'failure' || name === 'error' || name === 'skipped';
}

;// CONCATENATED MODULE: ./lib/report/junit.js





/**
 * The run as one JUnit document, which every CI server and test viewer reads: a suite per electron, its cases the tests
 * that its tasks reported, or the tasks themselves where they reported none or failed beside their tests.
 */
function junitXml(record, reports = new Map()) {
    const suites = [...results_tasksByElectron(record)].map(([electron, tasks]) => {
        const cases = tasks.flatMap((task) => casesOf(task, reports.get(task.id) ?? []));
        return `  <testsuite name="${xml(electron)}" ${totals(cases)}>\n${cases.map(caseText).join('')}  </testsuite>\n`;
    });
    return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(record.name)}">\n${suites.join('')}</testsuites>\n`;
}
function casesOf(task, tests) {
    const reported = tests.map((test) => ({
        name: test.name,
        classname: test.classname === '' ? test.suite : test.classname,
        time: test.time,
        ...(test.status === 'passed'
            ? {}
            : {
                verdict: {
                    element: test.status === 'failed' ? 'failure' : test.status,
                    type: test.status,
                    message: test.message,
                    body: test.body,
                },
            }),
    }));
    const explained = tests.some(isFailingTest);
    return tests.length > 0 && (!results_hasFailed(task) || explained)
        ? reported
        : [...reported, ownCase(task)];
}
function ownCase(task) {
    const own = { name: task.id, classname: task.electron, time: seconds(task) };
    if (results_hasFailed(task) && !task.tolerated) {
        const { cause = 'failed', class: type = 'failed' } = task.failure ?? {};
        const body = failureLines(task, (0,colour/* palette */.M)(false)).join('\n');
        return { ...own, verdict: { element: 'failure', type, message: cause, body } };
    }
    return task.outcome === 'succeeded' || task.outcome === 'reused'
        ? own
        : {
            ...own,
            verdict: { element: 'skipped', type: '', message: task.outcome ?? task.state, body: '' },
        };
}
function totals(cases) {
    const count = (element) => cases.filter((one) => one.verdict?.element === element).length;
    const time = cases.reduce((sum, one) => sum + one.time, 0);
    return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${time.toFixed(3)}"`;
}
function caseText({ name, classname, time, verdict }) {
    const open = `    <testcase name="${xml(name)}" classname="${xml(classname)}" time="${time.toFixed(3)}"`;
    if (verdict === undefined) {
        return `${open}/>\n`;
    }
    const { element, type, message, body } = verdict;
    const kind = type === '' ? '' : ` type="${xml(type)}"`;
    const text = (0,plain_text/* clip */.$Q)(body, 64_000);
    return `${open}>\n      <${element}${kind} message="${xml(message)}">${xml(text)}</${element}>\n    </testcase>\n`;
}
function seconds(task) {
    const attempt = task.attempts.at(-1);
    return attempt?.ended === undefined
        ? 0
        : Math.max(0, attempt.ended - (attempt.started ?? attempt.launched)) / 1000;
}
/** Characters that XML 1.0 cannot hold even escaped are gone with the other controls; U+FFFE and U+FFFF too. */
function xml(text) {
    return (0,plain_text/* plainText */.wh)(text)
        .replace(/[\ufffe\uffff]/g, '')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll('\n', '&#10;')
        .replaceAll('\t', '&#9;');
}

;// CONCATENATED MODULE: ./lib/report/failing-tests.js



const SHOWN = 50;
/** Failing tests that tasks reported, one line each; untrusted. */
function failingTestLines(reports) {
    const failing = failing_tests_failingTests(reports);
    if (failing.length === 0) {
        return [];
    }
    const lines = failing.slice(0, SHOWN).map(({ task, test }) => {
        const place = test.file === undefined
            ? ''
            : ` ${test.file}${test.line === undefined ? '' : `:${test.line}`}`;
        const message = test.message === '' ? '' : `: ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(test.message), 200)}`;
        return `  ${task}${(0,plain_text/* plainLine */.h0)(place)} ${(0,plain_text/* plainLine */.h0)(test.name)}${message}`;
    });
    const more = failing.length > SHOWN ? [`  and ${failing.length - SHOWN} more`] : [];
    return [`${(0,duration/* countText */.lT)(failing.length, 'failing test')}:`, ...lines, ...more];
}
/** Failing tests on their own file and line, where their report names it. */
function testAnnotations(record, reports) {
    const lines = new Map(record.electrons.map((electron) => [electron.path, electron]));
    const electrons = new Map(record.tasks.map((task) => [task.id, lines.get(task.electron)]));
    return failing_tests_failingTests(reports).map(({ task, test }) => {
        const electron = electrons.get(task);
        const own = test.file !== undefined && isRelative(test.file);
        return {
            level: 'error',
            title: clip(plainLine(test.name), 200),
            message: clip(plainLine(test.message === '' ? test.body : test.message) || 'failed', 4_000),
            ...(own
                ? { file: test.file ?? '', startLine: test.line ?? 1 }
                : electron === undefined
                    ? {}
                    : { file: electron.file, startLine: electron.line }),
        };
    });
}
/** Failing tests with the task that ran them. */
function failing_tests_failingTests(reports) {
    return [...reports].flatMap(([task, tests]) => tests.filter(isFailingTest).map((test) => ({ task, test })));
}
function isRelative(path) {
    return !path.startsWith('/') && !path.split('/').includes('..') && !/[\x00-\x1f\\]/.test(path);
}

;// CONCATENATED MODULE: ./lib/report/byte-budget.js
/** A text that grows by whole blocks and never beyond a number of bytes. */
class byte_budget_ByteBudget {
    #limit;
    #blocks = [];
    #used = 0;
    constructor(limit) {
        this.#limit = limit;
    }
    /** Bytes that are left. */
    get left() {
        return this.#limit - this.#used;
    }
    /** Adds a block, or answers false and adds nothing. */
    add(block) {
        const size = byte_budget_byteLength(block);
        if (this.#used + size > this.#limit) {
            return false;
        }
        this.#used += size;
        this.#blocks.push(block);
        return true;
    }
    /** Adds the first of these forms that fits, from the richest to the barest. */
    addFirst(forms) {
        return forms.some((form) => this.add(form()));
    }
    text() {
        return this.#blocks.join('');
    }
}
const encoder = new TextEncoder();
/** Bytes of a text in UTF-8. */
function byte_budget_byteLength(text) {
    return encoder.encode(text).length;
}
/** The start of a text that fits into so many bytes, cut between characters. */
function byte_budget_clipBytes(text, limit) {
    const bytes = encoder.encode(text);
    return bytes.length <= limit
        ? text
        : new TextDecoder().decode(bytes.subarray(0, Math.max(0, limit)), { stream: true });
}

;// CONCATENATED MODULE: ./lib/report/user-markdown.js


/**
 * Markdown that a task wrote to `LATTICE_SUMMARY`: rendered, but it cannot leave its place. No HTML (so nothing of it
 * closes or hides what is ours), a fence that is left open is closed, its headings stay below ours, mentions call nobody.
 */
function user_markdown_userMarkdown(text, maxBytes) {
    const clean = plainText(text);
    const kept = clipBytes(clean, maxBytes);
    const lines = [];
    let fence;
    for (const line of kept.split('\n')) {
        const mark = /^ {0,3}(?:(`{3,})[^`]*|(~{3,}).*)$/.exec(line);
        const run = mark?.[1] ?? mark?.[2];
        if (fence === undefined) {
            fence = run;
            lines.push(harmless(line));
        }
        else {
            if (run?.startsWith(fence) === true && line.trim() === run) {
                fence = undefined;
            }
            lines.push(withoutTags(line));
        }
    }
    if (fence !== undefined) {
        lines.push(fence);
    }
    const cut = kept.length < clean.length ? '\n\n_The rest is left out._' : '';
    return `${lines.join('\n').trimEnd()}${cut}\n`;
}
/** A space of no width keeps `<b>` from being a tag and yet reads the same, in code as well, where an entity would not. */
function withoutTags(line) {
    return line.replace(/<(?=[a-z/!?])/gi, '<\u200b');
}
function harmless(line) {
    return withoutTags(line)
        .replace(/(^|[^\w`])@(?=\w)/g, '$1@\u200b')
        .replace(/^( {0,3})(#{1,6})(?=\s)/, (_all, indent, marks) => `${indent}${'#'.repeat(Math.min(6, marks.length + 3))}`);
}

;// CONCATENATED MODULE: ./lib/report/markdown-summary.js









/** 1 MiB, less what other reports of the same step may need. */
const MAX_BYTES = (/* unused pure expression or super */ null && (1024 * 1024 - 4096));
/** Failed tasks in full, and then as rows. */
const markdown_summary_FULL_FAILURES = 20;
const ROW_FAILURES = 500;
const TAIL_LINES = 30;
/** Mermaid's own limits, which a diagram cannot raise: `maxTextSize` and `maxEdges`; nodes beyond this are unreadable. */
const MERMAID = { characters: 50_000, edges: 500, nodes: 150 };
const SUMMARY_BYTES = { task: 64 * 1024, all: 400 * 1024 };
/**
 * The job summary: people look before they read. What matters most comes first, each part takes what is left of the
 * bytes and falls back to a shorter form, so that the whole never goes over.
 */
function markdownSummary(record, options = {}) {
    const budget = new ByteBudget(Math.max(200, options.maxBytes ?? MAX_BYTES));
    const tasks = tasksByElectron(record);
    const failed = record.tasks.filter(hasFailed);
    budget.addFirst([
        () => heading(record, 2_000),
        () => heading(record, 100),
        () => `## ${record.status}\n`,
    ]);
    failures(budget, failed);
    const reports = options.reports ?? new Map();
    budget.addFirst([() => testsPart(reports, 200), () => testsPart(reports, 10)]);
    budget.addFirst([
        () => outputsPart(record),
        () => `### Outputs\n\n${countText(Object.keys(record.outputs).length, 'output')}, too long for this page.\n\n`,
    ]);
    budget.addFirst([
        () => electronTable(record.electrons, tasks),
        () => electronTable(record.electrons.slice(0, 200), tasks, record.electrons.length - 200),
        () => electronTable(record.electrons.slice(0, 20), tasks, record.electrons.length - 20),
    ]);
    budget.addFirst([() => graphPart(record, tasks)]);
    budget.addFirst([() => timelinePart(record, tasks)]);
    userPart(budget, record);
    budget.addFirst([() => timePart(record)]);
    budget.addFirst([() => noticePart(record)]);
    return budget.text();
}
function heading(record, length) {
    const name = markdownLine(clip(plainLine(record.name), length));
    const time = durationText(runTime(record, lastEvent(record)));
    return `## ${statusMark(record.status)} ${name}: ${record.status}\n\n${markdownLine(clip(record.message, length))}\n\nRun ${markdownCode(record.runId)} of ${markdownCode(clip(record.file, length))} on ${record.backend}, ${time}.\n\n`;
}
function failures(budget, failed) {
    if (failed.length === 0) {
        return;
    }
    if (!budget.add(`### ${countText(failed.length, 'failed task')}\n\n`)) {
        return;
    }
    const full = failed.slice(0, markdown_summary_FULL_FAILURES);
    for (const task of full) {
        budget.addFirst([() => failureBlock(task, TAIL_LINES), () => failureBlock(task, 0)]);
    }
    const rest = failed.slice(markdown_summary_FULL_FAILURES);
    if (rest.length > 0) {
        const rows = rest
            .slice(0, ROW_FAILURES)
            .map((task) => [
            markdownCode(task.id),
            markdownLine(task.failure?.class ?? ''),
            markdownLine(clip(task.failure?.cause ?? '', 200)),
        ]);
        const more = rest.length > ROW_FAILURES
            ? `\nand ${rest.length - ROW_FAILURES} more, in the artifact.\n`
            : '';
        budget.addFirst([
            () => markdownDetails(`${rest.length} more`, markdownTable(['Task', 'Class', 'Cause'], rows) + more),
            () => `and ${rest.length} more, in the artifact.\n\n`,
        ]);
    }
}
function failureBlock(task, tail) {
    const failure = task.failure;
    const word = task.outcome === 'timed-out' ? 'timed out' : 'failed';
    const tries = task.attempts.length > 1 ? ` after ${task.attempts.length} attempts` : '';
    const allowed = task.tolerated ? ', tolerated' : '';
    const name = task.name === task.id || task.name === '' ? '' : ` (${markdownLine(clip(task.name, 100))})`;
    const lines = [
        `**${markdownCode(task.id)}**${name} ${word}${tries}${allowed}: ${markdownLine(clip(failure?.cause ?? 'no cause is known', 1_000))}\n`,
    ];
    if (failure?.fact !== undefined) {
        lines.push(`${markdownLine(clip(failure.fact, 1_000))}\n`);
    }
    if (failure?.advice !== undefined) {
        lines.push(`_What to do:_ ${markdownLine(clip(failure.advice, 1_000))}\n`);
    }
    if (tail > 0) {
        if (failure?.traceback !== undefined) {
            lines.push(markdownDetails('Traceback', fenced(failure.traceback, tail)));
        }
        const log = task.attempts.at(-1)?.result?.log;
        if (log !== undefined && log.tail !== '') {
            const all = plainLines(log.tail).length;
            const title = all > tail || log.size > byteLength(log.tail) ? 'The end of its log' : 'Its log';
            lines.push(markdownDetails(title, fenced(log.tail, tail)));
        }
    }
    return `${lines.join('\n')}\n`;
}
function fenced(text, lines) {
    return markdownFence(lastLines(text, lines)
        .map((line) => clip(line, 1_000))
        .join('\n'));
}
function testsPart(reports, shown) {
    const failing = failingTests(reports);
    if (failing.length === 0) {
        return '';
    }
    const rows = failing
        .slice(0, shown)
        .map(({ task, test }) => [
        markdownLine(clip(plainLine(test.name), 200)),
        test.file === undefined
            ? ''
            : markdownCode(clip(`${test.file}${test.line === undefined ? '' : `:${test.line}`}`, 200)),
        markdownLine(clip(plainLine(test.message), 200)),
        markdownCode(task),
    ]);
    const more = failing.length > shown ? `\nand ${failing.length - shown} more.\n` : '';
    return `### ${countText(failing.length, 'failing test')}\n\n${markdownTable(['Test', 'Place', 'Message', 'Task'], rows)}${more}\n`;
}
function outputsPart(record) {
    const values = Object.entries(record.outputs).map(([name, value]) => [
        markdownCode(name),
        markdownCode(clip(typeof value === 'string' ? value : JSON.stringify(value), 300)),
    ]);
    const files = Object.entries(record.fileOutputs).map(([name, output]) => [
        markdownCode(name),
        countText(output.files.length, 'file'),
    ]);
    const named = new Set(Object.keys(record.fileOutputs).map(markdownCode));
    const rows = [...values.filter(([name]) => !named.has(name ?? '')), ...files];
    return rows.length === 0 ? '' : `### Outputs\n\n${markdownTable(['Name', 'Value'], rows)}\n`;
}
function electronTable(electrons, groups, left = 0) {
    const rows = electrons.map((electron) => {
        const tasks = groups.get(electron.path) ?? [];
        const counts = [...outcomeCounts(tasks)]
            .map(([outcome, count]) => `${count} ${outcome}`)
            .join(', ');
        const wall = wallTime(tasks);
        const again = retries(tasks);
        return [
            `${markdown_summary_outcomeMark(electron.outcome)} ${markdownCode(electron.path)}`,
            electron.expanded ? String(electron.tasks.length) : '',
            counts,
            wall === undefined ? '' : durationText(wall.to - wall.from),
            again === 0 ? '' : String(again),
        ];
    });
    const more = left > 0 ? `\nand ${countText(left, 'more electron')}.\n` : '';
    return `### Electrons\n\n${markdownTable(['Electron', 'Tasks', 'Outcomes', 'Wall time', 'Retries'], rows)}${more}\n`;
}
function graphPart(record, groups) {
    const edges = record.electrons.flatMap((electron) => electron.needs.map((need) => ({ from: need, to: electron.path, each: false })));
    if (record.electrons.length < 2) {
        return '';
    }
    if (record.electrons.length <= MERMAID.nodes && edges.length <= MERMAID.edges) {
        const nodes = record.electrons.map((electron) => ({
            id: electron.path,
            note: noteOf(groups.get(electron.path) ?? []),
            style: styleOf(electron.outcome),
        }));
        const graph = mermaidGraph(nodes, edges, STYLES);
        if (graph.length <= MERMAID.characters) {
            return `### Graph\n\n${markdownFence(graph, 'mermaid')}\n`;
        }
    }
    const rows = record.electrons
        .slice(0, 500)
        .map((electron) => [markdownCode(electron.path), clipCells(electron.needs.map(markdownCode))]);
    return markdownDetails('Graph (too large to draw)', markdownTable(['Electron', 'Needs'], rows) +
        (record.electrons.length > 500 ? `\nand ${record.electrons.length - 500} more.\n` : ''));
}
function clipCells(cells) {
    return (cells.slice(0, 10).join(', ') + (cells.length > 10 ? ` and ${cells.length - 10} more` : ''));
}
function noteOf(tasks) {
    const counts = [...outcomeCounts(tasks)];
    return counts.length === 1 && counts[0]?.[1] === 1
        ? counts[0][0]
        : counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}
/** Colours that can be told apart, with text dark enough on them in light and in dark mode. */
const STYLES = (/* unused pure expression or super */ null && ([
    'classDef good fill:#c9f0d3,stroke:#1a7f37,color:#0b3d1b',
    'classDef bad fill:#ffd3ce,stroke:#cf222e,color:#5c0b10',
    'classDef held fill:#fff1b8,stroke:#9a6700,color:#4a3200',
    'classDef idle fill:#e7eaee,stroke:#6e7781,color:#32383f',
]));
function styleOf(outcome) {
    switch (outcome) {
        case 'succeeded':
        case 'reused':
            return 'good';
        case 'failed':
        case 'timed-out':
            return 'bad';
        case 'blocked':
        case 'cancelled':
            return 'held';
        case 'skipped':
        case undefined:
            return 'idle';
    }
}
function timelinePart(record, groups) {
    const spans = record.electrons.flatMap((electron) => {
        const wall = wallTime(groups.get(electron.path) ?? []);
        return wall === undefined
            ? []
            : [{ electron, from: wall.from - record.started, to: wall.to - record.started }];
    });
    if (spans.length < 2) {
        return '';
    }
    if (spans.length <= 60) {
        const lines = spans.map(({ electron, from, to }) => {
            const style = hasFailedOutcome(electron.outcome) ? 'crit, ' : '';
            // A colon ends the name in Mermaid, and entities are not read in gantt charts.
            const name = mermaidText(electron.path).replace(/#\d+;/g, ' ');
            return `  ${name} :${style}${Math.max(0, Math.round(from))}, ${Math.max(1, Math.round(to))}`;
        });
        const chart = ['gantt', '  dateFormat x', '  axisFormat %H:%M:%S', ...lines].join('\n');
        if (chart.length <= MERMAID.characters) {
            return markdownDetails('Timeline by electron', markdownFence(chart, 'mermaid'));
        }
    }
    const rows = spans
        .slice(0, 500)
        .map(({ electron, from, to }) => [
        markdownCode(electron.path),
        durationText(from),
        durationText(to),
        durationText(to - from),
    ]);
    return markdownDetails('Timeline by electron', markdownTable(['Electron', 'From', 'To', 'Wall time'], rows));
}
function hasFailedOutcome(outcome) {
    return outcome === 'failed' || outcome === 'timed-out';
}
function userPart(budget, record) {
    const written = record.tasks.flatMap((task) => {
        const text = task.attempts.at(-1)?.result?.summary ?? '';
        return text.trim() === '' ? [] : [{ task, text }];
    });
    if (written.length === 0 || !budget.add('### From the tasks\n\n')) {
        return;
    }
    const own = new ByteBudget(Math.min(SUMMARY_BYTES.all, budget.left - 8_192));
    let left = 0;
    for (const { task, text } of written) {
        const block = `#### ${markdownCode(task.id)}\n\n${userMarkdown(text, SUMMARY_BYTES.task)}\n`;
        left += own.add(block) ? 0 : 1;
    }
    budget.add(own.text());
    if (left > 0) {
        budget.add(`_${countText(left, 'more summary', 'more summaries')} did not fit._\n\n`);
    }
}
function timePart(record) {
    const shares = timeShares(record.tasks);
    const total = shares.queue + shares.start + shares.stageIn + shares.work + shares.stageOut;
    if (total <= 0) {
        return '';
    }
    const rows = [
        ['Waiting for a free place', shares.queue],
        ['Starting', shares.start],
        ['Fetching files', shares.stageIn],
        ['Working', shares.work],
        ['Saving files', shares.stageOut],
    ].map(([name, time]) => [name, durationText(time), `${Math.round((time / total) * 100)} %`]);
    return markdownDetails('Where the time went (all tasks together)', markdownTable(['Phase', 'Time', 'Share'], rows));
}
function noticePart(record) {
    const warnings = record.notices.filter((notice) => notice.level === 'warning');
    if (warnings.length === 0) {
        return '';
    }
    const lines = warnings
        .slice(0, 50)
        .map((notice) => `* ${markdownLine(clip(notice.text, 500))}\n`);
    const more = warnings.length > 50 ? `* and ${warnings.length - 50} more\n` : '';
    return markdownDetails(htmlText(countText(warnings.length, 'warning')), lines.join('') + more);
}
function statusMark(status) {
    switch (status) {
        case 'succeeded':
            return '✅';
        case 'failed':
            return '❌';
        case 'cancelled':
            return '⛔';
        case 'running':
            return '⏳';
    }
}
function markdown_summary_outcomeMark(outcome) {
    switch (outcome) {
        case 'succeeded':
            return '✅';
        case 'reused':
            return '♻️';
        case 'failed':
            return '❌';
        case 'timed-out':
            return '⌛';
        case 'blocked':
            return '⏸️';
        case 'skipped':
            return '⏭️';
        case 'cancelled':
            return '⛔';
        case undefined:
            return '⏳';
    }
}

;// CONCATENATED MODULE: ./lib/report/index.js
/** Plans, records and events as texts. Pure: no I/O and no clock; times come from the record. */
















/***/ }),

/***/ 924:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  J: () => (/* reexport */ attachRun),
  DU: () => (/* reexport */ defaultStoreFolder),
  bH: () => (/* reexport */ entrypointProgram),
  X$: () => (/* reexport */ runLogs),
  AD: () => (/* reexport */ startRun),
  KV: () => (/* reexport */ stopRun),
  ao: () => (/* reexport */ storedRuns),
  UN: () => (/* reexport */ test_reports_testReports),
  Kn: () => (/* reexport */ writeOutputs)
});

// UNUSED EXPORTS: chooseRun, loadLattice, readText, realClock, storedRecord, writeArtifact

// EXTERNAL MODULE: ./lib/runs/load-lattice.js
var load_lattice = __webpack_require__(9871);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./lib/base/result.js
var result = __webpack_require__(2292);
;// CONCATENATED MODULE: ./lib/base/heap.js
/** A binary heap: the least item by `before` comes first; push and pop cost O(log n). */
class Heap {
    #items = [];
    #before;
    /** `before(a, b)`: whether `a` leaves the heap earlier than `b`; a strict order makes the heap deterministic. */
    constructor(before) {
        this.#before = before;
    }
    get size() {
        return this.#items.length;
    }
    peek() {
        return this.#items[0];
    }
    push(item) {
        const items = this.#items;
        let place = items.length;
        items.push(item);
        while (place > 0) {
            const parent = (place - 1) >> 1;
            const above = items[parent];
            if (!this.#before(item, above))
                break;
            items[place] = above;
            place = parent;
        }
        items[place] = item;
    }
    pop() {
        const items = this.#items;
        const first = items[0];
        const last = items.pop();
        if (items.length === 0 || last === undefined)
            return first;
        let place = 0;
        for (;;) {
            let child = 2 * place + 1;
            if (child >= items.length)
                break;
            const right = child + 1;
            if (right < items.length && this.#before(items[right], items[child])) {
                child = right;
            }
            const below = items[child];
            if (!this.#before(below, last))
                break;
            items[place] = below;
            place = child;
        }
        items[place] = last;
        return first;
    }
}

// EXTERNAL MODULE: ./lib/base/assert-never.js
var assert_never = __webpack_require__(5476);
// EXTERNAL MODULE: ./lib/lattice/index.js + 43 modules
var lib_lattice = __webpack_require__(8855);
;// CONCATENATED MODULE: ./lib/engine/settings.js


/** The value of a template; a literal needs no contexts, which keeps wide electrons cheap. */
function value(template, contexts) {
    if (template.kind === 'literal')
        return (0,result.ok)(template.value);
    const rendered = (0,lib_lattice/* render */.XX)(template, contexts);
    return rendered.ok ? rendered : (0,result/* err */._)(expressionFailure(rendered.error));
}
/** A mistake that only showed while running, as the failure of the task that met it. */
function expressionFailure(diagnostic, kind = 'expression') {
    return {
        class: kind,
        cause: diagnostic.message,
        fact: `${diagnostic.code} in ${diagnostic.location.file}`,
        ...(diagnostic.hint === undefined ? {} : { advice: diagnostic.hint }),
    };
}
/** A number of at least `least`, else a failure that names the key. */
function numberSetting(key, template, contexts, bounds) {
    const rendered = value(template, contexts);
    if (!rendered.ok)
        return rendered;
    const number = typeof rendered.value === 'string' ? Number(rendered.value) : rendered.value;
    if (typeof number !== 'number' ||
        !Number.isFinite(number) ||
        number < bounds.least ||
        (bounds.whole && !Number.isInteger(number)) ||
        rendered.value === '') {
        return (0,result/* err */._)({
            class: 'expression',
            cause: `${key} is ${JSON.stringify(rendered.value)}, not a ${bounds.whole ? 'whole ' : ''}number of at least ${bounds.least}`,
        });
    }
    return (0,result.ok)(number);
}
/** `tolerate-failures`: a number, or a percentage of the tasks. */
function toleranceSetting(template, contexts) {
    if (template === undefined)
        return (0,result.ok)({ count: 0 });
    const rendered = value(template, contexts);
    if (!rendered.ok)
        return rendered;
    const text = typeof rendered.value === 'number' ? String(rendered.value) : rendered.value;
    const match = typeof text === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*(%?)\s*$/.exec(text) : null;
    const number = Number(match?.[1]);
    if (match === null || (match[2] === '%' && number > 100)) {
        return (0,result/* err */._)({
            class: 'expression',
            cause: `tolerate-failures is ${JSON.stringify(rendered.value)}, neither a number nor a percentage`,
        });
    }
    return (0,result.ok)(match[2] === '%' ? { percent: number } : { count: number });
}
/** A truth value, by the rules of expressions. */
function truthSetting(template, contexts) {
    const rendered = value(template, contexts);
    if (!rendered.ok)
        return rendered;
    return (0,result.ok)(rendered.value === true || rendered.value === 'true');
}
/** `fail-fast`. */
function failFastSetting(setting, contexts) {
    if (typeof setting === 'string')
        return (0,result.ok)(setting);
    const rendered = value(setting, contexts);
    if (!rendered.ok)
        return rendered;
    const word = JSON.stringify(rendered.value).replaceAll('"', '');
    if (word === 'false' || word === 'drain' || word === 'true')
        return (0,result.ok)(word);
    return (0,result/* err */._)({
        class: 'expression',
        cause: `fail-fast is ${JSON.stringify(rendered.value)}, not true, false or drain`,
    });
}

;// CONCATENATED MODULE: ./lib/engine/environment.js
/** The environment of a task: the lattice's `env` and the electron's over it. A used lattice never inherits one. */



/** Names and values; the electron's own may read the lattice's through `env`. */
function renderEnvironment(lattice, electron, contexts) {
    if (lattice.env.size === 0 && electron.env.size === 0)
        return (0,result.ok)({});
    const outer = renderAll(lattice.env, contexts);
    if (!outer.ok || electron.env.size === 0)
        return outer;
    const own = renderAll(electron.env, { ...contexts, env: outer.value });
    return own.ok ? (0,result.ok)({ ...outer.value, ...own.value }) : own;
}
function renderAll(templates, contexts) {
    const values = {};
    for (const [name, template] of templates) {
        const rendered = (0,lib_lattice/* renderString */.G4)(template, contexts);
        if (!rendered.ok)
            return (0,result/* err */._)(expressionFailure(rendered.error));
        values[name] = rendered.value;
    }
    return (0,result.ok)(values);
}

;// CONCATENATED MODULE: ./lib/engine/errors.js
/** A user-facing error: cause, fact and what to do stand in the message. */
class EngineError extends Error {
    code;
    constructor(code, message, options) {
        super(message, options);
        this.name = 'EngineError';
        this.code = code;
    }
}

// EXTERNAL MODULE: ./node_modules/picomatch/index.js
var picomatch = __webpack_require__(4006);
// EXTERNAL MODULE: ./lib/engine/outcome.js
var engine_outcome = __webpack_require__(22);
;// CONCATENATED MODULE: ./lib/engine/state.js
/**
 * What the core knows while a run goes on. These are mutable and belong to the core alone; everybody else sees records.
 *
 * A scope is one lattice in execution: the whole run, or one task of a `uses` electron. A node is an electron in a scope.
 */


/** Shown until a task's own are known. */
const NO_RESOURCES = {
    vcpu: 0.25,
    memory: 0.5,
    storage: 20,
    architecture: 'x86_64',
    spot: false,
    readOnlyRoot: false,
};
/** A new task that waits. `index` undefined: its electron has but one. */
function newTask(node, index, matrix, partner) {
    const { scope, electron } = node;
    const id = index === undefined
        ? `${scope.idPrefix}${electron.id}`
        : `${scope.idPrefix}${electron.id}[${index}]`;
    const key = index === undefined
        ? `${scope.keyPrefix}${electron.id}`
        : `${scope.keyPrefix}${electron.id}/${index}`;
    return {
        node,
        index: index ?? 0,
        id: id,
        key: key,
        matrix,
        partner,
        children: [],
        name: id,
        state: 'waiting',
        stage: 'idle',
        outcome: undefined,
        tolerated: false,
        continueOnError: false,
        outputs: {},
        files: [],
        filesAt: undefined,
        logAt: undefined,
        failure: undefined,
        attempts: [],
        attempt: 0,
        failures: 0,
        oomFailures: 0,
        infrastructureFailures: 0,
        once: undefined,
        stopping: 'no',
        fingerprint: undefined,
        why: undefined,
        resources: NO_RESOURCES,
        maxAttempts: 1,
        backoffSeconds: 0,
        memoryFactor: 1,
        timeoutSeconds: 0,
        readyAt: undefined,
        endedAt: undefined,
        inner: undefined,
        forced: false,
        holdsPermit: false,
    };
}
/** Order of nodes whose tasks could start: longest remaining chain first, then as written. */
function beforeNode(left, right) {
    return left.rank === right.rank ? left.order < right.order : left.rank > right.rank;
}
/** Order of tasks of any nodes. */
function beforeTask(left, right) {
    return left.node === right.node ? left.index < right.index : beforeNode(left.node, right.node);
}
/** A new node; `scope.ts` wires it. */
function newNode(parts) {
    return {
        ...parts,
        path: `${parts.scope.idPrefix}${parts.electron.id}`,
        dependents: [],
        rank: 1,
        waiting: 0,
        gateOpen: false,
        resolving: false,
        expanded: false,
        ended: false,
        placeholder: false,
        tasks: [],
        live: 0,
        tally: (0,engine_outcome/* emptyTally */.CK)(),
        failures: 0,
        tolerate: { count: 0 },
        failFast: 'false',
        drained: false,
        maxParallel: Infinity,
        active: 0,
        ready: new Heap((left, right) => left.index < right.index),
        queued: false,
        outcome: undefined,
        result: undefined,
        lineage: { unsuccessful: false, failed: false, cancelled: false },
        forced: false,
        view: undefined,
        needsContext: undefined,
        scopeContexts: undefined,
    };
}
/** True for an electron whose outputs are lists. */
function isMany(electron) {
    return electron.strategy.matrix !== undefined || electron.forEach !== undefined;
}
/** Whether a task has ended. */
function hasEnded(task) {
    return task.outcome !== undefined;
}

// EXTERNAL MODULE: ./lib/engine/record.js
var record = __webpack_require__(33);
;// CONCATENATED MODULE: ./lib/engine/views.js



/** GitHub's word for a task that has ended. */
function taskResult(task) {
    return task.outcome === undefined ? 'skipped' : (0,engine_outcome/* githubResult */.B5)(task.outcome, task.tolerated);
}
/**
 * GitHub's word for the partner of a for-each task. What `tolerate-failures` allows is known only when the partner's
 * whole electron has ended, so it is no success here: whether a for-each task runs must not depend on who ends first.
 */
function partnerResult(partner) {
    const { outcome } = partner;
    if (outcome === undefined)
        return 'skipped';
    return (0,engine_outcome/* githubResult */.B5)(outcome, partner.continueOnError && (0,engine_outcome/* isFailure */.N6)(outcome));
}
/** `needs.<id>.outputs`: a value, or the list over the tasks in matrix order with null for what is missing. */
function nodeOutputs(node) {
    if (!isMany(node.electron))
        return node.tasks[0]?.outputs ?? {};
    if (node.placeholder)
        return {};
    const names = new Set(node.electron.outputs?.keys());
    for (const task of node.tasks)
        for (const name of Object.keys(task.outputs))
            names.add(name);
    const outputs = {};
    for (const name of names)
        outputs[name] = node.tasks.map((task) => task.outputs[name] ?? null);
    return outputs;
}
/** The context of one ended electron; made once. */
function nodeView(node) {
    if (node.view !== undefined)
        return node.view;
    const tasks = node.placeholder ? [] : node.tasks;
    const counts = { total: tasks.length };
    for (const outcome of record/* OUTCOMES */.i)
        counts[outcome] = node.placeholder ? 0 : node.tally[outcome];
    node.view = {
        result: node.result ?? 'skipped',
        outputs: nodeOutputs(node),
        tasks: tasks.map((task) => ({
            id: task.id,
            matrix: task.matrix,
            result: taskResult(task),
            outputs: task.outputs,
        })),
        counts,
    };
    return node.view;
}
/** The `needs` context of a node: of every need that has ended. */
function needsContext(node) {
    if (node.needsContext !== undefined)
        return node.needsContext;
    const context = {};
    let whole = true;
    for (const need of node.needs) {
        if (need.ended)
            context[need.electron.id] = nodeView(need);
        else
            whole = false;
    }
    if (whole)
        node.needsContext = context;
    return context;
}
/** Contexts without matrix: for conditions, expansion and settings of a whole electron. */
function nodeContexts(facts, node) {
    if (node.scopeContexts !== undefined)
        return node.scopeContexts;
    const contexts = {
        inputs: node.scope.inputs,
        needs: needsContext(node),
        lattice: { name: node.scope.lattice.name, 'run-id': facts.runId },
        github: facts.github,
    };
    if (node.needsContext !== undefined)
        node.scopeContexts = contexts;
    return contexts;
}
/** The `each` context: the partner of a for-each task. */
function eachView(partner) {
    return {
        id: partner.id,
        index: partner.index,
        matrix: partner.matrix,
        outputs: partner.outputs,
        result: partnerResult(partner),
    };
}
/** Contexts of one task, without `env`, which `spec.ts` renders first. */
function taskContexts(facts, task) {
    const base = nodeContexts(facts, task.node);
    return {
        ...base,
        matrix: task.matrix,
        strategy: { 'job-index': task.index, 'job-total': task.node.tasks.length },
        ...(task.partner === undefined ? {} : { each: eachView(task.partner) }),
    };
}
/** The context of a lattice's outputs. */
function outputContexts(facts, scope) {
    const electrons = {};
    for (const [id, node] of scope.nodes)
        if (node.ended)
            electrons[id] = nodeView(node);
    return {
        inputs: scope.inputs,
        electrons,
        lattice: { name: scope.lattice.name, 'run-id': facts.runId },
        github: facts.github,
    };
}
/** The bad ends among all ancestors: of the node, or for a for-each task those of its own partner. */
function ancestry(node, partner) {
    const lineage = { unsuccessful: false, failed: false, cancelled: false };
    for (const need of node.needs) {
        if (need === node.partner && partner !== undefined) {
            add(lineage, ancestry(need, partner.partner));
            addResult(lineage, partnerResult(partner));
        }
        else
            add(lineage, need.lineage);
    }
    return lineage;
}
/** Adds what one end means to those that come after it. */
function addResult(lineage, result) {
    if (result !== 'success')
        lineage.unsuccessful = true;
    if (result === 'failure')
        lineage.failed = true;
    if (result === 'cancelled')
        lineage.cancelled = true;
}
function add(lineage, other) {
    lineage.unsuccessful ||= other.unsuccessful;
    lineage.failed ||= other.failed;
    lineage.cancelled ||= other.cancelled;
}

;// CONCATENATED MODULE: ./lib/engine/lattice-outputs.js
/** Outputs of a lattice that has ended: values of expressions, and files of electrons as addresses in the store. */




/** `address`: of the store. */
function latticeOutputs(facts, scope, address) {
    const values = {};
    const files = {};
    const mistakes = [];
    const contexts = outputContexts(facts, scope);
    for (const [name, output] of scope.lattice.outputs) {
        if (output.kind === 'value') {
            const rendered = (0,lib_lattice/* render */.XX)(output.value, contexts);
            values[name] = rendered.ok ? rendered.value : null;
            if (!rendered.ok)
                mistakes.push(rendered.error);
            continue;
        }
        const globs = [];
        for (const glob of output.files) {
            const rendered = (0,lib_lattice/* renderString */.G4)(glob, contexts);
            if (rendered.ok)
                globs.push(rendered.value);
            else
                mistakes.push(rendered.error);
        }
        const found = fileOutput(scope, output.electron, globs);
        files[name] = found;
        const addresses = found.files.map((file) => `${address}/${file.key}`);
        values[name] = addresses.length === 1 ? (addresses[0] ?? null) : addresses;
    }
    return { values, files, mistakes };
}
function fileOutput(scope, electron, globs) {
    const node = scope.nodes.get(electron);
    if (node === undefined || node.placeholder)
        return { files: [] };
    const matches = picomatch([...globs], { dot: true });
    const width = String(Math.max(0, node.tasks.length - 1)).length;
    return {
        files: node.tasks.flatMap((task) => {
            const { filesAt } = task;
            if (filesAt === undefined)
                return [];
            const folder = isMany(node.electron) ? `${String(task.index).padStart(width, '0')}/` : '';
            return task.files
                .filter((entry) => matches(entry.path))
                .map((entry) => ({
                path: `${folder}${entry.path}`,
                key: `${filesAt}${entry.path}`,
                entry,
            }));
        }),
    };
}

;// CONCATENATED MODULE: ./lib/engine/layout.js
/** Version of the layout; an older driver refuses a newer store. */
const STORE_VERSION = 1;
/** `{version}` of the layout, written by the first run. */
const FORMAT_KEY = 'format.json';
const RUNS_PREFIX = 'runs/';
const runPrefix = (run) => `runs/${run}/`;
const runKey = (run) => `runs/${run}/run.json`;
const recordKey = (run) => `runs/${run}/record.json`;
/** The head of the record, so that a list of runs need not read whole records. */
const summaryKey = (run) => `runs/${run}/summary.json`;
const leaseKey = (run) => `runs/${run}/lease`;
const cancelKey = (run) => `runs/${run}/cancel`;
const tasksPrefix = (run) => `runs/${run}/tasks/`;
const resultsPrefix = (run) => `runs/${run}/results/`;
const attemptPrefix = (run, task, attempt) => `runs/${run}/tasks/${task}/${attempt}/`;
const specKey = (run, task, attempt) => `${attemptPrefix(run, task, attempt)}spec.json`;
const logKey = (run, task, attempt) => `${attemptPrefix(run, task, attempt)}log.txt`;
const filesPrefix = (run, task, attempt) => `${attemptPrefix(run, task, attempt)}files/`;
const checkpointPrefix = (run, task, attempt) => `${attemptPrefix(run, task, attempt)}checkpoint/`;
const resultKey = (run, task, attempt) => `runs/${run}/results/${task}/${attempt}.json`;
const blobKey = (sha256) => `blobs/${sha256}`;
const cacheKey = (fingerprint) => `cache/${fingerprint}.json`;
const headKey = (id) => `heads/${id}`;
/** Task key and attempt of a claim's key, relative to {@link tasksPrefix}; undefined for other objects. */
function parseClaimKey(relative) {
    const match = /^(.+)\/(\d+)\/spec\.json$/.exec(relative);
    if (match?.[1] === undefined || match[2] === undefined)
        return undefined;
    return { task: match[1], attempt: Number(match[2]) };
}
/** Task key and attempt of a result's key, relative to {@link resultsPrefix}; undefined for other objects. */
function parseResultKey(relative) {
    const match = /^(.+)\/(\d+)\.json$/.exec(relative);
    if (match?.[1] === undefined || match[2] === undefined)
        return undefined;
    return { task: match[1], attempt: Number(match[2]) };
}

;// CONCATENATED MODULE: ./lib/engine/records.js


function taskRecord(task) {
    return {
        id: task.id,
        key: task.key,
        electron: task.node.path,
        index: task.index,
        name: task.name,
        matrix: task.matrix,
        state: task.state,
        ...(task.outcome === undefined ? {} : { outcome: task.outcome }),
        tolerated: task.tolerated,
        outputs: task.outputs,
        files: task.files,
        ...(task.filesAt === undefined ? {} : { filesAt: task.filesAt }),
        ...(task.logAt === undefined ? {} : { logAt: task.logAt }),
        ...(task.failure === undefined ? {} : { failure: task.failure }),
        attempts: task.attempts,
        ...(task.fingerprint === undefined ? {} : { fingerprint: task.fingerprint }),
        ...(task.why === undefined ? {} : { why: task.why }),
        resources: task.resources,
        ...(task.readyAt === undefined ? {} : { readyAt: task.readyAt }),
        ...(task.endedAt === undefined ? {} : { endedAt: task.endedAt }),
    };
}
/** `line`: 1-based line of the electron's id. */
function electronRecord(node, line) {
    return {
        path: node.path,
        id: node.electron.id,
        needs: node.needs.map((need) => need.path),
        file: node.electron.location.file,
        line,
        many: isMany(node.electron),
        uses: node.electron.work.kind === 'uses',
        ...(node.outcome === undefined ? {} : { outcome: node.outcome }),
        ...(node.result === undefined ? {} : { result: node.result }),
        tasks: node.tasks.map((task) => task.id),
        expanded: node.expanded,
        outputs: node.ended ? nodeOutputs(node) : {},
    };
}

;// CONCATENATED MODULE: ./lib/engine/retry.js
/** What becomes of an ended attempt: success, another attempt, or an outcome with a reason in words. */

/** Infrastructure failures of one task that are made up for, apart from the user's retries. */
const INFRASTRUCTURE_BUDGET = 3;
/** Judges an attempt by its result object, which is the truth where there is one, else by what the backend saw. */
function judge(result, end) {
    return result === undefined ? judgeEnd(end) : judgeResult(result, end);
}
function judgeResult(result, end) {
    const error = result.error;
    const cause = error?.message ?? `ended as ${result.status}`;
    const failure = (kind, advice) => ({
        class: kind,
        cause,
        ...(result.signal === null ? {} : { fact: `signal ${result.signal}` }),
        ...(advice === undefined ? {} : { advice }),
        ...(typeof error?.traceback === 'string' ? { traceback: error.traceback } : {}),
        ...(result.exitCode === null ? {} : { exitCode: result.exitCode }),
    });
    switch (result.status) {
        case 'succeeded':
            return { kind: 'succeeded' };
        case 'failed': {
            const kind = error?.class ?? 'exit';
            return kind === 'oom'
                ? { kind: 'failure', on: 'oom', failure: failure('oom', 'Give it more `memory`.') }
                : { kind: 'failure', on: 'failure', failure: failure(kind) };
        }
        case 'timed-out':
            return {
                kind: 'failure',
                on: 'timeout',
                failure: failure('timeout', 'Raise `timeout-minutes` or give the task less to do.'),
            };
        case 'cancelled':
            // An own time to live that ran out means that no driver was seen for long: nobody asked for that end.
            return error?.class === 'lease'
                ? { kind: 'infrastructure', once: null, failure: failure('infrastructure') }
                : { kind: 'stopped', failure: failure('cancelled') };
        case 'interrupted':
            return end.kind === 'infrastructure'
                ? judgeEnd(end)
                : { kind: 'infrastructure', once: null, failure: failure('infrastructure') };
        case 'staging-failed':
            return {
                kind: 'infrastructure',
                once: 'staging',
                failure: failure(error?.class ?? 'stage-in'),
            };
        case 'internal-error':
            return {
                kind: 'infrastructure',
                once: 'internal',
                failure: failure('internal', 'This is a bug of the entrypoint: please report it.'),
            };
        default:
            return (0,assert_never/* assertNever */.x)(result.status);
    }
}
function judgeEnd(end) {
    switch (end.kind) {
        case 'exited': {
            const how = end.signal !== null
                ? `was ended by ${end.signal}`
                : end.exitCode !== null
                    ? `exited with code ${end.exitCode}`
                    : 'ended';
            return {
                kind: 'infrastructure',
                once: 'lost',
                failure: {
                    class: 'lost',
                    cause: `${how} and left no result`,
                    fact: 'The result object, which is written last, is not in the store.',
                    advice: 'Look at the log; on Fargate the task role must be allowed s3:PutObject on the store.',
                    ...(end.exitCode === null ? {} : { exitCode: end.exitCode }),
                },
            };
        }
        case 'infrastructure':
            return {
                kind: 'infrastructure',
                once: null,
                failure: { class: 'infrastructure', ...words(end) },
            };
        case 'permanent':
            return { kind: 'permanent', failure: { class: 'permanent', ...words(end) } };
        case 'stopped':
            return { kind: 'stopped', failure: { class: 'cancelled', cause: 'was stopped' } };
        default:
            return (0,assert_never/* assertNever */.x)(end);
    }
}
function words(end) {
    return {
        cause: end.cause,
        ...(end.fact === '' ? {} : { fact: end.fact }),
        ...(end.advice === '' ? {} : { advice: end.advice }),
    };
}
/** Whether `retry.when` covers this failure. */
function retryCovers(when, on, exitCode) {
    return when.some((word) => (typeof word === 'number' ? word === exitCode : word === on));
}
/** Milliseconds before the next attempt after the n-th infrastructure failure: 1, 2, 4 s. */
function infrastructureBackoff(count) {
    return 1000 * 2 ** (count - 1);
}

;// CONCATENATED MODULE: ./lib/engine/scheduler.js
/**
 * Which task is next. Nodes with ready tasks stand in a heap by longest remaining chain. A task takes the permits of its
 * electron and of the lattices around it when it is prepared (rendered and claimed), and a slot when it is launched; a
 * few tasks are prepared ahead of free slots so that a slot never waits for the store.
 */


/** Tasks that may be in preparation at once, however many slots are free. */
const MOST_PREPARING = 64;
class Scheduler {
    #slots;
    #ahead;
    #nodes = new Heap(beforeNode);
    #prepared = new Heap(beforeTask);
    #preparedCount = 0;
    #preparing = 0;
    #preparingByRank = new Map();
    #running = 0;
    constructor(slots) {
        this.#slots = slots;
        this.#ahead = Math.min(32, Math.max(2, slots));
    }
    /** Attempts that hold a slot. */
    get running() {
        return this.#running;
    }
    /** A task became ready. */
    offer(task) {
        task.stage = 'queued';
        task.node.ready.push(task);
        this.#enqueue(task.node);
    }
    /** The next task to prepare, its permits taken; or to open, when its electron uses a lattice. */
    next() {
        while (this.#preparing < MOST_PREPARING &&
            this.#preparing + this.#preparedCount < this.#slots - this.#running + this.#ahead) {
            const node = this.#nodes.pop();
            if (node === undefined)
                return undefined;
            node.queued = false;
            const task = firstReady(node);
            if (task !== undefined && node.active < node.maxParallel) {
                const leaf = node.electron.work.kind !== 'uses';
                const full = leaf ? fullScope(node.scope) : undefined;
                if (full === undefined) {
                    node.ready.pop();
                    node.active++;
                    task.holdsPermit = true;
                    if (leaf) {
                        for (const scope of chain(node.scope))
                            scope.active++;
                        task.stage = 'preparing';
                        this.#preparing++;
                        this.#rank(task, 1);
                    }
                    else
                        task.stage = 'scope';
                    this.#enqueue(node);
                    this.#admit(node.scope);
                    return task;
                }
                full.parked.push(node);
                node.queued = true;
                continue;
            }
            this.#admit(node.scope);
        }
        return undefined;
    }
    /** Preparation is over; the task waits for a slot unless `launchable` is false. */
    prepared(task, launchable) {
        this.#preparing--;
        this.#rank(task, -1);
        task.stage = 'idle';
        if (!launchable)
            return;
        task.stage = 'prepared';
        this.#prepared.push(task);
        this.#preparedCount++;
    }
    /** The next task to launch, its slot taken. A slot waits for a task of a longer chain that is just being prepared. */
    launchable() {
        const free = this.#slots - this.#running;
        if (free <= 0)
            return undefined;
        for (;;) {
            const task = this.#prepared.peek();
            if (task === undefined)
                return undefined;
            if (task.stage === 'prepared') {
                let better = 0;
                for (const [rank, count] of this.#preparingByRank) {
                    if (rank > task.node.rank)
                        better += count;
                }
                if (free <= better)
                    return undefined;
                this.#prepared.pop();
                this.#preparedCount--;
                this.launched(task);
                return task;
            }
            this.#prepared.pop();
        }
    }
    /** A slot is taken by an attempt that runs already. */
    launched(task) {
        task.stage = 'launched';
        this.#running++;
    }
    /** A task leaves the way to its launch or its slot, and gives its permits back. */
    release(task) {
        if (task.stage === 'launched')
            this.#running--;
        else if (task.stage === 'prepared')
            this.#preparedCount--;
        task.stage = 'idle';
        if (!task.holdsPermit)
            return;
        task.holdsPermit = false;
        const { node } = task;
        node.active--;
        if (node.electron.work.kind !== 'uses')
            for (const scope of chain(node.scope))
                scope.active--;
        this.#enqueue(node);
        this.#admit(node.scope);
    }
    #enqueue(node) {
        if (node.queued || node.ready.size === 0)
            return;
        node.queued = true;
        this.#nodes.push(node);
    }
    /** Lets one parked node of each lattice with a free permit try again. */
    #admit(from) {
        for (const scope of chain(from)) {
            if (scope.active >= scope.maxParallel)
                continue;
            const node = scope.parked.pop();
            if (node !== undefined)
                this.#nodes.push(node);
        }
    }
    #rank(task, change) {
        const count = (this.#preparingByRank.get(task.node.rank) ?? 0) + change;
        if (count === 0)
            this.#preparingByRank.delete(task.node.rank);
        else
            this.#preparingByRank.set(task.node.rank, count);
    }
}
/** The first ready task; those that were cancelled while they waited are dropped on the way. */
function firstReady(node) {
    for (;;) {
        const task = node.ready.peek();
        if (task === undefined || task.stage === 'queued')
            return task;
        node.ready.pop();
    }
}
function fullScope(from) {
    for (const scope of chain(from))
        if (scope.active >= scope.maxParallel)
            return scope;
    return undefined;
}
/** A scope and those around it. */
function* chain(from) {
    for (let scope = from; scope !== undefined; scope = scope.parent?.node.scope) {
        yield scope;
    }
}

;// CONCATENATED MODULE: ./lib/engine/reads.js
/** Every expression of a template. */
function* expressionsOf(template) {
    if (template === undefined)
        return;
    switch (template.kind) {
        case 'literal':
            return;
        case 'expression':
            yield template.expression;
            return;
        case 'text':
            for (const part of template.parts)
                if (typeof part !== 'string')
                    yield part;
            return;
        case 'list':
            for (const item of template.items)
                yield* expressionsOf(item);
            return;
        case 'map':
            for (const item of template.entries.values())
                yield* expressionsOf(item);
            return;
    }
}
/** Every expression that an electron's expansion reads. */
function* matrixExpressions(electron) {
    const matrix = electron.strategy.matrix;
    if (matrix === undefined)
        return;
    yield* expressionsOf(matrix.whole);
    yield* expressionsOf(matrix.include);
    yield* expressionsOf(matrix.exclude);
    for (const dimension of matrix.dimensions.values()) {
        switch (dimension.kind) {
            case 'values':
                yield* expressionsOf(dimension.values);
                break;
            case 's3':
                yield* expressionsOf(dimension.uri);
                yield* expressionsOf(dimension.match);
                yield* expressionsOf(dimension.perTask);
                break;
            case 'file':
                yield* expressionsOf(dimension.path);
                break;
            case 'glob':
                yield* expressionsOf(dimension.pattern);
                break;
        }
    }
}
/** Every expression of an electron. The electron is a tree of templates, so the tree is walked and no key is forgotten. */
function electronExpressions(electron) {
    const found = [];
    const walk = (value) => {
        if (typeof value !== 'object' || value === null)
            return;
        if (value instanceof Map) {
            for (const item of value.values())
                walk(item);
            return;
        }
        if (Array.isArray(value)) {
            for (const item of value)
                walk(item);
            return;
        }
        if (isExpression(value)) {
            found.push(value);
            return;
        }
        for (const [key, item] of Object.entries(value)) {
            // The lattice of `uses` sees other contexts than this electron.
            if (key !== 'lattice' && key !== 'location' && key !== 'tree')
                walk(item);
        }
    };
    walk(electron);
    return found;
}
function isExpression(value) {
    return 'source' in value && 'reads' in value && 'tree' in value;
}
/** Expressions of a lattice's outputs. */
function outputExpressions(lattice) {
    return [...lattice.outputs.values()].flatMap((output) => output.kind === 'value'
        ? [...expressionsOf(output.value)]
        : [...output.files].flatMap((glob) => [...expressionsOf(glob)]));
}
/** Whether an expression may read `context.name`, be it by reading the whole context. */
function readsBelow(expression, context, name) {
    const path = `${context}.${name}`;
    return expression.reads.some((read) => read === context ||
        read === path ||
        read.startsWith(`${path}.`) ||
        read.startsWith(`${context}.*`));
}

;// CONCATENATED MODULE: ./lib/engine/scope.js
/** Makes the nodes of a lattice in execution and ranks them by the longest remaining chain. */



/** Electrons of a lattice that wait for their whole for-each partner; found once per lattice, not once per task. */
const barriers = new WeakMap();
/**
 * A for-each task starts when its own partner has ended, unless something in its electron reads the partner as a whole
 * (`needs.<partner>`) or its matrix reads what partners put out: then all tasks wait for the whole partner.
 */
function hasBarrier(electron) {
    const partner = electron.forEach;
    if (partner === undefined)
        return false;
    const known = barriers.get(electron);
    if (known !== undefined)
        return known;
    const answer = electronExpressions(electron).some((expression) => readsBelow(expression, 'needs', partner)) ||
        electron.filesNeeds.only.has(partner) ||
        [...matrixExpressions(electron)].some((expression) => expression.reads.some((read) => read === 'each' || read.startsWith('each.outputs') || read.startsWith('each.result')));
    barriers.set(electron, answer);
    return answer;
}
/** A lattice ready to start. `from` numbers its nodes, for an order that is the same in every run. */
function buildScope(request) {
    const { parent } = request;
    const scope = {
        lattice: request.lattice,
        inputs: request.inputs,
        secrets: request.secrets,
        parent,
        idPrefix: parent === undefined ? '' : `${parent.id}.`,
        keyPrefix: parent === undefined ? '' : `${parent.key}/`,
        nodes: new Map(),
        maxParallel: request.maxParallel,
        active: 0,
        parked: new Heap(beforeNode),
        open: 0,
    };
    let order = request.from;
    for (const electron of request.lattice.electrons.values()) {
        const needs = electron.needs.map((id) => nodeOf(scope, id));
        const node = newNode({
            electron,
            scope,
            needs,
            partner: electron.forEach === undefined ? undefined : nodeOf(scope, electron.forEach),
            order: order++,
            barrier: hasBarrier(electron),
            excluded: request.only !== undefined && !request.only.has(electron.id),
        });
        node.waiting = needs.filter((need) => need !== node.partner || node.barrier).length;
        for (const need of needs)
            need.dependents.push(node);
        scope.nodes.set(electron.id, node);
        if (!node.excluded)
            scope.open++;
    }
    // What follows the electron that uses this lattice also follows everything in it.
    rank(scope, parent === undefined ? 0 : parent.node.rank - weight(parent.node.electron));
    return scope;
}
function nodeOf(scope, id) {
    const node = scope.nodes.get(id);
    if (node === undefined)
        throw new Error(`Internal error: electron ${id} is used before it stands`);
    return node;
}
/** Dependents come after their needs, so one walk from the end settles every rank. */
function rank(scope, base) {
    for (const node of [...scope.nodes.values()].reverse()) {
        let longest = base;
        for (const dependent of node.dependents)
            longest = Math.max(longest, dependent.rank);
        node.rank = longest + weight(node.electron);
    }
}
/** Length of an electron on a chain: 1, or the longest chain of the lattice that it uses. */
function weight(electron) {
    return electron.work.kind === 'uses' ? depth(electron.work.lattice) : 1;
}
const depths = new WeakMap();
function depth(lattice) {
    const known = depths.get(lattice);
    if (known !== undefined)
        return known;
    const lengths = new Map();
    let longest = 1;
    for (const electron of lattice.electrons.values()) {
        const before = Math.max(0, ...electron.needs.map((id) => lengths.get(id) ?? 0));
        const length = before + weight(electron);
        lengths.set(electron.id, length);
        longest = Math.max(longest, length);
    }
    depths.set(lattice, longest);
    return longest;
}
/** The electrons of `only` with everything that they need; an unknown one is answered by its name. */
function selection(lattice, only) {
    if (only.length === 0)
        return { selected: undefined };
    const selected = new Set();
    const pending = [...only];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
        if (selected.has(id))
            continue;
        const electron = lattice.electrons.get(id);
        if (electron === undefined)
            return { unknown: id };
        selected.add(id);
        pending.push(...electron.needs);
    }
    return { selected };
}

;// CONCATENATED MODULE: ./lib/engine/tally.js
function emptyCounts() {
    return {
        total: 0,
        waiting: 0,
        ready: 0,
        running: 0,
        retrying: 0,
        succeeded: 0,
        reused: 0,
        failed: 0,
        'timed-out': 0,
        blocked: 0,
        skipped: 0,
        cancelled: 0,
    };
}
/** `3 of 412 failed: oom 2, timeout 1; 14 min`. Causes: failures by class. */
function runMessage(facts) {
    const { counts } = facts;
    const failed = counts.failed + counts['timed-out'];
    const done = counts.succeeded + counts.reused;
    const parts = [];
    if (facts.note !== undefined)
        parts.push(facts.note);
    if (failed > 0) {
        const causes = [...facts.causes]
            .sort((left, right) => right[1] - left[1] || (left[0] < right[0] ? -1 : 1))
            .map(([name, count]) => `${name} ${count}`);
        parts.push(`${failed} of ${counts.total} failed${causes.length === 0 ? '' : `: ${causes.join(', ')}`}`);
    }
    else
        parts.push(`${done} of ${counts.total} succeeded`);
    if (failed === 0 && counts.reused > 0)
        parts.push(`${counts.reused} reused`);
    for (const state of ['blocked', 'cancelled', 'skipped']) {
        if (counts[state] > 0)
            parts.push(`${counts[state]} ${state}`);
    }
    parts.push(span(facts.milliseconds));
    return parts.join('; ');
}
function span(milliseconds) {
    const seconds = Math.max(0, milliseconds) / 1000;
    if (seconds < 10)
        return `${seconds.toFixed(1)} s`;
    if (seconds < 120)
        return `${Math.round(seconds)} s`;
    const minutes = Math.round(seconds / 60);
    return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}

;// CONCATENATED MODULE: ./lib/engine/unset-outputs.js


const known = new WeakMap();
/** Warnings for the expressions of a node that is about to run; each output is warned about once. */
function unsetOutputs(node, warned) {
    let expressions = known.get(node.electron);
    if (expressions === undefined) {
        expressions = electronExpressions(node.electron).filter((expression) => expression.reads.some((read) => read.startsWith('needs.')));
        known.set(node.electron, expressions);
    }
    return expressions.length === 0 ? [] : unset(node.scope, expressions, 'needs', warned);
}
/** Warnings for the outputs of a lattice that has ended. */
function unsetLatticeOutputs(scope, warned) {
    return unset(scope, outputExpressions(scope.lattice), 'electrons', warned);
}
function unset(scope, expressions, context, warned) {
    const found = [];
    for (const expression of expressions) {
        for (const read of expression.reads) {
            const [head, id, kind, name] = read.split('.');
            if (head !== context || kind !== 'outputs' || id === undefined || name === undefined)
                continue;
            if (name === '*')
                continue;
            const node = scope.nodes.get(id);
            if (node === undefined || !node.ended || node.electron.work.kind === 'uses')
                continue;
            // Nobody could have set it when nobody succeeded; that is told elsewhere.
            if (node.tally.succeeded + node.tally.reused === 0)
                continue;
            const key = `${scope.lattice.file}\n${id}\n${name}`;
            if (warned.has(key) || name in nodeOutputs(node))
                continue;
            warned.add(key);
            found.push({
                severity: 'warning',
                code: 'L905',
                message: `electron "${id}" has set no output "${name}", so it is null here`,
                location: expression.location,
                hint: `its outputs: ${Object.keys(nodeOutputs(node)).join(', ') || 'none'}`,
                notes: [],
            });
        }
    }
    return found;
}

;// CONCATENATED MODULE: ./lib/engine/core.js
/**
 * The engine's deterministic core: events in, commands out. It reads no clock and does no I/O, so the same core runs
 * against real backends and in the virtual time of tests. An event costs O(log n): counters per electron instead of
 * rescans, heaps for what is ready and for what is due, records only for the task that changed.
 */


















/** Staging in and out have 15 minutes each, cleanup and saving two more: after that nobody inside is in charge. */
const GUARD_MILLISECONDS = 32 * 60_000;
class Core {
    #request;
    #facts;
    #scheduler;
    #root;
    #nodes = [];
    #byKey = new Map();
    #lines = new Map();
    #due = new Heap((left, right) => left.at < right.at);
    #work = [];
    #warned = new Set();
    #notices = [];
    #counts = emptyCounts();
    #causes = new Map();
    #commands = [];
    #order = 0;
    #now;
    #allTasks = 0;
    #cancelling;
    #outputs = { values: {}, files: {}, mistakes: [] };
    #status = 'running';
    #ended;
    constructor(request) {
        this.#request = request;
        this.#now = request.started;
        this.#facts = { runId: request.runId, github: request.plan.context.github };
        this.#scheduler = new Scheduler(request.slots);
        const limit = this.#limitOf(request.plan.lattice, request.plan.inputs);
        if (!limit.ok)
            throw new EngineError('request', limit.error.cause);
        this.#root = this.#open({
            lattice: request.plan.lattice,
            inputs: request.plan.inputs,
            secrets: request.secrets,
            parent: undefined,
            maxParallel: limit.value,
            only: request.selected,
        });
    }
    /** What all renderings of the run can see. */
    get facts() {
        return this.#facts;
    }
    get finished() {
        return this.#ended !== undefined;
    }
    /** Attempts under way. */
    get running() {
        return this.#scheduler.running;
    }
    /** When a `tick` is wanted, in milliseconds since the Unix epoch. */
    get wakeAt() {
        return this.#due.peek()?.at;
    }
    /** Takes in one event and gives what is to be done, in order. */
    handle(event) {
        this.#now = event.at;
        this.#commands = [];
        this.#take(event);
        this.#settle();
        return this.#commands;
    }
    #take(event) {
        switch (event.type) {
            case 'begin':
                this.#emit({
                    type: 'run-started',
                    at: this.#now,
                    record: this.record(),
                    resumed: this.#request.resumed,
                });
                for (const warning of this.#request.plan.warnings)
                    this.#notice('warning', warning.message, warning);
                this.#startScope(this.#root);
                return;
            case 'dimensions':
                if (event.node.ended || !event.node.resolving)
                    return;
                event.node.resolving = false;
                if (event.answer.ok)
                    this.#expandWith(event.node, event.answer.values);
                else
                    this.#fail(event.node, { class: 'matrix', cause: event.answer.message });
                return;
            case 'prepared':
                this.#prepared(event.task, event.preparation);
                return;
            case 'started':
                this.#started(event.task, event.attempt);
                return;
            case 'ended':
                this.#attemptEnded(event.task, event.attempt, event.end, event.result);
                return;
            case 'log': {
                const task = this.#byKey.get(event.task);
                if (task !== undefined) {
                    this.#emit({ type: 'log', at: this.#now, task: task.id, text: event.text });
                }
                return;
            }
            case 'notice':
                this.#notice(event.level, event.text);
                return;
            case 'tick':
                this.#tick();
                return;
            case 'cancel':
                this.#cancel(event.why, event.reason);
                return;
            default:
                (0,assert_never/* assertNever */.x)(event);
        }
    }
    /** Works off what follows from the event, then fills the way to launch. */
    #settle() {
        let launchable;
        do {
            for (let step = 0; step < this.#work.length; step++)
                this.#work[step]?.();
            this.#work.length = 0;
            if (this.#cancelling !== undefined)
                return;
            for (let task = this.#scheduler.next(); task !== undefined; task = this.#scheduler.next()) {
                if (task.node.electron.work.kind === 'uses')
                    this.#openInner(task);
                else
                    this.#commands.push({ type: 'prepare', task });
                if (this.#work.length > 0)
                    break;
            }
            if (this.#work.length > 0)
                continue;
            launchable = this.#scheduler.launchable();
            if (launchable !== undefined)
                this.#launch(launchable);
        } while (launchable !== undefined || this.#work.length > 0);
    }
    // --- scopes and nodes -------------------------------------------------------------------------------------------
    #open(request) {
        const scope = buildScope({ ...request, from: this.#order });
        this.#order += scope.nodes.size;
        for (const node of scope.nodes.values())
            this.#nodes.push(node);
        return scope;
    }
    #startScope(scope) {
        for (const node of scope.nodes.values()) {
            if (node.excluded || node.partner !== undefined) {
                if (!node.excluded)
                    this.#emitElectron(node);
                continue;
            }
            const combinations = this.#knownCombinations(node);
            if (combinations === undefined || combinations.length === 0)
                this.#emitElectron(node);
            else
                this.#create(node, combinations);
        }
        for (const node of scope.nodes.values()) {
            if (!node.excluded && node.waiting === 0)
                this.#later(() => this.#gate(node));
        }
        if (scope.open === 0)
            this.#later(() => this.#endScope(scope));
    }
    /** Combinations that do not depend on how the run goes; undefined when they do, or when they are wrong. */
    #knownCombinations(node) {
        const { electron } = node;
        if (electron.strategy.matrix === undefined)
            return [{}];
        if (!electron.strategy.matrix.isStatic)
            return undefined;
        if (node.scope.parent === undefined) {
            const known = this.#request.plan.combinations.get(electron.id);
            if (known !== undefined)
                return known;
        }
        const expanded = (0,lib_lattice/* expandMatrix */.Eh)(electron, this.#unneedyContexts(node), new Map());
        return expanded.ok && this.#allows(expanded.value.length) ? expanded.value : undefined;
    }
    #unneedyContexts(node) {
        return {
            inputs: node.scope.inputs,
            needs: {},
            lattice: { name: node.scope.lattice.name, 'run-id': this.#facts.runId },
            github: this.#facts.github,
        };
    }
    /** Makes the tasks of a node without partner. */
    #create(node, combinations) {
        const many = isMany(node.electron);
        for (const [index, matrix] of combinations.entries()) {
            this.#add(node, newTask(node, many ? index : undefined, matrix, undefined));
        }
        this.#created(node);
    }
    #add(node, task) {
        node.tasks.push(task);
        this.#byKey.set(task.key, task);
        node.live++;
        this.#allTasks++;
        this.#counts.total++;
        this.#counts.waiting++;
    }
    #created(node) {
        node.expanded = true;
        this.#emitElectron(node);
        for (const dependent of node.dependents) {
            if (dependent.partner === node && !dependent.excluded)
                this.#later(() => this.#expandEach(dependent));
        }
    }
    #allows(more) {
        return this.#allTasks + more <= this.#request.maxTasks;
    }
    /** The needs of a node have ended (of a for-each node: those beside its partner). */
    #gate(node) {
        if (node.ended || node.gateOpen)
            return;
        node.gateOpen = true;
        for (const diagnostic of unsetOutputs(node, this.#warned)) {
            this.#notice('warning', diagnostic.message, diagnostic);
        }
        if (node.partner !== undefined) {
            if (node.partner.placeholder)
                this.#orphan(node);
            else if (node.expanded)
                this.#considerEach(node);
            else
                this.#expandEach(node);
            return;
        }
        const decision = this.#decide(node, undefined, nodeContexts(this.#facts, node));
        if (decision.kind !== 'run') {
            this.#conclude(node, decision);
            return;
        }
        if (!this.#readSettings(node))
            return;
        if (node.expanded) {
            for (const task of node.tasks)
                this.#ready(task);
            return;
        }
        this.#expand(node);
    }
    /** Whether the `if` and the needs let a node, or a for-each task with this partner, run. */
    #decide(node, partner, contexts) {
        const { electron } = node;
        const lineage = ancestry(node, partner);
        if (!electron.conditionReadsStatus) {
            if (lineage.unsuccessful) {
                return { kind: 'outcome', outcome: 'blocked', why: blockedBy(node, partner) };
            }
            if (electron.condition === undefined)
                return { kind: 'run' };
        }
        const answer = (0,lib_lattice/* evaluateCondition */.F9)(electron, {
            ...contexts,
            status: {
                success: !lineage.unsuccessful,
                failure: lineage.failed,
                cancelled: lineage.cancelled,
            },
        });
        if (!answer.ok) {
            return { kind: 'outcome', outcome: 'failed', failure: expressionFailure(answer.error) };
        }
        if (answer.value)
            return { kind: 'run' };
        return {
            kind: 'outcome',
            outcome: 'skipped',
            why: `if: ${electron.condition?.source ?? 'success()'}`,
        };
    }
    /** Settings of a whole electron; false when one is wrong, and then the electron has failed. */
    #readSettings(node) {
        const { strategy } = node.electron;
        const contexts = nodeContexts(this.#facts, node);
        const failFast = failFastSetting(strategy.failFast, contexts);
        const tolerate = toleranceSetting(strategy.tolerateFailures, contexts);
        const maxParallel = strategy.maxParallel === undefined
            ? undefined
            : numberSetting('max-parallel', strategy.maxParallel, contexts, { least: 1, whole: true });
        for (const setting of [failFast, tolerate, maxParallel]) {
            if (setting !== undefined && !setting.ok) {
                this.#fail(node, setting.error);
                return false;
            }
        }
        if (failFast.ok)
            node.failFast = failFast.value;
        if (tolerate.ok)
            node.tolerate = tolerate.value;
        if (maxParallel?.ok)
            node.maxParallel = maxParallel.value;
        return true;
    }
    #expand(node) {
        const contexts = nodeContexts(this.#facts, node);
        const sources = (0,lib_lattice/* dimensionSources */.bA)(node.scope.lattice, node.electron, contexts);
        if (!sources.ok)
            this.#fail(node, expressionFailure(sources.error, 'matrix'));
        else if (sources.value.size === 0)
            this.#expandWith(node, new Map());
        else {
            node.resolving = true;
            this.#commands.push({ type: 'resolve', node, sources: sources.value });
        }
    }
    #expandWith(node, data) {
        if (node.partner !== undefined) {
            this.#createEach(node, data);
            return;
        }
        const expanded = (0,lib_lattice/* expandMatrix */.Eh)(node.electron, nodeContexts(this.#facts, node), data);
        if (!expanded.ok)
            this.#fail(node, expressionFailure(expanded.error, 'matrix'));
        else if (expanded.value.length === 0)
            this.#empty(node);
        else if (!this.#allows(expanded.value.length))
            this.#tooMany(node, expanded.value.length);
        else {
            this.#create(node, expanded.value);
            for (const task of node.tasks)
                this.#ready(task);
        }
    }
    #empty(node) {
        const path = node.path;
        if (node.electron.strategy.ifEmpty === 'fail') {
            this.#fail(node, {
                class: 'matrix',
                cause: `the matrix of ${path} is empty`,
                advice: 'Its strategy says `if-empty: fail`.',
            });
            return;
        }
        this.#notice('warning', `The matrix of ${path} is empty, so it is skipped`);
        this.#conclude(node, { kind: 'outcome', outcome: 'skipped', why: 'its matrix is empty' });
    }
    #tooMany(node, more) {
        this.#fail(node, {
            class: 'matrix',
            cause: `${node.path} would make ${more} tasks, ${this.#allTasks + more} in all`,
            fact: `max-tasks is ${this.#request.maxTasks}`,
            advice: 'Raise max-tasks, or give each task more to do.',
        });
    }
    #fail(node, failure) {
        this.#conclude(node, { kind: 'outcome', outcome: 'failed', failure });
    }
    /** Gives a whole node one end. One that never got tasks gets a single one that tells of it. */
    #conclude(node, conclusion) {
        if (!node.expanded) {
            node.placeholder = true;
            node.resolving = false;
            this.#add(node, newTask(node, undefined, {}, undefined));
            this.#created(node);
        }
        for (const task of node.tasks)
            if (!hasEnded(task))
                this.#concludeTask(task, conclusion);
    }
    #concludeTask(task, conclusion) {
        if (conclusion.why !== undefined)
            task.why = conclusion.why;
        if (conclusion.outcome === 'failed') {
            const tolerates = truthSetting(task.node.electron.continueOnError, taskContexts(this.#facts, task));
            task.continueOnError = tolerates.ok && tolerates.value;
        }
        this.#finish(task, conclusion.outcome, conclusion.failure);
    }
    // --- for-each ---------------------------------------------------------------------------------------------------
    /** The partner has no tasks. A condition may still let the node run, over nothing: then it is skipped. */
    #orphan(node) {
        if (node.ended || node.expanded || !node.gateOpen || node.partner?.ended !== true)
            return;
        const decision = this.#decide(node, undefined, nodeContexts(this.#facts, node));
        this.#conclude(node, decision.kind === 'run'
            ? { kind: 'outcome', outcome: 'skipped', why: `${node.partner.path} has no tasks` }
            : decision);
    }
    /** Makes the tasks of a for-each node once its partner's are known and its own matrix can be read. */
    #expandEach(node) {
        const { partner, electron } = node;
        const matrix = electron.strategy.matrix;
        if (partner === undefined || !partner.expanded || partner.placeholder)
            return;
        if (node.expanded || node.resolving || node.ended)
            return;
        if (matrix === undefined || (matrix.isStatic && !node.barrier))
            this.#createEach(node, new Map());
        else if (node.gateOpen)
            this.#expand(node);
    }
    #createEach(node, data) {
        const { partner, electron } = node;
        if (partner === undefined)
            throw new Error('Internal error: no partner');
        const rows = [];
        let total = 0;
        for (const each of partner.tasks) {
            let combinations = [{}];
            if (electron.strategy.matrix !== undefined) {
                const contexts = taskContexts(this.#facts, newTask(node, 0, {}, each));
                const expanded = (0,lib_lattice/* expandMatrix */.Eh)(electron, contexts, data);
                if (!expanded.ok) {
                    this.#fail(node, expressionFailure(expanded.error, 'matrix'));
                    return;
                }
                combinations = expanded.value;
            }
            rows.push({ partner: each, combinations });
            total += combinations.length;
        }
        if (total === 0) {
            this.#empty(node);
            return;
        }
        if (!this.#allows(total)) {
            this.#tooMany(node, total);
            return;
        }
        let index = 0;
        for (const row of rows) {
            for (const matrix of row.combinations) {
                const task = newTask(node, index++, matrix, row.partner);
                row.partner.children.push(task);
                this.#add(node, task);
            }
        }
        this.#created(node);
        if (node.gateOpen)
            this.#considerEach(node);
    }
    /** The gate of an expanded for-each node has opened: those whose partner has ended may go. */
    #considerEach(node) {
        if (!this.#readSettings(node))
            return;
        for (const task of node.tasks) {
            if (task.partner !== undefined && hasEnded(task.partner))
                this.#considerTask(task);
        }
    }
    #considerTask(task) {
        const { node } = task;
        if (hasEnded(task) || task.stage !== 'idle' || task.state !== 'waiting')
            return;
        if (!node.gateOpen)
            return;
        const decision = this.#decide(node, task.partner, taskContexts(this.#facts, task));
        if (decision.kind === 'run')
            this.#ready(task);
        else
            this.#concludeTask(task, decision);
    }
    // --- tasks ------------------------------------------------------------------------------------------------------
    /** A task may go: its settings are read and it queues. */
    #ready(task) {
        if (hasEnded(task))
            return;
        const { electron } = task.node;
        const contexts = taskContexts(this.#facts, task);
        const attempts = numberSetting('retry attempts', electron.retry.attempts, contexts, {
            least: 1,
            whole: true,
        });
        const backoff = numberSetting('backoff-seconds', electron.retry.backoffSeconds, contexts, {
            least: 0,
            whole: false,
        });
        const factor = numberSetting('memory-factor', electron.retry.memoryFactor, contexts, {
            least: 1,
            whole: false,
        });
        const timeout = numberSetting('timeout-minutes', electron.timeoutMinutes, contexts, {
            least: 0,
            whole: false,
        });
        const tolerates = truthSetting(electron.continueOnError, contexts);
        if (tolerates.ok)
            task.continueOnError = tolerates.value;
        for (const setting of [attempts, backoff, factor, timeout, tolerates]) {
            if (!setting.ok) {
                this.#finish(task, 'failed', setting.error);
                return;
            }
        }
        if (attempts.ok)
            task.maxAttempts = attempts.value;
        if (backoff.ok)
            task.backoffSeconds = backoff.value;
        if (factor.ok)
            task.memoryFactor = factor.value;
        if (timeout.ok)
            task.timeoutSeconds = Math.max(1, Math.round(timeout.value * 60));
        task.forced = this.#isForced(task);
        if (task.forced)
            task.node.forced = true;
        task.readyAt = this.#now;
        this.#move(task, 'ready');
        this.#emitTask(task);
        this.#scheduler.offer(task);
    }
    /** Whether it was asked to run again, or something that it needs was. */
    #isForced(task) {
        const { node } = task;
        const { rerun } = this.#request;
        if (rerun.size > 0 && (rerun.has(task.id) || rerun.has(node.path)))
            return true;
        if (node.scope.parent?.forced === true)
            return true;
        return node.needs.some((need) => need === node.partner && task.partner !== undefined ? task.partner.forced : need.forced);
    }
    #prepared(task, preparation) {
        if (hasEnded(task)) {
            this.#scheduler.prepared(task, false);
            this.#scheduler.release(task);
            return;
        }
        switch (preparation.kind) {
            case 'bad':
                this.#scheduler.prepared(task, false);
                this.#finish(task, 'failed', preparation.failure);
                return;
            case 'known': {
                this.#scheduler.prepared(task, false);
                task.fingerprint = preparation.fingerprint;
                task.why = preparation.why;
                task.name = preparation.name;
                const { result } = preparation;
                task.attempt = result.attempt;
                task.attempts = [
                    {
                        attempt: result.attempt,
                        launched: result.times.started,
                        started: result.times.started,
                        ended: result.times.ended,
                        result,
                        infrastructure: false,
                    },
                ];
                this.#keep(task, result, preparation.filesAt, preparation.logAt);
                this.#finish(task, preparation.outcome, undefined);
                return;
            }
            case 'claimed':
            case 'running':
                task.fingerprint = preparation.fingerprint;
                if (preparation.why !== undefined)
                    task.why = preparation.why;
                task.name = preparation.name;
                task.resources = preparation.resources;
                task.attempt = preparation.attempt;
                if (preparation.kind === 'claimed')
                    this.#scheduler.prepared(task, true);
                else {
                    this.#scheduler.prepared(task, false);
                    this.#scheduler.launched(task);
                    this.#underWay(task);
                }
                return;
            default:
                (0,assert_never/* assertNever */.x)(preparation);
        }
    }
    #launch(task) {
        this.#commands.push({ type: 'launch', task });
        this.#underWay(task);
    }
    #underWay(task) {
        task.stopping = 'no';
        task.attempts = [
            ...task.attempts,
            { attempt: task.attempt, launched: this.#now, infrastructure: false },
        ];
        this.#due.push({
            at: this.#now + task.timeoutSeconds * 1000 + GUARD_MILLISECONDS,
            task,
            kind: 'guard',
            attempt: task.attempt,
        });
        this.#move(task, 'running');
        this.#emitTask(task);
    }
    #started(key, attempt) {
        const task = this.#byKey.get(key);
        if (task === undefined || task.stage !== 'launched' || task.attempt !== attempt)
            return;
        const last = task.attempts.at(-1);
        if (last === undefined || last.started !== undefined)
            return;
        task.attempts = [...task.attempts.slice(0, -1), { ...last, started: this.#now }];
        this.#emitTask(task);
    }
    #attemptEnded(key, attempt, end, result) {
        const task = this.#byKey.get(key);
        if (task === undefined || task.stage !== 'launched' || task.attempt !== attempt)
            return;
        let verdict = judge(result, end);
        if (verdict.kind === 'succeeded' && result !== undefined) {
            const missing = missingOutput(task, result);
            if (missing !== undefined)
                verdict = { kind: 'failure', on: 'failure', failure: missing };
        }
        if (verdict.kind !== 'succeeded' && task.stopping === 'timeout') {
            verdict = {
                kind: 'failure',
                on: 'timeout',
                failure: {
                    class: 'timeout',
                    cause: 'did not end although its time was over',
                    fact: 'It was stopped from outside after its timeout and the time for staging.',
                },
            };
        }
        if (result !== undefined) {
            const { runId } = this.#facts;
            this.#keep(task, result, filesPrefix(runId, task.key, attempt), logKey(runId, task.key, attempt));
        }
        this.#apply(task, verdict, result);
    }
    /** What a result leaves visible, also after a failure. */
    #keep(task, result, filesAt, logAt) {
        task.outputs = result.outputs;
        task.files = result.files;
        task.filesAt = result.files.length === 0 ? undefined : filesAt;
        task.logAt = logAt;
    }
    #apply(task, verdict, result) {
        const failure = verdict.kind === 'succeeded' ? undefined : verdict.failure;
        const retryIn = task.stopping === 'cancel' ? undefined : this.#retryDelay(task, verdict);
        const retry = retryIn !== undefined && !task.node.drained && this.#cancelling === undefined;
        const last = task.attempts.at(-1);
        if (last !== undefined) {
            const record = {
                ...last,
                ended: this.#now,
                ...(result === undefined ? {} : { result }),
                ...(failure === undefined ? {} : { failure }),
                infrastructure: verdict.kind === 'infrastructure',
            };
            task.attempts = [...task.attempts.slice(0, -1), record];
            this.#emit({ type: 'attempt-ended', at: this.#now, task: task.id, attempt: record, retry });
        }
        if (verdict.kind === 'succeeded') {
            if (result !== undefined)
                this.#commands.push({ type: 'remember', task, result });
            this.#finish(task, 'succeeded', undefined);
        }
        else if (task.stopping === 'cancel') {
            this.#finish(task, 'cancelled', {
                class: 'cancelled',
                cause: this.#cancelling?.reason ?? 'stopped because a sibling failed',
            });
        }
        else if (retry) {
            this.#scheduler.release(task);
            task.stage = 'backoff';
            this.#move(task, 'retrying');
            this.#emitTask(task);
            this.#due.push({
                at: this.#now + retryIn,
                task,
                kind: 'retry',
                attempt: task.attempt,
            });
            if (retryIn === 0)
                this.#tick();
        }
        else if (verdict.kind === 'stopped')
            this.#finish(task, 'cancelled', failure);
        else {
            const timedOut = verdict.kind === 'failure' && verdict.on === 'timeout';
            this.#finish(task, timedOut ? 'timed-out' : 'failed', failure);
        }
    }
    /** Milliseconds until the next attempt; undefined when the budget that this failure draws on is used up. */
    #retryDelay(task, verdict) {
        switch (verdict.kind) {
            case 'failure':
                task.failures++;
                if (verdict.on === 'oom')
                    task.oomFailures++;
                return task.failures < task.maxAttempts &&
                    retryCovers(task.node.electron.retry.when, verdict.on, verdict.failure.exitCode)
                    ? task.backoffSeconds * 1000
                    : undefined;
            case 'infrastructure':
                if (verdict.once !== null) {
                    task.once ??= new Set();
                    if (task.once.has(verdict.once))
                        return undefined;
                    task.once.add(verdict.once);
                }
                task.infrastructureFailures++;
                return task.infrastructureFailures <= INFRASTRUCTURE_BUDGET
                    ? infrastructureBackoff(task.infrastructureFailures)
                    : undefined;
            case 'succeeded':
            case 'permanent':
            case 'stopped':
                return undefined;
            default:
                return (0,assert_never/* assertNever */.x)(verdict);
        }
    }
    /** A task has its outcome. */
    #finish(task, outcome, failure) {
        const { node } = task;
        task.outcome = outcome;
        task.failure = failure;
        task.endedAt = this.#now;
        if (task.stage !== 'preparing')
            this.#scheduler.release(task);
        this.#move(task, outcome);
        if ((0,engine_outcome/* isFailure */.N6)(outcome)) {
            const kind = failure?.class ?? 'failed';
            if (task.inner === undefined)
                this.#causes.set(kind, (this.#causes.get(kind) ?? 0) + 1);
            if (task.continueOnError)
                task.tolerated = true;
            else
                node.failures++;
        }
        node.tally[outcome]++;
        node.live--;
        this.#emitTask(task);
        if (node.failures > 0 && node.failFast !== 'false' && !node.drained && !this.#tolerates(node)) {
            this.#drain(node, task);
        }
        if (node.live === 0)
            this.#later(() => this.#endNode(node));
        for (const child of task.children)
            this.#later(() => this.#considerTask(child));
    }
    #tolerates(node) {
        const limit = 'count' in node.tolerate
            ? node.tolerate.count
            : Math.floor((node.tasks.length * node.tolerate.percent) / 100);
        return node.failures <= limit;
    }
    /** Fail-fast: nothing more of this electron is launched; with `true` what runs is stopped. */
    #drain(node, culprit) {
        node.drained = true;
        const stop = [];
        for (const task of node.tasks) {
            if (hasEnded(task))
                continue;
            const atWork = task.stage === 'launched' || task.inner !== undefined;
            if (!atWork) {
                this.#finish(task, 'cancelled', {
                    class: 'cancelled',
                    cause: `not started because ${culprit.id} failed`,
                });
            }
            else if (node.failFast === 'true')
                this.#stopTask(task, stop);
        }
        this.#stop(stop, `${culprit.id} failed and fail-fast is on`);
    }
    #stopTask(task, stop) {
        if (task.inner !== undefined)
            this.#cancelScope(task.inner, stop, 'stopped because a sibling failed');
        else if (task.stage === 'launched' && task.stopping === 'no') {
            task.stopping = 'cancel';
            stop.push(task);
        }
    }
    #stop(tasks, reason) {
        if (tasks.length > 0)
            this.#commands.push({ type: 'stop', tasks, reason });
    }
    #endNode(node) {
        if (node.ended || node.live > 0)
            return;
        node.ended = true;
        if (node.failures > 0 && this.#tolerates(node)) {
            for (const task of node.tasks) {
                if (task.tolerated || task.outcome === undefined || !(0,engine_outcome/* isFailure */.N6)(task.outcome))
                    continue;
                task.tolerated = true;
                this.#emitTask(task);
            }
        }
        const effective = (0,engine_outcome/* emptyTally */.CK)();
        for (const task of node.tasks) {
            if (task.outcome === undefined)
                continue;
            if (task.outcome === 'blocked' && task.partner?.tolerated === true && !task.tolerated) {
                task.tolerated = true;
                this.#emitTask(task);
            }
            effective[task.tolerated ? 'succeeded' : task.outcome]++;
        }
        node.outcome = (0,engine_outcome/* foldOutcome */.c8)(node.tally);
        node.result = (0,engine_outcome/* githubResult */.B5)((0,engine_outcome/* foldOutcome */.c8)(effective), false);
        Object.assign(node.lineage, ancestry(node, undefined));
        addResult(node.lineage, node.result);
        this.#emitElectron(node);
        for (const dependent of node.dependents) {
            if (dependent.excluded)
                continue;
            if (dependent.partner !== node || dependent.barrier) {
                dependent.waiting--;
                if (dependent.waiting === 0)
                    this.#later(() => this.#gate(dependent));
            }
            else if (node.placeholder)
                this.#later(() => this.#orphan(dependent));
            else
                this.#later(() => this.#expandEach(dependent));
        }
        const { scope } = node;
        scope.open--;
        if (scope.open === 0)
            this.#later(() => this.#endScope(scope));
    }
    // --- lattices that are used -------------------------------------------------------------------------------------
    #openInner(task) {
        const { work } = task.node.electron;
        if (work.kind !== 'uses')
            throw new Error('Internal error: not a lattice');
        const inner = this.#bind(task, work.lattice);
        if (!inner.ok) {
            this.#finish(task, 'failed', inner.failure);
            return;
        }
        task.inner = inner.scope;
        this.#counts[task.state]--;
        this.#counts.total--;
        this.#allTasks--;
        task.state = 'running';
        this.#emitTask(task);
        this.#later(() => this.#startScope(inner.scope));
    }
    #bind(task, lattice) {
        const { electron } = task.node;
        let contexts = taskContexts(this.#facts, task);
        const environment = renderEnvironment(task.node.scope.lattice, electron, contexts);
        if (!environment.ok)
            return { ok: false, failure: environment.error };
        contexts = { ...contexts, env: environment.value };
        const given = electron.with === undefined ? undefined : value(electron.with, contexts);
        if (given !== undefined && !given.ok)
            return { ok: false, failure: given.error };
        const values = given?.value ?? {};
        if (typeof values !== 'object' || values === null || Array.isArray(values)) {
            return {
                ok: false,
                failure: { class: 'sub-lattice', cause: '`with` gives no mapping of inputs' },
            };
        }
        const bound = (0,lib_lattice/* bindInputs */.Vp)(lattice, values, electron.with?.location);
        if (!bound.ok) {
            const causes = bound.error.map((diagnostic) => diagnostic.message);
            return { ok: false, failure: { class: 'sub-lattice', cause: causes.join('; ') } };
        }
        const limit = this.#limitOf(lattice, bound.value.inputs);
        if (!limit.ok)
            return { ok: false, failure: limit.error };
        const scope = this.#open({
            lattice,
            inputs: bound.value.inputs,
            secrets: bound.value.secrets,
            parent: task,
            maxParallel: limit.value,
            only: undefined,
        });
        return { ok: true, scope };
    }
    #limitOf(lattice, inputs) {
        if (lattice.maxParallel === undefined)
            return (0,result.ok)(Infinity);
        const contexts = { inputs, github: this.#facts.github };
        return numberSetting('max-parallel', lattice.maxParallel, contexts, { least: 1, whole: true });
    }
    #endScope(scope) {
        const outputs = latticeOutputs(this.#facts, scope, this.#request.store);
        for (const diagnostic of unsetLatticeOutputs(scope, this.#warned)) {
            this.#notice('warning', diagnostic.message, diagnostic);
        }
        if (scope.parent === undefined) {
            this.#endRun(outputs);
            return;
        }
        const task = scope.parent;
        if (hasEnded(task))
            return;
        const nodes = [...scope.nodes.values()];
        task.outputs = outputs.values;
        const filesAt = `runs/${this.#facts.runId}/tasks/${task.key}/`;
        const files = Object.values(outputs.files).flatMap((output) => output.files);
        task.files = files
            .filter((file) => file.key.startsWith(filesAt))
            .map((file) => ({ ...file.entry, path: file.key.slice(filesAt.length) }));
        task.filesAt = task.files.length === 0 ? undefined : filesAt;
        const failed = nodes.filter((node) => node.result === 'failure');
        const mistake = outputs.mistakes[0];
        if (failed.length > 0) {
            const first = failed
                .flatMap((node) => node.tasks)
                .find((inner) => inner.outcome !== undefined && (0,engine_outcome/* isFailure */.N6)(inner.outcome) && !inner.tolerated);
            this.#finish(task, 'failed', {
                class: 'sub-lattice',
                cause: `${failed.map((node) => node.path).join(', ')} failed`,
                ...(first?.failure === undefined ? {} : { fact: `${first.id}: ${first.failure.cause}` }),
            });
        }
        else if (nodes.some((node) => node.result === 'cancelled')) {
            this.#finish(task, 'cancelled', { class: 'cancelled', cause: 'stopped' });
        }
        else if (mistake !== undefined)
            this.#finish(task, 'failed', expressionFailure(mistake));
        else {
            const reused = nodes.length > 0 && nodes.every((node) => node.outcome === 'reused');
            this.#finish(task, reused ? 'reused' : 'succeeded', undefined);
        }
    }
    #endRun(outputs) {
        this.#outputs = outputs;
        const nodes = [...this.#root.nodes.values()];
        const failed = nodes.some((node) => node.result === 'failure');
        for (const diagnostic of outputs.mistakes) {
            this.#notice('warning', `An output has no value: ${diagnostic.message}`, diagnostic);
        }
        if (this.#cancelling !== undefined) {
            this.#status = this.#cancelling.why === 'user' ? 'cancelled' : 'failed';
        }
        else if (failed || outputs.mistakes.length > 0)
            this.#status = 'failed';
        else
            this.#status = nodes.some((node) => node.result === 'cancelled') ? 'cancelled' : 'succeeded';
        this.#ended = this.#now;
    }
    // --- cancel and time --------------------------------------------------------------------------------------------
    #cancel(why, reason) {
        if (this.finished || this.#cancelling !== undefined)
            return;
        this.#cancelling = { why, reason };
        this.#emit({ type: 'cancelling', at: this.#now, reason });
        if (why !== 'user')
            this.#notice('warning', reason);
        const stop = [];
        this.#cancelScope(this.#root, stop, reason);
        this.#stop(stop, reason);
    }
    #cancelScope(scope, stop, reason) {
        const conclusion = {
            kind: 'outcome',
            outcome: 'cancelled',
            failure: { class: 'cancelled', cause: reason },
        };
        for (const node of scope.nodes.values()) {
            if (node.excluded || node.ended)
                continue;
            node.drained = true;
            if (!node.expanded) {
                this.#conclude(node, conclusion);
                continue;
            }
            for (const task of node.tasks) {
                if (hasEnded(task))
                    continue;
                if (task.inner !== undefined)
                    this.#cancelScope(task.inner, stop, reason);
                else if (task.stage === 'launched')
                    this.#stopTask(task, stop);
                else
                    this.#concludeTask(task, conclusion);
            }
        }
    }
    #tick() {
        for (let due = this.#due.peek(); due !== undefined && due.at <= this.#now; due = this.#due.peek()) {
            this.#due.pop();
            const { task } = due;
            if (hasEnded(task) || task.attempt !== due.attempt)
                continue;
            if (due.kind === 'retry') {
                if (task.stage !== 'backoff')
                    continue;
                this.#move(task, 'ready');
                this.#emitTask(task);
                this.#scheduler.offer(task);
            }
            else if (task.stage === 'launched' && task.stopping === 'no') {
                task.stopping = 'timeout';
                this.#stop([task], 'its time is over');
            }
        }
    }
    // --- records ----------------------------------------------------------------------------------------------------
    /** The whole record as it is now: O(tasks), so made only when somebody wants it. */
    record(running = 0) {
        const { plan, runId, epoch, backend, store, started } = this.#request;
        const tasks = this.#nodes.flatMap((node) => node.tasks.map(taskRecord));
        return {
            version: 1,
            runId,
            name: plan.lattice.name,
            file: plan.lattice.file,
            backend,
            store,
            epoch,
            status: this.#status,
            message: this.message(),
            started,
            ...(this.#ended === undefined ? {} : { ended: this.#ended }),
            counts: { ...this.#counts },
            electrons: this.#nodes.map((node) => electronRecord(node, this.#line(node))),
            tasks,
            outputs: this.#outputs.values,
            fileOutputs: this.#outputs.files,
            notices: [...this.#notices],
            running,
        };
    }
    /** The line that sums the run up. */
    message() {
        const waiting = [...this.#root.nodes.values()].filter((node) => node.excluded);
        const notes = [
            ...(this.#cancelling === undefined ? [] : [this.#cancelling.reason]),
            ...(waiting.length === 0 ? [] : [`${waiting.length} electrons left out by \`only\``]),
        ];
        return runMessage({
            status: this.#status,
            counts: this.#counts,
            causes: this.#causes,
            milliseconds: this.#now - this.#request.started,
            note: notes.length === 0 ? undefined : notes.join('; '),
        });
    }
    #line(node) {
        const { electron } = node;
        const known = this.#lines.get(electron);
        if (known !== undefined)
            return known;
        const text = this.#request.plan.sources.get(electron.location.file);
        const line = text === undefined ? 1 : (0,lib_lattice/* locate */.x5)(text, electron.location.span.start).line;
        this.#lines.set(electron, line);
        return line;
    }
    #move(task, state) {
        if (task.inner === undefined) {
            this.#counts[task.state]--;
            this.#counts[state]++;
        }
        task.state = state;
    }
    #later(step) {
        this.#work.push(step);
    }
    #notice(level, text, diagnostic) {
        this.#notices.push({ level, text });
        this.#emit({
            type: 'notice',
            at: this.#now,
            level,
            text,
            ...(diagnostic === undefined ? {} : { diagnostic }),
        });
    }
    #emitTask(task) {
        this.#emit({ type: 'task', at: this.#now, task: taskRecord(task) });
    }
    #emitElectron(node) {
        this.#emit({
            type: 'electron',
            at: this.#now,
            electron: electronRecord(node, this.#line(node)),
        });
    }
    #emit(event) {
        this.#commands.push({ type: 'emit', event });
    }
}
function blockedBy(node, partner) {
    const names = [];
    for (const need of node.needs) {
        if (need === node.partner && partner !== undefined) {
            if (partnerResult(partner) !== 'success')
                names.push(`${partner.id} (${partner.outcome ?? 'waiting'})`);
        }
        else if (need.result !== 'success')
            names.push(`${need.path} (${need.outcome ?? 'waiting'})`);
    }
    return names.length === 0
        ? 'something before its needs did not succeed'
        : `needs ${names.join(', ')}`;
}
/** The failure of a task that did not set an output which its electron declares. */
function missingOutput(task, result) {
    const declared = task.node.electron.outputs;
    if (declared === undefined)
        return undefined;
    const missing = [...declared.keys()].filter((name) => !(name in result.outputs));
    if (missing.length === 0)
        return undefined;
    return {
        class: 'expectation',
        cause: `did not set the declared output${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`,
        advice: 'Append name=value to $LATTICE_OUTPUT, or take the name out of `outputs`.',
    };
}

// EXTERNAL MODULE: ./node_modules/zod/v4/classic/schemas.js + 17 modules
var schemas = __webpack_require__(8816);
;// CONCATENATED MODULE: ./lib/engine/lease.js
/**
 * Who drives a run. The lease changes hands only by conditional writes, so of two drivers one wins; each new one has a
 * higher epoch. Its age is taken by the store's clock alone.
 */



const leaseSchema = schemas/* object */.Ikc({
    epoch: schemas/* number */.aig().int().nonnegative(),
    owner: schemas/* string */.YjP(),
    attempt: schemas/* number */.aig().int(),
    ttlSeconds: schemas/* number */.aig().nonnegative(),
});
const epochSchema = schemas/* object */.Ikc({ epoch: schemas/* number */.aig().int() });
/** Takes the lease, or says who holds it. An older attempt of the same job is waited for, since it is being ended. */
async function takeLease(request) {
    const { store, runId } = request;
    const key = leaseKey(runId);
    for (;;) {
        const stored = await store.read(key);
        const cancelled = await cancelEpoch(store, runId);
        const held = stored === undefined ? undefined : readLease(stored.body);
        if (held !== undefined && !request.isOwnerDead(held.owner)) {
            const left = await secondsLeft(store, key, held);
            if (left > 0) {
                if (held.attempt >= request.attempt || request.signal.aborted) {
                    throw new EngineError('busy', busyMessage(runId, held, left));
                }
                await request.clock.sleep(Math.min(left, 10) * 1000, request.signal);
                continue;
            }
        }
        const body = {
            epoch: Math.max(held?.epoch ?? 0, cancelled) + 1,
            owner: request.owner,
            attempt: request.attempt,
            ttlSeconds: request.ttlSeconds,
        };
        const text = JSON.stringify(body);
        const won = stored === undefined
            ? await store.create(key, text)
            : await store.replace(key, text, stored.etag);
        if (won)
            return new Lease(request, body);
    }
}
class Lease {
    #request;
    #body;
    constructor(request, body) {
        this.#request = request;
        this.#body = body;
    }
    get epoch() {
        return this.#body.epoch;
    }
    /** Throws when another driver has taken over: then nothing more may be launched or written. */
    async check() {
        await this.#current();
    }
    /** Makes it young again. */
    async renew() {
        await this.#write(this.#body);
    }
    /** Lets the next driver in at once. */
    async release() {
        await this.#write({ ...this.#body, ttlSeconds: 0 });
    }
    async #write(body) {
        const { store, runId } = this.#request;
        const stored = await this.#current();
        if (!(await store.replace(leaseKey(runId), JSON.stringify(body), stored.etag))) {
            await this.#current();
        }
    }
    async #current() {
        const { store, runId } = this.#request;
        const stored = await store.read(leaseKey(runId));
        const held = stored === undefined ? undefined : readLease(stored.body);
        if (stored === undefined || held?.epoch !== this.epoch || held.owner !== this.#body.owner) {
            throw new EngineError('taken-over', `Run ${runId} has been taken over by ${held?.owner ?? 'somebody who removed its lease'}; this driver leaves it alone`);
        }
        return stored;
    }
}
/** Highest epoch that was asked to stop; 0 for none. */
async function cancelEpoch(store, runId) {
    const stored = await store.read(cancelKey(runId));
    const parsed = stored === undefined ? undefined : epochSchema.safeParse(parse(stored.body));
    return parsed?.success ? parsed.data.epoch : 0;
}
/** The lease as it stands; undefined when there is none that can be read. */
async function currentLease(store, runId) {
    const stored = await store.read(leaseKey(runId));
    return stored === undefined ? undefined : readLease(stored.body);
}
function readLease(body) {
    const parsed = leaseSchema.safeParse(parse(body));
    return parsed.success ? parsed.data : undefined;
}
async function secondsLeft(store, key, held) {
    for await (const listed of store.list(key)) {
        if (listed.key === key) {
            return held.ttlSeconds - ((await store.now()) - listed.modified) / 1000;
        }
    }
    return 0;
}
function busyMessage(runId, held, left) {
    return (`Run ${runId} is being driven by ${held.owner}. ` +
        `Stop that one, or wait: its lease ends in ${Math.ceil(left)} s when it is dead. ` +
        'In a workflow, give steps that are to have runs of their own different values of `run-key`.');
}
function parse(body) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/engine/ports.js
/** A broken or refusing medium, in words that name the key and what to do. */
class StoreError extends Error {
    /** ENOSPC, EACCES, AccessDenied, … */
    code;
    constructor(code, message, options) {
        super(message, options);
        this.name = 'StoreError';
        this.code = code;
    }
}

;// CONCATENATED MODULE: ./lib/engine/contract.js
/**
 * What the driver and the entrypoint say to each other: the spec that is written before a task is launched and the
 * result that is its commit point. `entrypoint/contract.go` is the same text in Go; `docs/contract.md` explains it to
 * people. Unknown keys are ignored on both sides; a change of meaning raises the version.
 */

/** Version of the spec and of the result, raised when an old reader would misunderstand a new document. */
const CONTRACT_VERSION = 1;
/** Limits of one task; `docs/contract.md` lists them for users. */
const LIMITS = {
    /** Bytes of one output value. */
    outputBytes: 1024 * 1024,
    /** Bytes of all outputs of one task. */
    outputsBytes: 8 * 1024 * 1024,
    /** Bytes of one environment value: Linux's MAX_ARG_STRLEN. */
    environmentValueBytes: 128 * 1024,
    /** Bytes of a spec document. */
    specBytes: 32 * 1024 * 1024,
    /** Bytes of log that a result carries. */
    logTailBytes: 16 * 1024,
    /** Bytes of `$LATTICE_SUMMARY` that a result carries; more is cut with a note. */
    summaryBytes: 64 * 1024,
};
const json = schemas/* json */.Pq9();
const time = schemas/* number */.aig();
/** Files come from tasks, so their paths are not trusted: no absolute path, no `..`, no backslash, no NUL. */
const safePath = schemas/* string */.YjP()
    .refine((path) => path.length > 0 &&
    !path.startsWith('/') &&
    !/[\\\0]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..'), { message: 'not a relative path inside its folder' });
/** The result object, as read from a store that tasks can write to: nothing in it is trusted before this has parsed it. */
const taskResultSchema = schemas/* object */.Ikc({
    version: schemas/* number */.aig().int(),
    runId: schemas/* string */.YjP(),
    task: schemas/* string */.YjP(),
    attempt: schemas/* number */.aig().int().positive(),
    epoch: schemas/* number */.aig().int(),
    fingerprint: schemas/* string */.YjP(),
    status: schemas/* enum */.k5n([
        'succeeded',
        'failed',
        'timed-out',
        'cancelled',
        'interrupted',
        'staging-failed',
        'internal-error',
    ]),
    /** Null when the work never ran or was ended by a signal. */
    exitCode: schemas/* number */.aig().int().nullable(),
    /** For example SIGKILL. */
    signal: schemas/* string */.YjP().nullable(),
    outputs: schemas/* record */.g1P(schemas/* string */.YjP(), json),
    files: schemas/* array */.YOg(schemas/* object */.Ikc({
        path: safePath,
        size: schemas/* number */.aig().int().nonnegative(),
        sha256: schemas/* string */.YjP().regex(/^[0-9a-f]{64}$/),
        mode: schemas/* number */.aig().int(),
    })),
    /** Markdown from `$LATTICE_SUMMARY`; untrusted. */
    summary: schemas/* string */.YjP(),
    /** Store keys of JUnit reports relative to the attempt's folder: `reports/0.xml`. */
    junit: schemas/* array */.YOg(safePath),
    /** Milliseconds since the Unix epoch, by the task's own clock; null where a phase was not reached. */
    times: schemas/* object */.Ikc({
        started: time,
        stagedIn: time.nullable(),
        workStarted: time.nullable(),
        workEnded: time.nullable(),
        ended: time,
    }),
    usage: schemas/* object */.Ikc({
        /** Bytes, the largest resident set of any process of the work. */
        maxRssBytes: schemas/* number */.aig(),
        /** User and system time of the work. */
        cpuSeconds: schemas/* number */.aig(),
    }),
    log: schemas/* object */.Ikc({
        /** Bytes of the whole log, before head and tail were kept. */
        size: schemas/* number */.aig().int().nonnegative(),
        sha256: schemas/* string */.YjP(),
        /** The last 16 KB, UTF-8, invalid bytes replaced. */
        tail: schemas/* string */.YjP(),
    }),
    /** Null when it succeeded. */
    error: schemas/* object */.Ikc({
        /**
         * exit, signal, exception, timeout, oom, setup, spawn (the program could not be started), output (a bad or too
         * large output), stage-in, stage-out, cancelled, lease, interrupted, internal.
         */
        class: schemas/* string */.YjP(),
        message: schemas/* string */.YjP(),
        traceback: schemas/* string */.YjP().nullable(),
    })
        .nullable(),
    warnings: schemas/* array */.YOg(schemas/* string */.YjP()),
});

;// CONCATENATED MODULE: ./lib/engine/prior.js



const claimSchema = schemas/* object */.Ikc({
    work: schemas/* array */.YOg(schemas/* object */.Ikc({ fingerprint: schemas/* string */.YjP(), task: schemas/* string */.YjP() })).min(1),
    parts: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()).optional(),
});
class Prior {
    #store;
    #runId;
    /** Highest attempt that anything is known of. */
    #attempts = new Map();
    /** Attempts with a result, ascending. */
    #results = new Map();
    #keysOf = new Map();
    #byFingerprint = new Map();
    /** Told of results that cannot be understood. */
    #notice;
    constructor(store, runId, notice) {
        this.#store = store;
        this.#runId = runId;
        this.#notice = notice;
    }
    /** Lists what is there; to be called once before anything is asked. */
    async load() {
        const claims = tasksPrefix(this.#runId);
        for await (const { key } of this.#store.list(claims)) {
            const claim = parseClaimKey(key.slice(claims.length));
            if (claim !== undefined)
                this.#saw(claim.task, claim.attempt);
        }
        const results = resultsPrefix(this.#runId);
        for await (const { key } of this.#store.list(results)) {
            const result = parseResultKey(key.slice(results.length));
            if (result === undefined)
                continue;
            this.#saw(result.task, result.attempt);
            const known = this.#results.get(result.task);
            if (known === undefined) {
                this.#results.set(result.task, [result.attempt]);
                const electron = electronOf(result.task);
                const keys = this.#keysOf.get(electron);
                if (keys === undefined)
                    this.#keysOf.set(electron, [result.task]);
                else
                    keys.push(result.task);
            }
            else
                known.push(result.attempt);
        }
        for (const attempts of this.#results.values())
            attempts.sort((left, right) => left - right);
    }
    #saw(task, attempt) {
        this.#attempts.set(task, Math.max(attempt, this.#attempts.get(task) ?? 0));
    }
    /** Highest attempt number that is taken; 0 when none is. */
    attempts(task) {
        return this.#attempts.get(task) ?? 0;
    }
    /** The newest good result of this fingerprint: the task's own, else of another task of its electron. */
    async find(task, fingerprint) {
        for (const attempt of this.#results.get(task)?.toReversed() ?? []) {
            const result = await this.#read(task, attempt);
            if (result?.status === 'succeeded' && result.fingerprint === fingerprint)
                return result;
        }
        const electron = electronOf(task);
        // An electron without index has no other tasks.
        if (electron === task || !this.#keysOf.has(electron))
            return undefined;
        let known = this.#byFingerprint.get(electron);
        if (known === undefined) {
            known = this.#index(electron);
            this.#byFingerprint.set(electron, known);
        }
        return (await known).get(fingerprint);
    }
    /** All good results of an electron, for a matrix whose indices have moved. */
    async #index(electron) {
        const found = new Map();
        for (const key of this.#keysOf.get(electron) ?? []) {
            for (const attempt of this.#results.get(key) ?? []) {
                const result = await this.#read(key, attempt);
                if (result?.status === 'succeeded')
                    found.set(result.fingerprint, result);
            }
        }
        return found;
    }
    async #read(task, attempt) {
        const read = await readResult(this.#store, this.#runId, task, attempt);
        if (read.kind === 'corrupt')
            this.#notice(read.message);
        return read.kind === 'result' ? read.result : undefined;
    }
    /** The newest claim of a task. */
    async claim(task) {
        const attempt = this.attempts(task);
        if (attempt === 0)
            return undefined;
        const stored = await this.#store.read(specKey(this.#runId, task, attempt));
        const parsed = stored === undefined ? undefined : claimSchema.safeParse(prior_parse(stored.body));
        const work = parsed?.success ? parsed.data.work[0] : undefined;
        if (!parsed?.success || work === undefined)
            return undefined;
        return { attempt, fingerprint: work.fingerprint, parts: parsed.data.parts ?? {} };
    }
}
function electronOf(task) {
    return task.replace(/\/\d+$/, '');
}
/** Reads and checks a result; tasks can write to the store, so nothing in it is believed. */
async function readResult(store, runId, task, attempt) {
    const key = resultKey(runId, task, attempt);
    const stored = await store.read(key);
    if (stored === undefined)
        return { kind: 'none' };
    const corrupt = (why) => ({
        kind: 'corrupt',
        message: `The result ${key} cannot be used (${why}), so attempt ${attempt} of ${task} counts as lost`,
    });
    const value = prior_parse(stored.body);
    if (value === undefined)
        return corrupt('no JSON');
    const parsed = taskResultSchema.safeParse(value);
    if (!parsed.success) {
        const issue = parsed.error.issues[0];
        return corrupt(issue === undefined ? 'not a result' : `${issue.path.join('.')}: ${issue.message}`);
    }
    const result = parsed.data;
    if (result.version !== 1)
        return corrupt(`version ${result.version}`);
    if (result.runId !== runId || result.task !== task || result.attempt !== attempt) {
        return corrupt('it says it is of another attempt');
    }
    return { kind: 'result', result };
}
function prior_parse(body) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/engine/stored-run.js
/** What the store holds of a run besides its tasks: `run.json` for who goes on with it, the record for who looks. */




const object = schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* json */.Pq9());
const versioned = schemas/* object */.Ikc({ version: schemas/* number */.aig() });
const storedRunSchema = schemas/* object */.Ikc({
    version: schemas/* number */.aig(),
    runId: schemas/* string */.YjP(),
    name: schemas/* string */.YjP(),
    file: schemas/* string */.YjP(),
    folder: schemas/* string */.YjP(),
    backend: schemas/* string */.YjP(),
    started: schemas/* number */.aig(),
    generation: schemas/* number */.aig(),
    inputs: object,
    secretInputs: schemas/* array */.YOg(schemas/* string */.YjP()),
    github: object,
    sources: schemas/* record */.g1P(schemas/* string */.YjP(), schemas/* string */.YjP()),
    options: schemas/* object */.Ikc({
        maxParallel: schemas/* number */.aig().exactOptional(),
        maxTasks: schemas/* number */.aig(),
        timeoutMinutes: schemas/* number */.aig().exactOptional(),
        cache: schemas/* enum */.k5n(['read-write', 'read', 'off']),
        only: schemas/* array */.YOg(schemas/* string */.YjP()),
        rerun: schemas/* array */.YOg(schemas/* string */.YjP()),
    }),
});
const summarySchema = schemas/* object */.Ikc({
    version: schemas/* number */.aig(),
    runId: schemas/* string */.YjP(),
    name: schemas/* string */.YjP(),
    file: schemas/* string */.YjP(),
    status: schemas/* enum */.k5n(['running', 'succeeded', 'failed', 'cancelled']),
    started: schemas/* number */.aig(),
    ended: schemas/* number */.aig().exactOptional(),
    message: schemas/* string */.YjP(),
    unfinished: schemas/* boolean */.zMY(),
});
/** The `run.json` of a run that begins. */
function describeRun(request) {
    const { plan, runId } = request;
    return {
        version: STORE_VERSION,
        runId,
        name: plan.lattice.name,
        file: plan.lattice.file,
        folder: plan.lattice.folder,
        backend: request.backend,
        started: request.started,
        generation: Number(/-(\d+)$/.exec(runId)?.[1] ?? 1),
        inputs: plan.inputs,
        secretInputs: plan.secretInputs,
        github: plan.context.github,
        sources: Object.fromEntries(plan.sources),
        options: request.options,
    };
}
/** Refuses a store that a newer version has written; marks one that has no mark yet when `write` is set. */
async function checkFormat(store, write) {
    const stored = await store.read(FORMAT_KEY);
    if (stored === undefined) {
        if (write)
            await store.create(FORMAT_KEY, `${JSON.stringify({ version: STORE_VERSION })}\n`);
        return;
    }
    const parsed = versioned.safeParse(stored_run_parse(stored.body));
    if (!parsed.success) {
        throw new EngineError('corrupt', `${store.address}/${FORMAT_KEY} cannot be read; if the store is good otherwise, remove that file`);
    }
    refuseNewer(parsed.data.version, store.address);
}
function refuseNewer(version, what) {
    if (version <= STORE_VERSION)
        return;
    throw new EngineError('newer-version', `${what} was written by a newer version (format ${version}; this one knows ${STORE_VERSION}). ` +
        'Update, or use another store. Nothing was changed.');
}
/** What `run.json` holds; undefined when there is no such run. */
async function readRun(store, runId) {
    const stored = await store.read(runKey(runId));
    if (stored === undefined)
        return undefined;
    const value = stored_run_parse(stored.body);
    const version = versioned.safeParse(value);
    if (version.success)
        refuseNewer(version.data.version, `Run ${runId}`);
    const parsed = storedRunSchema.safeParse(value);
    if (!parsed.success) {
        throw new EngineError('corrupt', `${store.address}/${runKey(runId)} is damaged; start a new run`);
    }
    return parsed.data;
}
/** The record as it was last saved. */
async function stored_run_readRecord(store, runId) {
    const stored = await store.read(recordKey(runId));
    if (stored === undefined)
        return undefined;
    const value = stored_run_parse(stored.body);
    const version = versioned.safeParse(value);
    if (!version.success) {
        throw new EngineError('corrupt', `${store.address}/${recordKey(runId)} is damaged; resume the run to make it anew`);
    }
    refuseNewer(version.data.version, `Run ${runId}`);
    return value;
}
/** Saves the record and its head. */
async function saveRecord(store, record) {
    await store.write(recordKey(record.runId), JSON.stringify(record));
    await store.write(summaryKey(record.runId), JSON.stringify({ version: STORE_VERSION, ...summaryOf(record) }));
}
function summaryOf(record) {
    const { runId, name, file, status, started, ended, message, counts } = record;
    const left = record.electrons.some((electron) => electron.outcome === undefined);
    return {
        runId,
        name,
        file,
        status,
        started,
        ...(ended === undefined ? {} : { ended }),
        message,
        unfinished: status !== 'succeeded' || left || counts.waiting > 0,
    };
}
/** All runs of a store, oldest first. One that cannot be read is left out. */
async function listRuns(store) {
    await checkFormat(store, false);
    const runs = [];
    for (const runId of await runIds(store)) {
        const summary = await readSummary(store, runId);
        if (summary !== undefined)
            runs.push(summary);
    }
    return runs.sort((left, right) => left.started - right.started);
}
/** Ids of runs, found by jumping from one to the next instead of listing everything in them. */
async function runIds(store) {
    const ids = [];
    let after;
    for (;;) {
        let next;
        for await (const { key } of store.list(RUNS_PREFIX, after)) {
            next = key.slice(RUNS_PREFIX.length).split('/')[0];
            break;
        }
        if (next === undefined)
            return ids;
        ids.push(next);
        // '0' follows '/', so this comes after every key of that run.
        after = `${RUNS_PREFIX}${next}0`;
    }
}
async function readSummary(store, runId) {
    const stored = await store.read(summaryKey(runId));
    const parsed = stored === undefined ? undefined : summarySchema.safeParse(stored_run_parse(stored.body));
    if (parsed?.success && parsed.data.version <= STORE_VERSION) {
        const { version: _, ...summary } = parsed.data;
        return { ...summary, runId };
    }
    const run = storedRunSchema.safeParse(stored_run_parse((await store.read(runKey(runId)))?.body));
    if (!run.success || run.data.version > STORE_VERSION)
        return undefined;
    return {
        runId,
        name: run.data.name,
        file: run.data.file,
        status: 'running',
        started: run.data.started,
        message: 'begun',
        unfinished: true,
    };
}
/** Asks the driver of a run to end it, wherever that driver is. */
async function requestStop(store, runId) {
    if ((await readRun(store, runId)) === undefined) {
        throw new EngineError('unknown-run', `There is no run ${runId} in ${store.address}`);
    }
    const lease = await currentLease(store, runId);
    const epoch = lease?.epoch ?? 1;
    if ((await cancelEpoch(store, runId)) < epoch) {
        await store.write(cancelKey(runId), JSON.stringify({ epoch }));
    }
}
function stored_run_parse(body) {
    if (body === undefined)
        return undefined;
    try {
        return JSON.parse(new TextDecoder().decode(body));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/engine/driver.js






/** Between two looks at the cancel object. */
const CANCEL_POLL = 2000;
/** Between two saves of the record: longer when it is long, since each writes all of it. */
const SAVE_EVERY = 2000;
const SAVE_EVERY_PER_TASK = 2;
class Driver {
    #request;
    #ports;
    #core;
    #queue = [];
    /** Everything under way; the run is not over before it is. */
    #pending = new Set();
    /** Launched attempts by task key, so that what is to be stopped can be told from what never started. */
    #launching = new Set();
    #stopped = new Set();
    #wake;
    #fatal;
    #armed;
    #changed = false;
    #next;
    #deadlineTold = false;
    constructor(request) {
        this.#request = request;
        this.#ports = request.ports;
        this.#core = request.core;
        const now = request.ports.clock.now();
        this.#next = {
            save: now + SAVE_EVERY,
            renew: now + request.renewSeconds * 1000,
            poll: now + CANCEL_POLL,
        };
    }
    /** What a backend reports. */
    report(event) {
        switch (event.type) {
            case 'started':
                this.#push({ type: 'started', task: event.attempt.task, attempt: event.attempt.attempt });
                return;
            case 'log':
                this.#push({ type: 'log', task: event.attempt.task, text: event.text });
                return;
            case 'notice':
                this.#push({ type: 'notice', level: event.level, text: event.text });
                return;
            case 'ended':
                this.#perform(() => this.#attemptEnded(event));
                return;
        }
    }
    notice(text) {
        this.#push({ type: 'notice', level: 'warning', text });
    }
    /** Runs to the end. */
    async drive(signal) {
        const cancel = () => {
            const reason = signal.reason;
            this.#cancel(typeof reason === 'string' ? reason : 'cancelled by the user');
        };
        this.#push({ type: 'begin' });
        this.#perform(() => this.#save());
        if (signal.aborted)
            cancel();
        else
            signal.addEventListener('abort', cancel, { once: true });
        try {
            for (;;) {
                this.#drain();
                if (this.#core.finished && this.#pending.size === 0 && this.#queue.length === 0)
                    break;
                this.#arm();
                await new Promise((resolve) => {
                    this.#wake = resolve;
                });
                this.#wake = undefined;
                this.#elapse();
            }
        }
        finally {
            signal.removeEventListener('abort', cancel);
            this.#armed?.controller.abort();
        }
        return this.#end();
    }
    async #end() {
        const { backend, listener, clock, store } = this.#ports;
        const { running } = await backend.close();
        const record = this.#core.record(running);
        const ours = !(this.#fatal?.error instanceof EngineError && this.#fatal.error.code === 'taken-over');
        if (ours) {
            try {
                await this.#request.lease.check();
                await saveRecord(store, record);
                await this.#request.lease.release();
            }
            catch (error) {
                this.#fatal ??= { error };
            }
        }
        listener({ type: 'run-ended', at: clock.now(), status: record.status, record });
        if (this.#fatal !== undefined)
            throw this.#fatal.error;
        return record;
    }
    #push(event) {
        this.#queue.push({ ...event, at: this.#ports.clock.now() });
        this.#wake?.();
    }
    /** Starts something that takes time; an error of it ends the run. */
    #perform(work) {
        const promise = work()
            .catch((error) => {
            this.#fail(error);
        })
            .finally(() => {
            this.#pending.delete(promise);
            this.#wake?.();
        });
        this.#pending.add(promise);
    }
    #fail(error) {
        if (this.#fatal !== undefined)
            return;
        this.#fatal = { error };
        this.#push({ type: 'cancel', why: 'error', reason: inOneLine(error) });
    }
    #cancel(reason) {
        // The cancel object comes first: it reaches also what this driver cannot stop.
        this.#perform(async () => {
            const { store } = this.#ports;
            await store.write(cancelKey(this.#request.runId), JSON.stringify({ epoch: this.#request.lease.epoch }));
        });
        this.#push({ type: 'cancel', why: 'user', reason });
    }
    #drain() {
        const launches = [];
        for (let place = 0; place < this.#queue.length; place++) {
            const event = this.#queue[place];
            if (event === undefined)
                continue;
            for (const command of this.#core.handle(event))
                this.#obey(command, launches);
        }
        this.#queue.length = 0;
        if (launches.length > 0)
            this.#perform(() => this.#launch(launches));
    }
    #obey(command, launches) {
        switch (command.type) {
            case 'emit':
                if (command.event.type === 'task')
                    this.#changed = true;
                this.#ports.listener(command.event);
                return;
            case 'prepare':
                this.#perform(() => this.#prepare(command.task));
                return;
            case 'launch':
                this.#launching.add(command.task);
                launches.push(command.task);
                return;
            case 'stop':
                this.#perform(() => this.#stop(command.tasks, command.reason));
                return;
            case 'resolve':
                this.#perform(() => this.#resolve(command));
                return;
            case 'remember':
                this.#perform(() => this.#request.preparer.remember(command.task, command.result));
                return;
        }
    }
    async #prepare(task) {
        try {
            const preparation = await this.#request.preparer.prepare(task);
            if (task.outcome !== undefined)
                this.#request.preparer.forget(task);
            this.#push({ type: 'prepared', task, preparation });
        }
        catch (error) {
            this.#fail(error);
            const failure = { class: 'internal', cause: inOneLine(error) };
            this.#push({ type: 'prepared', task, preparation: { kind: 'bad', failure } });
        }
    }
    async #launch(tasks) {
        try {
            await this.#request.lease.check();
        }
        catch (error) {
            this.#fail(error);
            for (const task of tasks)
                this.#neverStarted(task);
            return;
        }
        for (const task of tasks) {
            if (this.#stopped.has(task) || this.#fatal !== undefined) {
                this.#neverStarted(task);
                continue;
            }
            this.#launching.delete(task);
            const request = this.#request.preparer.take(task);
            this.#perform(() => this.#ports.backend.launch(request, (event) => this.report(event)));
        }
    }
    #neverStarted(task) {
        this.#launching.delete(task);
        this.#request.preparer.forget(task);
        this.#push({
            type: 'ended',
            task: task.key,
            attempt: task.attempt,
            end: { kind: 'stopped' },
            result: undefined,
        });
    }
    async #stop(tasks, reason) {
        const started = tasks.filter((task) => {
            if (!this.#launching.has(task))
                return true;
            this.#stopped.add(task);
            return false;
        });
        if (started.length === 0)
            return;
        const { runId } = this.#request;
        await this.#ports.backend.stop(started.map((task) => ({ runId, task: task.key, attempt: task.attempt })), reason);
    }
    async #attemptEnded(event) {
        const { task, attempt } = event.attempt;
        const ended = { type: 'ended', task, attempt, end: event.end };
        try {
            const read = await readResult(this.#ports.store, this.#request.runId, task, attempt);
            if (read.kind === 'corrupt')
                this.notice(read.message);
            this.#push({ ...ended, result: read.kind === 'result' ? read.result : undefined });
        }
        catch (error) {
            this.#fail(error);
            this.#push({ ...ended, result: undefined });
        }
    }
    async #resolve(command) {
        const { node, sources } = command;
        const values = new Map();
        for (const [name, source] of sources) {
            const answer = await this.#ports.sources.dimension(source);
            if (!answer.ok) {
                this.#push({ type: 'dimensions', node, answer });
                return;
            }
            values.set(name, answer.value);
        }
        this.#push({ type: 'dimensions', node, answer: { ok: true, values } });
    }
    // --- time -------------------------------------------------------------------------------------------------------
    /** Sleeps until the next thing is due; a sleep that ends no later is left alone. */
    #arm() {
        const { deadline } = this.#request;
        const at = Math.min(this.#core.wakeAt ?? Infinity, this.#next.renew, this.#next.poll, this.#changed ? this.#next.save : Infinity, deadline === undefined || this.#deadlineTold ? Infinity : deadline.at);
        if (this.#armed !== undefined && this.#armed.at <= at)
            return;
        this.#armed?.controller.abort();
        const armed = { at, controller: new AbortController() };
        this.#armed = armed;
        void this.#sleep(armed);
    }
    async #sleep(armed) {
        const { clock } = this.#ports;
        await clock.sleep(Math.max(0, armed.at - clock.now()), armed.controller.signal);
        if (this.#armed !== armed)
            return;
        this.#armed = undefined;
        this.#wake?.();
    }
    #elapse() {
        const now = this.#ports.clock.now();
        const { deadline } = this.#request;
        if ((this.#core.wakeAt ?? Infinity) <= now)
            this.#push({ type: 'tick' });
        if (this.#fatal !== undefined || this.#core.finished)
            return;
        if (deadline !== undefined && !this.#deadlineTold && deadline.at <= now) {
            this.#deadlineTold = true;
            const reason = `the run has reached its limit of ${deadline.minutes} minutes`;
            this.#push({ type: 'cancel', why: 'timeout', reason });
        }
        if (this.#next.renew <= now) {
            this.#next.renew = Infinity;
            this.#perform(async () => {
                await this.#request.lease.renew();
                this.#next.renew = this.#ports.clock.now() + this.#request.renewSeconds * 1000;
            });
        }
        if (this.#next.poll <= now) {
            this.#next.poll = Infinity;
            this.#perform(async () => {
                const asked = await cancelEpoch(this.#ports.store, this.#request.runId);
                if (asked >= this.#request.lease.epoch) {
                    this.#push({ type: 'cancel', why: 'user', reason: 'a stop was asked for' });
                }
                else
                    this.#next.poll = this.#ports.clock.now() + CANCEL_POLL;
            });
        }
        if (this.#changed && this.#next.save <= now) {
            this.#next.save = Infinity;
            this.#perform(() => this.#save());
        }
    }
    async #save() {
        this.#changed = false;
        const record = this.#core.record();
        await saveRecord(this.#ports.store, record);
        this.#next.save =
            this.#ports.clock.now() + Math.max(SAVE_EVERY, record.tasks.length * SAVE_EVERY_PER_TASK);
    }
}
/** An error as the reason of a cancelled run. */
function inOneLine(error) {
    if (error instanceof EngineError)
        return error.message;
    if (error instanceof StoreError)
        return `the store failed: ${error.message}`;
    return `internal error: ${error instanceof Error ? error.message : String(error)}`;
}

;// CONCATENATED MODULE: ./lib/engine/cache.js
/** Known results of any run, by fingerprint. Trouble with the cache never fails a run: there is then no hit. */



const entrySchema = schemas/* object */.Ikc({
    version: schemas/* literal */.euz(1),
    runId: schemas/* string */.YjP(),
    task: schemas/* string */.YjP(),
    attempt: schemas/* number */.aig().int().positive(),
});
class KnownResults {
    #store;
    #mode;
    constructor(store, mode) {
        this.#store = store;
        this.#mode = mode;
    }
    /** A good result of this fingerprint whose files are all still there. */
    async find(fingerprint) {
        if (this.#mode === 'off')
            return undefined;
        const stored = await this.#store.read(cacheKey(fingerprint));
        if (stored === undefined)
            return undefined;
        const parsed = entrySchema.safeParse(cache_parse(stored.body));
        if (!parsed.success)
            return undefined;
        const runId = parsed.data.runId;
        const task = parsed.data.task;
        const { attempt } = parsed.data;
        const read = await readResult(this.#store, runId, task, attempt);
        if (read.kind !== 'result')
            return undefined;
        const { result } = read;
        if (result.status !== 'succeeded' || result.fingerprint !== fingerprint)
            return undefined;
        const filesAt = filesPrefix(runId, task, attempt);
        if (result.files.length > 0 && !(await this.#complete(filesAt, result)))
            return undefined;
        return { result, filesAt, logAt: logKey(runId, task, attempt) };
    }
    async #complete(filesAt, result) {
        const sizes = new Map();
        for await (const { key, size } of this.#store.list(filesAt)) {
            sizes.set(key.slice(filesAt.length), size);
        }
        return result.files.every((file) => sizes.get(file.path) === file.size);
    }
    /** Makes a result known to later runs; the newest wins. */
    async remember(result) {
        if (this.#mode !== 'read-write')
            return;
        await this.#store.write(cacheKey(result.fingerprint), JSON.stringify({
            version: 1,
            runId: result.runId,
            task: result.task,
            attempt: result.attempt,
        }));
    }
}
function cache_parse(body) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/base/canonical.js
/** JSON with the keys of every mapping in code unit order and no spaces: equal values give equal texts. */
function canonical(value) {
    if (value === null || typeof value !== 'object')
        return JSON.stringify(value);
    if (Array.isArray(value))
        return `[${value.map((item) => canonical(item)).join(',')}]`;
    const map = value;
    const entries = Object.keys(map)
        .sort()
        .map((key) => `${JSON.stringify(key)}:${canonical(map[key] ?? null)}`);
    return `{${entries.join(',')}}`;
}

;// CONCATENATED MODULE: ./lib/engine/fingerprint.js
/**
 * What decides what a task computes, as one hash per part. The fingerprint is the hash of all parts; the parts
 * themselves are kept in the claim, so that a later run can say which of them changed.
 *
 * Not a part: resources, timeouts, retries, the index and the names for display. They decide whether and where a task
 * runs, not what it computes.
 */


/** Lower-case hexadecimal SHA-256. */
function sha256(data) {
    return (0,external_node_crypto_.createHash)('sha256').update(data).digest('hex');
}
/** The hash of one part, short: it is only compared with itself. */
function partHash(value) {
    return sha256(canonical(value)).slice(0, 32);
}
function fingerprintOf(parts) {
    return sha256(canonical(parts));
}
/** Why a task runs again: the first part that is not as it was, in words. */
function whatChanged(before, now) {
    const names = [...new Set([...Object.keys(now), ...Object.keys(before)])]
        .filter((name) => before[name] !== now[name])
        .sort((left, right) => order(left) - order(right) || (left < right ? -1 : 1));
    const [first] = names;
    if (first === undefined)
        return 'nothing changed';
    const more = names.length - 1;
    return `${inWords(first, before, now)}${more === 0 ? '' : ` and ${more} more`}`;
}
const ORDER = ['work', 'setup', 'cleanup', 'with', 'env', 'secrets', 'needs', 'each', 'files'];
function order(part) {
    const place = ORDER.indexOf(part.split('.')[0] ?? '');
    return place === -1 ? ORDER.length : place;
}
function inWords(part, before, now) {
    const [head = '', ...rest] = part.split('.');
    const name = rest.join('.');
    const how = !(part in before) ? 'is new' : !(part in now) ? 'is gone' : 'changed';
    switch (head) {
        case 'work':
            return 'the script or command changed';
        case 'with':
            return `input ${name} ${how}`;
        case 'env':
            return `environment variable ${name} ${how}`;
        case 'needs':
            return `what ${name} gives ${how}`;
        case 'each':
            return 'what its partner gives changed';
        case 'files':
            return `${part.startsWith('files.in.') ? `input file ${part.slice('files.in.'.length)}` : part} ${how}`;
        case 'content':
            return 'the code or data in the workspace changed';
        default:
            return `${part} ${how}`;
    }
}

;// CONCATENATED MODULE: ./lib/engine/content.js



class Content {
    #sources;
    #store;
    #digests = new Map();
    #views = new Map();
    constructor(sources, store) {
        this.#sources = sources;
        this.#store = store;
    }
    /**
     * The digest of what a lattice's tasks run: its image's build context and its workspace, else `cache.files`, else
     * everything in its folder. Each distinct set of files is read once per run.
     */
    async identity(lattice, contexts, cacheFiles) {
        const globs = [];
        if (lattice.image?.kind === 'build') {
            const context = (0,lib_lattice/* renderString */.G4)(lattice.image.context, contexts);
            if (!context.ok)
                return { known: false, why: context.error.message };
            const folder = context.value.replace(/\/+$/, '');
            globs.push(folder === '.' || folder === '' ? '**' : `${folder}/**`);
        }
        if (lattice.workspace !== undefined)
            globs.push(...lattice.workspace);
        if (globs.length === 0)
            globs.push(...(cacheFiles ?? ['**']));
        else if (cacheFiles !== undefined)
            globs.push(...cacheFiles);
        const key = JSON.stringify([lattice.folder, globs]);
        let digest = this.#digests.get(key);
        if (digest === undefined) {
            digest = this.#digest(lattice.folder, globs);
            this.#digests.set(key, digest);
        }
        return digest;
    }
    async #digest(folder, globs) {
        const answer = await this.#sources.digest({ folder, globs });
        return answer.ok
            ? { known: true, value: answer.value.digest }
            : { known: false, why: answer.message };
    }
    /** The stored list of a lattice's files, for tasks that get a private working directory. */
    async view(lattice) {
        let view = this.#views.get(lattice);
        if (view === undefined) {
            view = this.#makeView(lattice);
            this.#views.set(lattice, view);
        }
        return view;
    }
    async #makeView(lattice) {
        const files = await this.#sources.files({
            folder: lattice.folder,
            globs: lattice.workspace ?? ['**'],
        });
        if (!files.ok)
            return files;
        const text = JSON.stringify(files.value);
        const hash = sha256(text);
        await this.#store.create(blobKey(hash), text);
        return { ok: true, list: blobKey(hash), sha256: hash };
    }
}

;// CONCATENATED MODULE: ./lib/engine/documents.js


const documents = new WeakMap();
/** The document of an ended electron; made once. */
function needDocument(node) {
    const known = documents.get(node);
    if (known !== undefined)
        return known;
    const tasks = node.placeholder ? [] : node.tasks;
    const document = {
        electron: node.electron.id,
        width: String(Math.max(0, tasks.length - 1)).length,
        tasks: tasks.map((task) => ({
            id: task.id,
            index: task.index,
            matrix: task.matrix,
            result: taskResult(task),
            outputs: task.outputs,
            filesAt: task.filesAt ?? null,
            files: task.files,
        })),
    };
    const text = JSON.stringify(document);
    const made = {
        text,
        sha256: sha256(text),
        identity: partHash(tasks.map((task) => given(task, taskResult(task)))),
    };
    documents.set(node, made);
    return made;
}
/** What a task gives to others, without where it stands: equal in another run with equal results. */
function given(task, result) {
    return {
        index: task.index,
        matrix: task.matrix,
        result,
        outputs: task.outputs,
        files: task.files.map((entry) => [entry.path, entry.sha256, entry.mode]),
    };
}

// EXTERNAL MODULE: ./lib/lattice/fargate-sizes.js
var fargate_sizes = __webpack_require__(831);
;// CONCATENATED MODULE: ./lib/engine/resources.js
/** What an attempt runs on: as the electron says, with more memory after attempts that ran out of it. */

/** Multiplies the memory and rounds up to the next size on offer, with more vCPU where that size asks for it. */
function withMoreMemory(resources, factor, times) {
    if (times === 0 || factor <= 1)
        return resources;
    const wanted = resources.memory * factor ** times;
    for (const [vcpu, memories] of fargate_sizes/* FARGATE_SIZES */.qi) {
        if (vcpu < resources.vcpu)
            continue;
        const memory = memories.find((size) => size >= wanted);
        if (memory !== undefined)
            return { ...resources, vcpu, memory };
    }
    const largest = [...fargate_sizes/* FARGATE_SIZES */.qi].at(-1);
    return largest === undefined
        ? resources
        : { ...resources, vcpu: largest[0], memory: Math.max(...largest[1]) };
}

;// CONCATENATED MODULE: ./lib/engine/work.js






/** Thrown inside this file only: the first template that cannot be rendered ends the rendering. */
class Unrenderable extends Error {
    failure;
    constructor(failure) {
        super(failure.cause);
        this.failure = failure;
    }
}
/** The rendered work, or the failure of the task that met a mistake. */
function renderWork(facts, task) {
    try {
        return (0,result.ok)(work_renderAll(facts, task));
    }
    catch (error) {
        if (error instanceof Unrenderable)
            return (0,result/* err */._)(error.failure);
        throw error;
    }
}
function work_renderAll(facts, task) {
    const { electron, scope } = task.node;
    const bare = taskContexts(facts, task);
    const env = need(renderEnvironment(scope.lattice, electron, bare));
    const contexts = { ...bare, env };
    for (const [name, text] of Object.entries(env)) {
        if (text.length * 3 > LIMITS.environmentValueBytes)
            checkLength(name, text);
    }
    const inputs = electron.with === undefined ? {} : work_json(electron.with, contexts);
    if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
        throw new Unrenderable({ class: 'expression', cause: '`with` gives no mapping' });
    }
    const shell = electron.shell === undefined ? undefined : string(electron.shell, contexts);
    const resources = (0,lib_lattice/* resolveResources */.kZ)(electron, contexts);
    if (!resources.ok)
        throw new Unrenderable(expressionFailure(resources.error));
    const needsFiles = new Map();
    for (const [id, globs] of electron.filesNeeds.only) {
        needsFiles.set(id, globs.map((glob) => string(glob, contexts)));
    }
    return {
        name: electron.name === undefined ? task.id : string(electron.name, contexts),
        work: renderStep(task, contexts),
        setup: step(electron.setup, shell, contexts),
        cleanup: step(electron.cleanup, shell, contexts),
        inputs: inputs,
        env,
        secrets: strings(electron.secrets, contexts),
        filesIn: electron.filesIn.map((file) => ({
            from: string(file.from, contexts),
            to: file.to === undefined ? undefined : string(file.to, contexts),
            optional: file.optional,
            sha256: file.sha256 === undefined ? undefined : string(file.sha256, contexts),
        })),
        filesOut: electron.filesOut.map((rule) => 'glob' in rule
            ? { glob: string(rule.glob, contexts) }
            : { from: string(rule.from, contexts), to: string(rule.to, contexts) }),
        junit: electron.junit.map((glob) => string(glob, contexts)),
        checkpointSeconds: electron.checkpointEveryMinutes === undefined
            ? undefined
            : Math.max(1, 60 *
                need(numberSetting('checkpoint', electron.checkpointEveryMinutes, contexts, {
                    least: 0,
                    whole: false,
                }))),
        needsFiles,
        cache: need(truthSetting(electron.cache.enabled, contexts)),
        cacheKey: electron.cache.key === undefined ? undefined : string(electron.cache.key, contexts),
        cacheFiles: electron.cache.files?.map((glob) => string(glob, contexts)),
        resources: resources.value,
    };
}
function renderStep(task, contexts) {
    const { work, shell: own } = task.node.electron;
    switch (work.kind) {
        case 'run': {
            const template = work.shell ?? own;
            const shell = template === undefined ? undefined : string(template, contexts);
            return {
                kind: 'run',
                script: string(work.script, contexts),
                shell: shellWords(shell),
                extension: shell !== undefined && /(^|[\s/])python[\d.]*(\s|$)/.test(shell) ? '.py' : '.sh',
            };
        }
        case 'command': {
            const words = work_json(work.words, contexts);
            if (!Array.isArray(words) || words.length === 0) {
                throw new Unrenderable({ class: 'expression', cause: '`command` gives no list of words' });
            }
            return {
                kind: 'command',
                words: words.map((word) => typeof word === 'object' && word !== null ? JSON.stringify(word) : String(word ?? '')),
            };
        }
        case 'call':
            return { kind: 'call', file: work.file, function: work.function, language: work.language };
        case 'image':
            return { kind: 'image' };
        case 'uses':
            throw new Error('Internal error: a lattice is no work of a task');
    }
}
/** Argument vectors of the shells that have names, as in GitHub workflows; anything else is words with a `{0}`. */
function shellWords(shell) {
    switch (shell) {
        case undefined:
        case '':
            return null;
        case 'bash':
            return ['bash', '--noprofile', '--norc', '-e', '-o', 'pipefail', '{0}'];
        case 'sh':
            return ['sh', '-e', '{0}'];
        case 'python':
            return ['python3', '{0}'];
        default: {
            const words = shell.split(/\s+/).filter((word) => word !== '');
            return words.some((word) => word.includes('{0}')) ? words : [...words, '{0}'];
        }
    }
}
/** `setup` and `cleanup` are shell lines, whatever language the work is in. */
function step(template, shell, contexts) {
    if (template === undefined)
        return undefined;
    return {
        script: string(template, contexts),
        shell: shell === 'bash' || shell === 'sh' ? shellWords(shell) : null,
    };
}
function checkLength(name, text) {
    const bytes = Buffer.byteLength(text);
    if (bytes < LIMITS.environmentValueBytes)
        return;
    throw new Unrenderable({
        class: 'expression',
        cause: `environment variable ${name} has ${bytes} bytes, and one may have ${LIMITS.environmentValueBytes}`,
        advice: 'Pass the value by `with` and read it from the file in $LATTICE_INPUTS.',
    });
}
function need(result) {
    if (!result.ok)
        throw new Unrenderable(result.error);
    return result.value;
}
function work_json(template, contexts) {
    if (template.kind === 'literal')
        return template.value;
    const rendered = (0,lib_lattice/* render */.XX)(template, contexts);
    if (!rendered.ok)
        throw new Unrenderable(expressionFailure(rendered.error));
    return rendered.value;
}
function string(template, contexts) {
    if (template.kind === 'literal' && typeof template.value === 'string')
        return template.value;
    const rendered = (0,lib_lattice/* renderString */.G4)(template, contexts);
    if (!rendered.ok)
        throw new Unrenderable(expressionFailure(rendered.error));
    return rendered.value;
}
function strings(templates, contexts) {
    const values = {};
    for (const [name, template] of templates)
        values[name] = string(template, contexts);
    return values;
}

;// CONCATENATED MODULE: ./lib/engine/preparation.js
/**
 * From a ready task to a claimed attempt or a known result: render, identify, look for a result of the same fingerprint,
 * write the spec create-only.
 */













class Preparer {
    #request;
    #content;
    #known;
    #launches = new Map();
    #cacheable = new Set();
    #written = new Map();
    #identified = new Map();
    #told = new Set();
    constructor(request) {
        this.#request = request;
        const { ports } = request;
        this.#content = new Content(ports.sources, ports.store);
        this.#known = new KnownResults(ports.store, request.cache);
    }
    /** A task that ran has succeeded: later runs may reuse its result when its electron says so. */
    async remember(task, result) {
        if (this.#cacheable.delete(task))
            await this.#known.remember(result);
    }
    /** What to launch a prepared task with; forgotten once taken. */
    take(task) {
        const prepared = this.#launches.get(task);
        if (prepared === undefined)
            throw new Error(`Internal error: ${task.id} is not prepared`);
        this.#launches.delete(task);
        return prepared;
    }
    /** Drops what is kept of a task that will not be launched after all. */
    forget(task) {
        this.#launches.delete(task);
        this.#cacheable.delete(task);
    }
    async prepare(task) {
        const rendered = renderWork(this.#request.facts, task);
        if (!rendered.ok)
            return { kind: 'bad', failure: rendered.error };
        const work = rendered.value;
        const files = await this.#filesIn(task, work);
        if (!files.ok)
            return { kind: 'bad', failure: files.error };
        const content = await this.#content.identity(task.node.scope.lattice, nodeContexts(this.#request.facts, task.node), work.cacheFiles);
        if (!content.known)
            this.#once(`Nothing can be reused: ${content.why}`);
        const reusable = content.known && files.value.unknown === undefined;
        if (files.value.unknown !== undefined) {
            this.#once(`What reads ${files.value.unknown} cannot be reused: its content is not known`);
        }
        const parts = this.#parts(task, work, content.known ? content.value : 'unknown', files.value);
        const fingerprint = fingerprintOf(reusable ? parts : { ...parts, unknown: `${this.#request.runId} ${this.#request.epoch}` });
        let why;
        if (task.attempt === 0) {
            const found = reusable && !task.forced ? await this.#find(task, work, fingerprint) : undefined;
            if (found !== undefined)
                return found;
            const running = await this.#adopt(task, work, fingerprint);
            if (running !== undefined)
                return running;
            why = await this.#why(task, parts, fingerprint);
        }
        if (reusable && work.cache)
            this.#cacheable.add(task);
        return this.#claim(task, work, { parts, fingerprint, files: files.value.entries, why });
    }
    async #find(task, work, fingerprint) {
        const { runId, prior } = this.#request;
        const own = await prior?.find(task.key, fingerprint);
        if (own !== undefined && missingOutput(task, own) === undefined) {
            const key = own.task;
            const same = key === task.key;
            return {
                kind: 'known',
                outcome: same ? 'succeeded' : 'reused',
                result: own,
                fingerprint,
                name: work.name,
                why: same ? `same fingerprint as attempt ${own.attempt}` : `same fingerprint as ${key}`,
                filesAt: filesPrefix(runId, key, own.attempt),
                logAt: logKey(runId, key, own.attempt),
            };
        }
        if (!work.cache)
            return undefined;
        const hit = await this.#known.find(fingerprint);
        if (hit === undefined || missingOutput(task, hit.result) !== undefined)
            return undefined;
        return {
            kind: 'known',
            outcome: 'reused',
            result: hit.result,
            fingerprint,
            name: work.name,
            why: `same fingerprint as ${hit.result.task} of run ${hit.result.runId}`,
            filesAt: hit.filesAt,
            logAt: hit.logAt,
        };
    }
    async #adopt(task, work, fingerprint) {
        const running = this.#request.adopted.get(task.key);
        if (running === undefined)
            return undefined;
        const claim = await this.#request.prior?.claim(task.key);
        if (claim?.attempt === running.attempt && claim.fingerprint === fingerprint && !task.forced) {
            return {
                kind: 'running',
                attempt: running.attempt,
                fingerprint,
                why: `attempt ${running.attempt} of the earlier driver goes on`,
                name: work.name,
                resources: work.resources,
            };
        }
        await this.#request.ports.backend.stop([running], 'its electron was edited');
        return undefined;
    }
    async #why(task, parts, fingerprint) {
        if (task.forced)
            return 'asked to run again';
        const claim = await this.#request.prior?.claim(task.key);
        if (claim === undefined)
            return undefined;
        if (claim.fingerprint === fingerprint)
            return `attempt ${claim.attempt} did not succeed`;
        return whatChanged(claim.parts, parts);
    }
    async #claim(task, work, known) {
        const { ports, runId, prior } = this.#request;
        const needs = await this.#needs(task, work);
        const view = await this.#view(task, work);
        if (!view.ok)
            return { kind: 'bad', failure: view.error };
        const resources = withMoreMemory(work.resources, task.memoryFactor, task.oomFailures);
        let attempt = task.attempt === 0 ? (prior?.attempts(task.key) ?? 0) + 1 : task.attempt + 1;
        for (;; attempt++) {
            const spec = this.#spec(task, work, { ...known, attempt, needs, view: view.value });
            const document = {
                version: CONTRACT_VERSION,
                work: [spec],
                parts: known.parts,
            };
            const text = JSON.stringify(document);
            if (text.length * 3 > LIMITS.specBytes && Buffer.byteLength(text) > LIMITS.specBytes) {
                return { kind: 'bad', failure: tooLarge(Buffer.byteLength(text)) };
            }
            const key = specKey(runId, task.key, attempt);
            if (!(await ports.store.create(key, text))) {
                if (attempt > task.attempt + 1000) {
                    throw new EngineError('corrupt', `Every attempt of ${task.id} up to ${attempt} is taken`);
                }
                continue;
            }
            const secrets = secretInputs(task.node.scope);
            this.#launches.set(task, {
                runId,
                task: task.key,
                attempt,
                spec: { address: `${ports.store.address}/${key}`, sha256: sha256(text) },
                resources,
                secrets: work.secrets,
                secretValues: secrets,
            });
            return {
                kind: 'claimed',
                attempt,
                fingerprint: known.fingerprint,
                why: known.why,
                name: work.name,
                resources,
            };
        }
    }
    #spec(task, work, known) {
        const { ports, runId, epoch, rootFolder } = this.#request;
        const { backend, store } = ports;
        const { scope, electron } = task.node;
        const { partner } = task;
        return {
            store: store.address,
            runId,
            task: task.key,
            taskId: task.id,
            electron: electron.id,
            index: task.index,
            total: task.node.tasks.length,
            attempt: known.attempt,
            epoch,
            fingerprint: known.fingerprint,
            timeoutSeconds: task.timeoutSeconds,
            lease: backend.outlivesDriver,
            workdir: backend.workdir === null
                ? null
                : external_node_path_.posix.join(backend.workdir, external_node_path_.posix.relative(rootFolder, scope.lattice.folder)),
            ...(known.view === undefined ? {} : { view: known.view }),
            inputs: work.inputs,
            work: work.work,
            ...(work.setup === undefined ? {} : { setup: work.setup }),
            ...(work.cleanup === undefined ? {} : { cleanup: work.cleanup }),
            env: work.env,
            secrets: [...Object.keys(work.secrets), ...Object.keys(secretInputs(scope))],
            needs: known.needs,
            ...(partner === undefined
                ? {}
                : { each: { filesAt: partner.filesAt ?? '', files: partner.files } }),
            filesIn: known.files,
            filesOut: work.filesOut,
            ...(work.checkpointSeconds === undefined
                ? {}
                : {
                    checkpoint: {
                        everySeconds: Math.round(work.checkpointSeconds),
                        from: Array.from({ length: known.attempt - 1 }, (_, index) => checkpointPrefix(runId, task.key, known.attempt - 1 - index)),
                    },
                }),
            junit: work.junit,
        };
    }
    #parts(task, work, content, files) {
        const { electron } = task.node;
        const parts = {
            electron: partHash(electron.id),
            matrix: partHash(task.matrix),
            work: partHash(work.work),
            content,
        };
        if (work.setup !== undefined)
            parts['setup'] = partHash(work.setup);
        if (work.cleanup !== undefined)
            parts['cleanup'] = partHash(work.cleanup);
        for (const [name, value] of Object.entries(work.inputs))
            parts[`with.${name}`] = partHash(value);
        for (const [name, value] of Object.entries(work.env))
            parts[`env.${name}`] = partHash(value);
        if (Object.keys(work.secrets).length > 0)
            parts['secrets'] = partHash(work.secrets);
        for (const [name, identity] of files.identities)
            parts[`files.in.${name}`] = partHash(identity);
        if (work.filesOut.length > 0)
            parts['files.out'] = partHash(work.filesOut);
        if (work.junit.length > 0)
            parts['reports'] = partHash(work.junit);
        if (work.cacheKey !== undefined)
            parts['cache key'] = partHash(work.cacheKey);
        for (const need of stagedNeeds(task)) {
            const globs = needGlobs(task, work, need);
            parts[`needs.${need.electron.id}`] = partHash([needDocument(need).identity, globs]);
        }
        if (task.partner !== undefined)
            parts['each'] = partHash(given(task.partner, partnerResult(task.partner)));
        if (this.#request.ports.backend.name !== 'local' && work.resources.image !== undefined) {
            parts['image'] = partHash(work.resources.image);
        }
        return parts;
    }
    /** Writes the documents of the needs, each once, and refers to them. */
    async #needs(task, work) {
        const { store } = this.#request.ports;
        const specs = [];
        for (const need of stagedNeeds(task)) {
            const document = needDocument(need);
            let written = this.#written.get(need);
            if (written === undefined) {
                written = store.create(blobKey(document.sha256), document.text);
                this.#written.set(need, written);
            }
            await written;
            specs.push({
                electron: need.electron.id,
                document: blobKey(document.sha256),
                sha256: document.sha256,
                files: needGlobs(task, work, need),
            });
        }
        return specs;
    }
    /** Tasks on this machine that take or keep files by name have a private working directory. */
    async #view(task, work) {
        const wanted = work.filesIn.length > 0 || work.filesOut.length > 0;
        if (this.#request.ports.backend.workdir === null || !wanted)
            return (0,result.ok)(undefined);
        const view = await this.#content.view(task.node.scope.lattice);
        return view.ok
            ? (0,result.ok)({ list: view.list, sha256: view.sha256 })
            : (0,result/* err */._)({ class: 'stage-in', cause: view.message });
    }
    async #filesIn(task, work) {
        const entries = [];
        const identities = [];
        let unknown;
        for (const file of work.filesIn) {
            const answer = await this.#identify(task, file);
            if (!answer.ok) {
                if (file.optional)
                    continue;
                return (0,result/* err */._)({ class: 'stage-in', cause: answer.message });
            }
            const target = file.to ?? (/^[a-z0-9]+:\/\//.test(file.from) ? external_node_path_.posix.basename(file.from) : file.from);
            for (const found of answer.value) {
                const to = found.path === '' ? target : external_node_path_.posix.join(target, found.path);
                if (found.identity === null)
                    unknown = file.from;
                identities.push([to, found.identity ?? 'unknown']);
                entries.push({
                    from: found.address,
                    to,
                    optional: file.optional,
                    ...(file.sha256 === undefined || found.path !== '' ? {} : { sha256: file.sha256 }),
                    ...(found.mode === undefined ? {} : { mode: found.mode }),
                });
            }
        }
        return (0,result.ok)({ entries, identities, unknown });
    }
    #identify(task, file) {
        const { folder } = task.node.scope.lattice;
        const key = JSON.stringify([folder, file.from, file.sha256]);
        let known = this.#identified.get(key);
        if (known === undefined) {
            known = this.#request.ports.sources.input({
                folder,
                from: file.from,
                ...(file.sha256 === undefined ? {} : { sha256: file.sha256 }),
                toStore: this.#request.ports.backend.workdir === null,
            });
            this.#identified.set(key, known);
        }
        return known;
    }
    #once(text) {
        if (this.#told.has(text))
            return;
        this.#told.add(text);
        this.#request.notice(text);
    }
}
/** Needs whose files and results a task can see: a for-each partner comes by `each`, unless all were waited for. */
function stagedNeeds(task) {
    const { node } = task;
    return node.needs.filter((need) => need !== node.partner || node.barrier);
}
function needGlobs(task, work, need) {
    const { filesNeeds } = task.node.electron;
    return work.needsFiles.get(need.electron.id) ?? (filesNeeds.rest === 'all' ? ['**'] : []);
}
/** Secret inputs as the environment variables by which tasks see inputs. */
function secretInputs(scope) {
    const values = {};
    for (const [name, value] of Object.entries(scope.secrets)) {
        values[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] = value;
    }
    return values;
}
function tooLarge(bytes) {
    return {
        class: 'expression',
        cause: `its specification has ${bytes} bytes, and one may have ${LIMITS.specBytes}`,
        advice: 'Pass large values as files, by $LATTICE_FILES of the task that makes them.',
    };
}

;// CONCATENATED MODULE: ./lib/engine/run.js










/** Where tasks end with their driver, a silent driver is soon known to be dead; else see `docs/contract.md`. */
const TTL_SECONDS = { local: 30, remote: 15 * 60 };
/**
 * Begins the run of that id, or takes it over from an earlier driver and repeats nothing that has succeeded. `signal`
 * cancels it. Resolves with the record once everything has ended; throws an {@link EngineError} when the run could not
 * begin or its store broke, and then whatever had succeeded is kept for the next driver.
 */
async function run(request, ports, signal) {
    try {
        return await begin(request, ports, signal);
    }
    catch (error) {
        if (error instanceof StoreError)
            throw storeFailure(error, ports, request.runId);
        throw error;
    }
}
function storeFailure(error, ports, runId) {
    return new EngineError('store', `The store ${ports.store.address} failed: ${error.message}. ` +
        `Whatever had succeeded is kept: make the store usable and resume run ${runId}.`, { cause: error });
}
async function begin(request, ports, signal) {
    const { plan, runId, options } = request;
    const { store, clock, backend } = ports;
    const selected = selection(plan.lattice, options.only);
    if ('unknown' in selected) {
        throw new EngineError('request', `\`only\` names ${selected.unknown}, which is no electron`);
    }
    for (const id of options.rerun) {
        const electron = /^[A-Za-z_][\w-]*/.exec(id)?.[0] ?? '';
        if (id === 'failed' || plan.lattice.electrons.has(electron))
            continue;
        throw new EngineError('request', `\`rerun\` names ${id}, which is no task and no electron`);
    }
    refuseTooMany(plan, options.maxTasks);
    await checkFormat(store, false);
    const earlier = await readRun(store, runId);
    const lease = await takeLease({
        store,
        clock,
        runId,
        owner: request.owner,
        attempt: request.attempt ?? 1,
        ttlSeconds: backend.outlivesDriver ? TTL_SECONDS.remote : TTL_SECONDS.local,
        isOwnerDead: request.isOwnerDead ?? (() => false),
        signal,
    });
    await checkFormat(store, true);
    const described = describeRun({
        plan,
        runId,
        options,
        backend: backend.name,
        started: earlier?.started ?? clock.now(),
    });
    await store.write(runKey(runId), JSON.stringify(described));
    const early = [];
    let driver;
    const report = (event) => {
        if (driver === undefined)
            early.push(event);
        else
            driver.report(event);
    };
    const notices = [];
    const notice = (text) => {
        if (driver === undefined)
            notices.push(text);
        else
            driver.notice(text);
    };
    // Whoever died between the lease and `run.json` has claimed nothing, but it costs little to look.
    const resumed = earlier !== undefined || lease.epoch > 1;
    const prior = resumed ? new Prior(store, runId, notice) : undefined;
    await prior?.load();
    const adopted = new Map();
    if (resumed)
        for (const ref of await backend.adopt(runId, report))
            adopted.set(ref.task, ref);
    const core = new Core({
        plan,
        runId,
        secrets: request.secrets,
        slots: Math.min(options.maxParallel ?? Infinity, backend.parallelism),
        maxTasks: options.maxTasks,
        selected: selected.selected,
        rerun: await rerunIds(ports, runId, options.rerun),
        epoch: lease.epoch,
        backend: backend.name,
        store: store.address,
        started: described.started,
        resumed,
    });
    const preparer = new Preparer({
        ports,
        facts: core.facts,
        runId,
        epoch: lease.epoch,
        cache: options.cache,
        rootFolder: plan.lattice.folder,
        prior,
        adopted,
        notice,
    });
    driver = new Driver({
        ports,
        core,
        preparer,
        lease,
        runId,
        renewSeconds: backend.outlivesDriver ? 60 : 10,
        deadline: options.timeoutMinutes === undefined
            ? undefined
            : { at: clock.now() + options.timeoutMinutes * 60_000, minutes: options.timeoutMinutes },
        adopted: [...adopted.values()],
    });
    for (const text of notices)
        driver.notice(text);
    for (const event of early)
        driver.report(event);
    return driver.drive(signal);
}
/** Refused before anything is launched, as far as it is known by then. */
function refuseTooMany(plan, most) {
    let known = 0;
    for (const combinations of plan.combinations.values())
        known += combinations.length;
    if (known <= most)
        return;
    throw new EngineError('too-many-tasks', `The lattice has ${known} tasks, and max-tasks is ${most}. Raise max-tasks, or give each task more to do. Nothing was launched.`);
}
/** The ids of `rerun`; `failed` stands for what had not succeeded when the run was last saved. */
async function rerunIds(ports, runId, rerun) {
    const ids = new Set(rerun.filter((id) => id !== 'failed'));
    if (!rerun.includes('failed'))
        return ids;
    const record = await stored_run_readRecord(ports.store, runId);
    for (const task of record?.tasks ?? []) {
        if (task.outcome === 'failed' || task.outcome === 'timed-out')
            ids.add(task.id);
    }
    return ids;
}

;// CONCATENATED MODULE: ./lib/engine/run-id.js
/** Names of runs: random in a terminal, derived in a workflow so that a re-run of the job finds its run again. */



const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const LENGTH = 26;
function base32(bytes) {
    let text = '';
    let bits = 0;
    let value = 0;
    for (const byte of bytes) {
        value = (value << 8) | byte;
        bits += 8;
        while (bits >= 5 && text.length < LENGTH) {
            bits -= 5;
            text += ALPHABET[(value >>> bits) & 31] ?? '';
        }
        value &= (1 << bits) - 1;
    }
    if (text.length < LENGTH)
        throw new Error('Internal error: a run id needs 17 bytes');
    return text;
}
/** A new run id of 26 lower-case base32 characters, from at least 17 random bytes. */
function newRunId(random) {
    return base32(random);
}
/** The run id that these parts (repository id, workflow run id, job, `run-key`) always give. */
function derivedRunId(parts) {
    return base32(createHash('sha256').update(JSON.stringify(parts)).digest());
}
/** Whether a text can be a run id, with or without a generation. */
function isRunId(text) {
    return /^[a-z2-7]{26}(-[1-9][0-9]{0,5})?$/.test(text);
}
const headSchema = schemas/* object */.Ikc({ generation: schemas/* number */.aig().int().positive() });
/** Id of one generation: the first has none, later ones are `<id>-2`, `<id>-3`. */
function generationId(id, generation) {
    return generation <= 1 ? id : `${id}-${generation}`;
}
/** The current generation of a derived run id. */
async function currentGeneration(store, id) {
    const head = await store.read(headKey(id));
    if (head === undefined)
        return 1;
    const parsed = headSchema.safeParse(parseJson(head.body));
    return parsed.success ? parsed.data.generation : 1;
}
/** Opens the next generation (`fresh`, or a re-run after success) and gives its run id. */
async function nextGeneration(store, id) {
    for (;;) {
        const head = await store.read(headKey(id));
        if (head === undefined) {
            if (await store.create(headKey(id), JSON.stringify({ generation: 2 }))) {
                return generationId(id, 2);
            }
            continue;
        }
        const parsed = headSchema.safeParse(parseJson(head.body));
        const generation = (parsed.success ? parsed.data.generation : 1) + 1;
        if (await store.replace(headKey(id), JSON.stringify({ generation }), head.etag)) {
            return generationId(id, generation);
        }
    }
}
function parseJson(body) {
    try {
        return JSON.parse(new TextDecoder().decode(body));
    }
    catch {
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/engine/index.js
/** The engine: drives a plan through ports, whatever stands behind them. */










// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:url"
var external_node_url_ = __webpack_require__(3136);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
;// CONCATENATED MODULE: ./lib/store/folder/medium-error.js

const ADVICE = {
    ENOSPC: 'the disk is full; free some space, or choose a store folder on another disk, and resume the run',
    EDQUOT: 'your disk quota is used up; free some space, or choose a store folder on another disk, and resume the run',
    EACCES: 'permission is denied; make it accessible to this user, or choose another store folder',
    EPERM: 'the operation is not permitted; make it accessible to this user, or choose another store folder',
    EROFS: 'the file system is read-only; choose a store folder that can be written',
    ENOTDIR: 'a part of this path is a file where a folder is needed; remove that file, or choose another store folder',
    EISDIR: 'there is a folder where a file is needed; remove it, or choose another store folder',
    EMFILE: 'this process has too many open files; raise the limit (ulimit -n) or run fewer tasks at once',
    ENFILE: 'this machine has too many open files; close some programs or run fewer tasks at once',
    ENAMETOOLONG: 'the path is too long for this file system; choose a store folder with a shorter path, or shorter names',
    EIO: 'the disk reports an input/output error; check it, or choose a store folder on another disk',
    ELOOP: 'the path goes through too many symbolic links; choose another store folder',
    ENOENT: 'it, or the folder it is in, does not exist any more; do not remove a store while a run uses it',
};
/**
 * The code of an error of the operating system; undefined for anything else. Not asked by `instanceof`, which says no
 * to Node's own errors in a context of node:vm.
 */
function systemCode(error) {
    if (typeof error !== 'object' || error === null || !('code' in error))
        return undefined;
    return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
/** The error as a {@link StoreError} that names the path and what to do. What is no error of the medium stays as it is. */
function mediumError(error, doing, path) {
    const code = systemCode(error);
    if (code === undefined || error instanceof StoreError)
        return error;
    const advice = ADVICE[code] ?? `the system says ${code}; check this path, or choose another store folder`;
    return new StoreError(code, `Cannot ${doing} ${path}: ${advice}`, { cause: error });
}

;// CONCATENATED MODULE: ./lib/store/folder/file-lock.js






/** Locks are held for less than a millisecond, so whoever waits this long waits for a process that hangs. */
const PATIENCE_MS = 10_000;
const file_lock_self = { host: (0,external_node_os_.hostname)(), pid: process.pid, born: bornAt(process.pid) };
/**
 * Runs `action` while no other process holds this lock. `action` is synchronous, so within this process nothing else
 * can ask in between.
 *
 * The lock is a symbolic link whose target names its owner: one system call makes it with its content or not at all.
 * The lock of a dead process is removed by whoever holds a lock on that very instance (its name carries the
 * instance's random part), so of many that find it stale one removes it, and never a fresh one.
 */
async function withLock(path, action) {
    const target = JSON.stringify({ ...file_lock_self, nonce: (0,external_node_crypto_.randomBytes)(8).toString('hex') });
    const deadline = performance.now() + PATIENCE_MS;
    for (let wait = 1; !take(path, target); wait = Math.min(wait * 2, 20)) {
        const holder = look(path);
        if (holder === undefined)
            continue;
        if (isDead(holder)) {
            const instance = /"nonce":"([0-9a-f]+)"/.exec(holder)?.[1] ?? 'unknown';
            await withLock(`${path}.${instance}`, () => {
                if (look(path) === holder)
                    (0,external_node_fs_.unlinkSync)(path);
            });
            continue;
        }
        if (performance.now() > deadline)
            throw new StoreError('ELOCKED', `The lock ${path} is held by ${holder}; end that process, or remove the lock if there is no such process`);
        await (0,external_node_timers_promises_.setTimeout)(wait);
    }
    try {
        return action();
    }
    finally {
        (0,external_node_fs_.unlinkSync)(path);
    }
}
function take(path, target) {
    try {
        (0,external_node_fs_.symlinkSync)(target, path);
        return true;
    }
    catch (error) {
        if (systemCode(error) === 'EEXIST')
            return false;
        throw error;
    }
}
function look(path) {
    try {
        return (0,external_node_fs_.readlinkSync)(path);
    }
    catch (error) {
        if (systemCode(error) === 'ENOENT')
            return undefined;
        throw error;
    }
}
function isDead(target) {
    const owner = parseOwner(target);
    // A process of another machine or container cannot be asked.
    if (owner === undefined || owner.host !== file_lock_self.host)
        return false;
    return !isAlive(owner.pid) || (owner.born !== '' && bornAt(owner.pid) !== owner.born);
}
function parseOwner(target) {
    try {
        const value = JSON.parse(target);
        if (typeof value !== 'object' || value === null)
            return undefined;
        const { host, pid, born } = value;
        return typeof host === 'string' && typeof pid === 'number' && typeof born === 'string'
            ? { host, pid, born }
            : undefined;
    }
    catch {
        return undefined;
    }
}
/** True when there is a process of that id on this machine, also another user's. */
function isAlive(pid) {
    try {
        process.kill(pid, 0);
        return true;
    }
    catch (error) {
        return systemCode(error) === 'EPERM';
    }
}
/** Field 22 of /proc/<pid>/stat, proc(5); empty on systems without it. */
function bornAt(pid) {
    try {
        const stat = (0,external_node_fs_.readFileSync)(`/proc/${pid}/stat`, 'latin1');
        return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    catch {
        return '';
    }
}

;// CONCATENATED MODULE: ./lib/store/folder/key-path.js


/** Names at the root of the folder that are ours: no key starts with them. */
const VERSION_FILE = 'store.json';
const TEMPORARY = '.tmp';
const LOCKS = '.locks';
/** The file of a key. Keys come from names in lattices and files of tasks, so nothing may lead out of the folder. */
function keyPath(folder, key) {
    const parts = key.split('/');
    if (key.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..'))
        throw new StoreError('EINVAL', `The store key ${JSON.stringify(key)} is not a relative path inside the store`);
    if (isReserved(parts[0] ?? ''))
        throw new StoreError('EINVAL', `The store key ${JSON.stringify(key)} is reserved for the store itself`);
    return (0,external_node_path_.join)(folder, key);
}
/** True for names at the root of the folder that hold no objects. */
function isReserved(name) {
    return name.startsWith('.') || name === VERSION_FILE;
}
/** Byte order of UTF-8, which is S3's order of keys; differs from JavaScript's order beyond the basic plane. */
function compareBytes(a, b) {
    // Units below the surrogates sort alike in UTF-16 and UTF-8.
    if (!/[\ud800-\uffff]/.test(a) && !/[\ud800-\uffff]/.test(b))
        return a < b ? -1 : a > b ? 1 : 0;
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

;// CONCATENATED MODULE: ./lib/store/folder/list-folder.js




/** Objects below `folder` whose key starts with `prefix` and is greater than `after`, in byte order, folder by folder. */
async function* listFolder(folder, prefix, after) {
    // Only the folder that the prefix names is opened: `runs/x/done/17` lists `runs/x/done/`.
    const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    yield* walk(folder, parent, prefix, after);
}
async function* walk(folder, parent, prefix, after) {
    // A folder sorts as its name with a slash: `a-b` stands before `a/c`, and `a0` behind it.
    const names = [];
    for (const entry of await entries((0,external_node_path_.join)(folder, parent))) {
        if (parent === '' && isReserved(entry.name))
            continue;
        const key = parent + entry.name + (entry.isDirectory() ? '/' : '');
        if (!entry.isDirectory() && !entry.isFile())
            continue;
        if (!key.startsWith(prefix) && !prefix.startsWith(key))
            continue;
        if (compareBytes(key, after) > 0 || (key.endsWith('/') && after.startsWith(key)))
            names.push(key);
    }
    names.sort(compareBytes);
    for (const key of names) {
        if (key.endsWith('/')) {
            yield* walk(folder, key, prefix, after);
        }
        else if (key.startsWith(prefix)) {
            const found = await sizeAndTime((0,external_node_path_.join)(folder, key));
            if (found !== undefined)
                yield { key, ...found };
        }
    }
}
async function entries(path) {
    try {
        return await (0,promises_.readdir)(path, { withFileTypes: true });
    }
    catch (error) {
        const code = systemCode(error);
        if (code === 'ENOENT' || code === 'ENOTDIR')
            return [];
        throw error;
    }
}
async function sizeAndTime(path) {
    try {
        const { size, mtimeMs } = await (0,promises_.lstat)(path);
        return { size, modified: Math.trunc(mtimeMs) };
    }
    catch (error) {
        // Removed since the folder was read.
        if (systemCode(error) === 'ENOENT')
            return undefined;
        throw error;
    }
}

;// CONCATENATED MODULE: ./lib/store/folder/store-folder.js







/** Version of the layout on disk, raised when an older program would misread it. */
const store_folder_STORE_VERSION = 1;
const host = (0,external_node_os_.hostname)().replace(/[^A-Za-z0-9.-]/g, '_');
let serial = 0;
/**
 * The folder itself: its version, its temporary files, and files that appear whole or not at all.
 *
 * Calls are synchronous: a call on a small file takes about ten microseconds, a promise of `node:fs` more than ten times
 * as much, and a task costs five of them. There is no fsync: what was written survives the death of every process, which
 * is what resume needs; after a power failure the newest objects may be gone.
 */
class StoreFolder {
    path;
    #temporary;
    #readable = false;
    #writable = false;
    constructor(path) {
        this.path = path;
        this.#temporary = (0,external_node_path_.join)(path, TEMPORARY);
    }
    /** Refuses a store that a newer version has written. A folder that does not exist yet is an empty store. */
    openForReading() {
        if (this.#readable)
            return;
        this.#readable = this.#checkVersion();
    }
    /** The same, and makes the folder when there is none. */
    openForWriting() {
        if (this.#writable)
            return;
        if (!this.#checkVersion()) {
            this.#makeFolders();
            const file = (0,external_node_path_.join)(this.path, VERSION_FILE);
            this.publishNew(file, `${JSON.stringify({ version: store_folder_STORE_VERSION })}\n`, 'store.json');
            this.#checkVersion();
        }
        this.#makeFolders();
        // A store holds logs and outputs: nobody wants it in a commit.
        if (!this.#has('.gitignore'))
            (0,external_node_fs_.writeFileSync)((0,external_node_path_.join)(this.path, '.gitignore'), '*\n');
        this.#sweep();
        this.#readable = true;
        this.#writable = true;
    }
    /** A name for a temporary file, on the same file system as everything else here. */
    temporaryPath() {
        return (0,external_node_path_.join)(this.#temporary, `${host}-${process.pid}-${++serial}`);
    }
    lockPath(name) {
        return (0,external_node_path_.join)(this.path, LOCKS, name);
    }
    /** Makes `path` with this content unless it exists; false when it does. */
    publishNew(path, body, key) {
        const temporary = this.#writeTemporary(body);
        try {
            return this.linkNew(temporary, path, key);
        }
        finally {
            (0,external_node_fs_.unlinkSync)(temporary);
        }
    }
    /** Puts this content in the place of whatever is at `path`. */
    publish(path, body, key) {
        const temporary = this.#writeTemporary(body);
        try {
            withParents(path, key, () => (0,external_node_fs_.renameSync)(temporary, path));
        }
        catch (error) {
            (0,external_node_fs_.unlinkSync)(temporary);
            throw error;
        }
    }
    /** Gives a finished temporary file its name unless that exists: link(2) never replaces, unlike rename(2). */
    linkNew(temporary, path, key) {
        try {
            withParents(path, key, () => (0,external_node_fs_.linkSync)(temporary, path));
            return true;
        }
        catch (error) {
            if (systemCode(error) === 'EEXIST')
                return false;
            throw error;
        }
    }
    #writeTemporary(body) {
        const path = this.temporaryPath();
        const bytes = typeof body === 'string' ? Buffer.from(body) : body;
        const file = this.#openTemporary(path);
        try {
            for (let done = 0; done < bytes.length;)
                done += (0,external_node_fs_.writeSync)(file, bytes, done);
        }
        catch (error) {
            (0,external_node_fs_.unlinkSync)(path);
            throw error;
        }
        finally {
            (0,external_node_fs_.closeSync)(file);
        }
        return path;
    }
    #openTemporary(path) {
        try {
            return (0,external_node_fs_.openSync)(path, 'w', 0o644);
        }
        catch (error) {
            if (systemCode(error) !== 'ENOENT')
                throw error;
            this.#makeFolders();
            return (0,external_node_fs_.openSync)(path, 'w', 0o644);
        }
    }
    #makeFolders() {
        (0,external_node_fs_.mkdirSync)(this.#temporary, { recursive: true });
        (0,external_node_fs_.mkdirSync)((0,external_node_path_.join)(this.path, LOCKS), { recursive: true });
    }
    #has(name) {
        return (0,external_node_fs_.readdirSync)(this.path).includes(name);
    }
    /** True when there is a version file and it is one that we understand. */
    #checkVersion() {
        const file = (0,external_node_path_.join)(this.path, VERSION_FILE);
        let text;
        try {
            text = (0,external_node_fs_.readFileSync)(file, 'utf8');
        }
        catch (error) {
            if (systemCode(error) === 'ENOENT')
                return false;
            throw error;
        }
        const version = versionOf(text);
        if (version === undefined)
            throw new StoreError('BAD_STORE', `${file} does not tell the version of the store; if ${this.path} is no Lattice store, choose another folder; if it is a damaged one, remove it`);
        if (version > store_folder_STORE_VERSION)
            throw new StoreError('NEWER_VERSION', `The store ${this.path} has version ${version} and this Lattice knows versions up to ${store_folder_STORE_VERSION}; update Lattice, or choose another store folder`);
        return true;
    }
    /** Removes temporary files of processes that were killed. */
    #sweep() {
        for (const name of (0,external_node_fs_.readdirSync)(this.#temporary)) {
            const pid = name.startsWith(`${host}-`)
                ? Number(name.slice(host.length + 1).split('-')[0])
                : Number.NaN;
            if (Number.isInteger(pid) && pid > 0 && pid !== process.pid && !isAlive(pid))
                removeIfThere((0,external_node_path_.join)(this.#temporary, name));
        }
    }
}
/** Makes the folders of `path` only when the action says that they are missing: mostly they are there. */
function withParents(path, key, action) {
    try {
        action();
        return;
    }
    catch (error) {
        if (systemCode(error) === 'EISDIR')
            throw bothObjectAndPrefix(key, error);
        if (systemCode(error) !== 'ENOENT')
            throw asConflict(error, key);
    }
    try {
        (0,external_node_fs_.mkdirSync)((0,external_node_path_.dirname)(path), { recursive: true });
    }
    catch (error) {
        throw asConflict(error, key);
    }
    action();
}
function asConflict(error, key) {
    // mkdir -p says EEXIST where the folder's own name is a file, ENOTDIR where that of an ancestor is.
    const code = systemCode(error);
    const isMkdir = typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'mkdir';
    return code === 'ENOTDIR' || (code === 'EEXIST' && isMkdir)
        ? bothObjectAndPrefix(key, error)
        : error;
}
function bothObjectAndPrefix(key, cause) {
    return new StoreError('ENOTDIR', `The store key ${key} cannot be written: a folder store cannot hold an object whose name is also the beginning of other keys`, { cause });
}
function versionOf(text) {
    try {
        const value = JSON.parse(text);
        if (typeof value !== 'object' || value === null || !('version' in value))
            return undefined;
        return typeof value.version === 'number' && value.version >= 1 ? value.version : undefined;
    }
    catch {
        return undefined;
    }
}
function removeIfThere(path) {
    try {
        (0,external_node_fs_.unlinkSync)(path);
    }
    catch (error) {
        // Another process sweeps too.
        if (systemCode(error) !== 'ENOENT')
            throw error;
    }
}

;// CONCATENATED MODULE: ./lib/store/folder/folder-store.js










/** Objects up to this size are read synchronously: faster than a promise, and too short to hold anything up. */
const SMALL_BYTES = 256 * 1024;
const CHUNK_BYTES = 64 * 1024;
/**
 * A store in a folder of this machine, shared by any number of its processes. Every object is a file under its own key;
 * the folder also holds `store.json` (its version), `.gitignore`, `.tmp/` and `.locks/`.
 */
function folderStore(folder) {
    return new FolderStore((0,external_node_path_.resolve)(folder));
}
class FolderStore {
    address;
    #folder;
    constructor(path) {
        this.#folder = new StoreFolder(path);
        this.address = (0,external_node_url_.pathToFileURL)(path).href.replace(/\/$/, '');
    }
    async read(key) {
        const path = this.#path(key);
        return this.#reading(path, async () => {
            const size = sizeOf(path);
            if (size === undefined)
                return undefined;
            const body = size > SMALL_BYTES ? await (0,promises_.readFile)(path) : (0,external_node_fs_.readFileSync)(path);
            return { body, etag: etagOf(body) };
        });
    }
    async create(key, body) {
        const path = this.#path(key);
        return this.#writing(path, () => this.#folder.publishNew(path, body, key));
    }
    async replace(key, body, etag) {
        const path = this.#path(key);
        return this.#writing(path, () => this.#locked(key, () => {
            const current = readIfThere(path);
            if (current === undefined || etagOf(current) !== etag)
                return false;
            this.#folder.publish(path, body, key);
            return true;
        }));
    }
    async write(key, body) {
        const path = this.#path(key);
        // The lock keeps it from falling between the comparison and the replacement of somebody else's `replace`.
        await this.#writing(path, () => this.#locked(key, () => this.#folder.publish(path, body, key)));
    }
    async *list(prefix, after = '') {
        try {
            this.#folder.openForReading();
            // The name of an object that is about to be listed is a key like any other; a prefix may end in a slash.
            const named = prefix.replace(/\/$/, '');
            if (named !== '')
                keyPath(this.#folder.path, named);
            yield* listFolder(this.#folder.path, prefix, after);
        }
        catch (error) {
            throw mediumError(error, 'list', `${this.#folder.path}/${prefix}`);
        }
    }
    async upload(key, path) {
        const target = this.#path(key);
        await this.#writing(target, async () => {
            if (sizeOf(target) !== undefined)
                return;
            const temporary = this.#folder.temporaryPath();
            try {
                // Shares the blocks where the file system can (btrfs, XFS, APFS). A link would change with the original.
                await (0,promises_.copyFile)(path, temporary, external_node_fs_.constants.COPYFILE_FICLONE);
                this.#folder.linkNew(temporary, target, key);
            }
            catch (error) {
                const source = systemCode(error) === 'ENOSPC' ? target : path;
                throw mediumError(error, source === path ? 'copy into the store' : 'write', source);
            }
            finally {
                await (0,promises_.rm)(temporary, { force: true });
            }
        });
    }
    async download(key, path) {
        const source = this.#path(key);
        return this.#reading(source, async () => {
            if (sizeOf(source) === undefined)
                return false;
            const temporary = `${path}.${process.pid}.part`;
            try {
                await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
                await (0,promises_.copyFile)(source, temporary, external_node_fs_.constants.COPYFILE_FICLONE);
                await (0,promises_.rename)(temporary, path);
            }
            catch (error) {
                await (0,promises_.rm)(temporary, { force: true });
                throw mediumError(error, 'write', path);
            }
            return true;
        });
    }
    async stream(key, start = 0) {
        const path = this.#path(key);
        return this.#reading(path, () => Promise.resolve(sizeOf(path) === undefined ? undefined : chunks(path, start)));
    }
    now() {
        // The disk's clock is this machine's, and so is that of every process that uses the folder.
        return Promise.resolve(Date.now());
    }
    #path(key) {
        return keyPath(this.#folder.path, key);
    }
    #locked(key, action) {
        const name = (0,external_node_crypto_.createHash)('sha256').update(key).digest('hex').slice(0, 32);
        return withLock(this.#folder.lockPath(name), action);
    }
    async #reading(path, action) {
        try {
            this.#folder.openForReading();
            return await action();
        }
        catch (error) {
            throw mediumError(error, 'read', path);
        }
    }
    async #writing(path, action) {
        try {
            this.#folder.openForWriting();
            return await action();
        }
        catch (error) {
            throw mediumError(error, 'write', path);
        }
    }
}
/** An object's version is its content, as with S3's ETag: file times are too coarse to tell two versions apart. */
function etagOf(body) {
    return (0,external_node_crypto_.createHash)('sha256').update(body).digest('hex');
}
/** Undefined when there is no object of that name; a folder is none. */
function sizeOf(path) {
    try {
        const found = (0,external_node_fs_.statSync)(path, { throwIfNoEntry: false });
        return found?.isFile() === true ? found.size : undefined;
    }
    catch (error) {
        if (systemCode(error) === 'ENOTDIR')
            return undefined;
        throw error;
    }
}
function readIfThere(path) {
    return sizeOf(path) === undefined ? undefined : (0,external_node_fs_.readFileSync)(path);
}
/** Opens the file when the first chunk is asked for, so that a stream nobody reads holds nothing open. */
async function* chunks(path, start) {
    try {
        const file = await (0,promises_.open)(path);
        try {
            for (let position = start;;) {
                const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
                const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, position);
                if (bytesRead === 0)
                    return;
                position += bytesRead;
                yield chunk.subarray(0, bytesRead);
            }
        }
        finally {
            await file.close();
        }
    }
    catch (error) {
        throw mediumError(error, 'read', path);
    }
}

;// CONCATENATED MODULE: ./lib/store/index.js
/** Stores: where specs, results, logs and files of runs live. */


;// CONCATENATED MODULE: ./lib/runs/answered.js


/** Runs what `begin` gives and puts every expected end of it into an answer; bugs go on as they are. */
async function answered(told, controls, begin) {
    let begun;
    let started = false;
    try {
        const choice = await begin();
        if (!choice.ok) {
            return { kind: 'refused', message: choice.error };
        }
        begun = choice.value;
        controls.onWarnings?.(told.warnings, told.sources);
        started = true;
        return { kind: 'record', record: await begun.record(), ...told };
    }
    catch (error) {
        if (error instanceof EngineError && (!started || isRefusal(error))) {
            return { kind: 'refused', message: error.message };
        }
        if (error instanceof EngineError || error instanceof StoreError) {
            return begun === undefined
                ? { kind: 'refused', message: error.message }
                : { kind: 'broken', message: error.message, runId: begun.runId };
        }
        throw error;
    }
}
function isRefusal(error) {
    switch (error.code) {
        case 'busy':
        case 'newer-version':
        case 'corrupt':
        case 'unknown-run':
        case 'too-many-tasks':
        case 'request':
            return true;
        case 'taken-over':
        case 'store':
            return false;
    }
}

// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(6193);
;// CONCATENATED MODULE: ./lib/backends/local/processes.js

/** True when there is a process of that id, also another user's. */
function processes_isAlive(pid) {
    return canSignal(pid);
}
/** True when any process of that group is left. */
function isGroupAlive(group) {
    return canSignal(-group);
}
/** Kills a whole group; nothing happens when it is gone. */
function killGroup(group) {
    signal(-group);
}
function killProcess(pid) {
    signal(pid);
}
/**
 * Processes whose environment mentions `text`, wherever they have moved: `setsid` and a double fork leave the group and
 * the parent behind, but not the environment they were started with. Linux only; elsewhere nothing is found.
 */
function processesMentioning(text) {
    const found = [];
    for (const name of list('/proc')) {
        const pid = Number(name);
        if (!Number.isInteger(pid) || pid === process.pid)
            continue;
        if (read(`/proc/${name}/environ`).includes(text))
            found.push(pid);
    }
    return found;
}
function canSignal(target) {
    try {
        process.kill(target, 0);
        return true;
    }
    catch (error) {
        return errorCode(error) === 'EPERM';
    }
}
function signal(target) {
    try {
        process.kill(target, 'SIGKILL');
    }
    catch {
        // ESRCH: it is gone, which is what was wanted. EPERM: a set-uid program; counted as running later.
    }
}
function list(folder) {
    try {
        return (0,external_node_fs_.readdirSync)(folder);
    }
    catch {
        return [];
    }
}
function read(path) {
    try {
        return (0,external_node_fs_.readFileSync)(path, 'latin1');
    }
    catch {
        // It ended meanwhile, or belongs to another user.
        return '';
    }
}
/** Code of an error of the operating system. Not asked by `instanceof`, which says no in a context of node:vm. */
function errorCode(error) {
    return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
/** What the operating system says, in its words. */
function errorText(error) {
    return typeof error === 'object' && error !== null && 'message' in error
        ? String(error.message)
        : String(error);
}

;// CONCATENATED MODULE: ./lib/backends/local/spawn-end.js

/** What it means that the entrypoint could not be started. */
function spawnEnd(error, entrypoint) {
    const fact = errorText(error);
    switch (errorCode(error)) {
        case 'ENOENT':
        case 'ENOTDIR':
            return permanent(`the program that runs tasks is not at ${entrypoint}`, fact, 'install Lattice again');
        case 'EACCES':
        case 'EPERM':
            return permanent(`the program that runs tasks, ${entrypoint}, may not be executed`, fact, 'make it executable; if its folder is mounted with noexec, choose another cache folder');
        case 'E2BIG':
            return permanent('the environment of the task is too large for the operating system', fact, 'unset large environment variables, or pass large values as files');
        case 'EMFILE':
        case 'ENFILE':
            return infrastructure('too many files are open to start a process', fact, 'raise the limit (ulimit -n) or lower max-parallel');
        case 'EAGAIN':
        case 'ENOMEM':
            return infrastructure('the machine has no room for another process', fact, 'raise the limit of processes (ulimit -u), free some memory, or lower max-parallel');
        default:
            return infrastructure('the task could not be started', fact, 'see the message of the operating system');
    }
}
function permanent(cause, fact, advice) {
    return { kind: 'permanent', cause, fact, advice };
}
function infrastructure(cause, fact, advice) {
    return { kind: 'infrastructure', cause, fact, advice };
}

;// CONCATENATED MODULE: ./lib/backends/local/attempt-process.js



/** From the polite request to the firm one: long enough to save something, and a cancel still ends in under two seconds. */
const CANCEL_MS = 1_000;
/** From the firm request, which the entrypoint obeys at once, to SIGKILL for the entrypoint itself. */
const KILL_MS = 400;
/** What entrypoints whose spawner has died are given to end their work and themselves. */
const ORPHAN_MS = 1_000;
/**
 * One attempt as a process: the entrypoint, leader of its own group and session. What there is one of per attempt is kept
 * small, as tasks can be many and short: timers, decoders and the like are made when they are needed.
 */
class AttemptProcess {
    #options;
    #id;
    #group;
    #decoder;
    /** Aborts the waiting of an escalation. */
    #over;
    #isStopping = false;
    #isEnded = false;
    constructor(options) {
        this.#options = options;
        this.#id = options.spawner.launch(options.environment, this);
    }
    /** Id of its process group; undefined when it has not been started. */
    get group() {
        return this.#group;
    }
    /** Asks for its end: politely, a second later firmly, then by force. */
    stop() {
        if (this.#isStopping)
            return;
        this.#isStopping = true;
        void this.#escalate(['cancel', 'kill']);
    }
    /** Ends it now. */
    kill() {
        void this.#escalate(['kill']);
    }
    async #escalate(words) {
        const { spawner, clock } = this.#options;
        this.#over ??= new AbortController();
        for (const word of words) {
            if (this.#isEnded)
                return;
            spawner.ask(this.#id, word);
            await clock.sleep(word === 'cancel' ? CANCEL_MS : KILL_MS, this.#over.signal);
        }
        if (!this.#isEnded)
            spawner.kill(this.#id);
    }
    started(group) {
        this.#group = group;
        this.#options.onStarted();
    }
    log(bytes) {
        this.#decoder ??= new external_node_string_decoder_.StringDecoder('utf8');
        const text = this.#decoder.write(bytes);
        if (text !== '')
            this.#options.onLog(text);
    }
    ended(exitCode, signal) {
        // An entrypoint that was killed could not end its work, which has groups of its own.
        if (signal !== null)
            this.#killLeftBehind();
        this.#end(this.#isStopping ? { kind: 'stopped' } : { kind: 'exited', exitCode, signal });
    }
    failed(error) {
        this.#end(spawnEnd(error, this.#options.entrypoint));
    }
    lost(why) {
        void this.#endOrphan(why);
    }
    /** The entrypoint ends its work and itself when its pipe closes; only then may the attempt be started again. */
    async #endOrphan(why) {
        const { clock, workFolder } = this.#options;
        const deadline = clock.now() + ORPHAN_MS;
        const isAlive = () => (this.#group !== undefined && isGroupAlive(this.#group)) ||
            processesMentioning(workFolder).length > 0;
        while (isAlive() && clock.now() < deadline)
            await clock.sleep(10);
        if (isAlive()) {
            if (this.#group !== undefined)
                killGroup(this.#group);
            this.#killLeftBehind();
        }
        this.#end(this.#isStopping
            ? { kind: 'stopped' }
            : {
                kind: 'infrastructure',
                cause: 'the process that starts the tasks on this machine has ended, and the task with it',
                fact: why,
                advice: 'see whether somebody, or a lack of memory, has killed it',
            });
    }
    #end(end) {
        this.#isEnded = true;
        this.#over?.abort();
        const rest = this.#decoder?.end() ?? '';
        if (rest !== '')
            this.#options.onLog(rest);
        this.#options.onEnded(end);
    }
    #killLeftBehind() {
        for (const pid of processesMentioning(this.#options.workFolder))
            killProcess(pid);
    }
}

;// CONCATENATED MODULE: ./lib/backends/local/environment.js
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
function taskEnvironment(caller) {
    const kept = {};
    for (const [name, value] of Object.entries(caller)) {
        const withheld = WITHHELD.has(name) || WITHHELD_PREFIXES.some((prefix) => name.startsWith(prefix));
        if (value !== undefined && !withheld)
            kept[name] = value;
    }
    return kept;
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
;// CONCATENATED MODULE: ./lib/backends/local/frame-reader.js
/** As `entrypoint/spawner.go` writes them. */
const KINDS = {
    0x73: 'started',
    0x6c: 'log',
    0x65: 'ended',
    0x66: 'failed',
};
/** Length of the body, number of the attempt (32 bits each, little-endian), a letter for the kind. */
const HEADER_BYTES = 9;
/** Cuts a stream of bytes into frames, however a pipe has cut it. */
class FrameReader {
    #take;
    #rest = [];
    #restBytes = 0;
    /** Bytes that the frame that is not whole yet needs before it is worth looking again. */
    #needed = HEADER_BYTES;
    constructor(take) {
        this.#take = take;
    }
    push(chunk) {
        let data = chunk;
        if (this.#restBytes > 0) {
            this.#rest.push(chunk);
            this.#restBytes += chunk.length;
            if (this.#restBytes < this.#needed)
                return;
            data = Buffer.concat(this.#rest, this.#restBytes);
        }
        let at = 0;
        this.#needed = HEADER_BYTES;
        while (data.length - at >= HEADER_BYTES) {
            const length = data.readUInt32LE(at);
            const end = at + HEADER_BYTES + length;
            if (end > data.length) {
                this.#needed = HEADER_BYTES + length;
                break;
            }
            const kind = KINDS[data.readUInt8(at + 8)];
            if (kind === undefined)
                throw new Error('The spawner speaks another language');
            this.#take({
                id: data.readUInt32LE(at + 4),
                kind,
                body: data.subarray(at + HEADER_BYTES, end),
            });
            at = end;
        }
        this.#rest = at < data.length ? [data.subarray(at)] : [];
        this.#restBytes = data.length - at;
    }
}

;// CONCATENATED MODULE: ./lib/backends/local/spawner.js


/** What the entrypoint understands on the pipe that it hangs on. End of file means that its driver is gone: kill. */
const WORDS = { cancel: 'c', kill: 'k' };
/** What is kept of the spawner's complaints, to say why it has ended. */
const COMPLAINT_CHARACTERS = 2_000;
/** A spawner whose stdin is at its end has nothing left to do. */
const CLOSE_MS = 1_000;
/**
 * The one process that starts all attempts: `entrypoint spawn`. Node would fork itself for each, large as it is, and
 * stand still meanwhile: 5.4 of the 10.7 seconds of a run of 1,000 tasks that do nothing, where all else of the driver
 * took two. Attempts hang on the spawner and it hangs on us, so whoever of both dies, nothing stays behind.
 */
class Spawner {
    #attempts = new Map();
    #child;
    #gone;
    #complaint = '';
    #count = 0;
    #isGone = false;
    constructor(options) {
        let gone = () => { };
        this.#gone = new Promise((resolve) => {
            gone = resolve;
        });
        try {
            // A session of its own, so that a Ctrl-C of the terminal reaches the driver alone, which then decides.
            this.#child = (0,external_node_child_process_.spawn)(options.program, ['spawn'], { env: {}, detached: true, stdio: 'pipe' });
        }
        catch (error) {
            // Node throws what it does not consider a failure of the program: ENOMEM, EMFILE.
            queueMicrotask(() => this.#fail(error, gone));
            return;
        }
        this.#listen(this.#child, gone);
        this.#say({
            program: options.entrypoint,
            environment: Object.entries(options.environment).map(([name, value]) => `${name}=${value}`),
        });
    }
    /** True when it can start nothing any more. */
    get isGone() {
        return this.#isGone;
    }
    /** Starts one attempt with these variables beside those of all; gives its number. */
    launch(environment, spawned) {
        const id = ++this.#count;
        if (this.#attempts.size === 0)
            this.#hold(true);
        this.#attempts.set(id, spawned);
        this.#say({
            id,
            launch: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
        });
        return id;
    }
    /** Says a word to an attempt; nothing happens when it has ended. */
    ask(id, word) {
        if (this.#attempts.has(id))
            this.#say({ id, word: WORDS[word] });
    }
    /** Ends the entrypoint of an attempt by SIGKILL. */
    kill(id) {
        if (this.#attempts.has(id))
            this.#say({ id, kill: true });
    }
    /** Ends the spawner, and what still hangs on it. */
    async close() {
        this.#isGone = true;
        this.#hold(true);
        this.#child?.stdin?.end();
        const timer = setTimeout(() => this.#child?.kill('SIGKILL'), CLOSE_MS);
        await this.#gone;
        clearTimeout(timer);
    }
    /** Whether it keeps us from ending: only while there are attempts. */
    #hold(on) {
        for (const handle of [this.#child, this.#child?.stdout]) {
            if (on)
                handle?.ref();
            else
                handle?.unref();
        }
    }
    #say(request) {
        const stdin = this.#child?.stdin;
        if (stdin?.writable === true)
            stdin.write(`${JSON.stringify(request)}\n`);
    }
    #listen(child, gone) {
        const reader = new FrameReader((frame) => this.#take(frame));
        child.stdout?.on('data', (chunk) => reader.push(chunk));
        child.stderr?.setEncoding('utf8').on('data', (text) => {
            this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT_CHARACTERS);
        });
        for (const pipe of [child.stdin, child.stderr])
            pipe?.unref();
        this.#hold(false);
        // A spawner that has ended tells so by its end, not by the pipe that nobody reads.
        for (const pipe of child.stdio)
            pipe?.on('error', () => { });
        child.once('error', (error) => {
            if (child.pid === undefined)
                this.#fail(error, gone);
        });
        // Not before its last words have been read.
        child.once('close', (code, signal) => this.#lose(code, signal, gone));
    }
    #take({ id, kind, body }) {
        const attempt = this.#attempts.get(id);
        if (attempt === undefined)
            return;
        if (kind === 'log') {
            attempt.log(body);
            return;
        }
        if (kind === 'started') {
            attempt.started(Number(body.toString('latin1')));
            return;
        }
        this.#attempts.delete(id);
        if (this.#attempts.size === 0)
            this.#hold(false);
        const told = JSON.parse(body.toString());
        if (kind === 'failed') {
            attempt.failed(told);
            return;
        }
        const end = told;
        attempt.ended(end.exitCode, end.signal);
    }
    /** The spawner could not be started, so nothing can. */
    #fail(error, gone) {
        this.#isGone = true;
        const attempts = this.#forget();
        gone();
        for (const attempt of attempts)
            attempt.failed(error);
    }
    #lose(code, signal, gone) {
        this.#isGone = true;
        const attempts = this.#forget();
        gone();
        const how = signal === null ? `exit code ${code}` : signal;
        const last = this.#complaint.trim();
        for (const attempt of attempts)
            attempt.lost(`it ended with ${how}${last === '' ? '' : `: ${last}`}`);
    }
    #forget() {
        const attempts = [...this.#attempts.values()];
        this.#attempts.clear();
        return attempts;
    }
}

;// CONCATENATED MODULE: ./lib/backends/local/work-folders.js




const PREFIX = `lattice-${(0,external_node_os_.hostname)().replace(/[^A-Za-z0-9.-]/g, '_')}-`;
/** Private folders of attempts, below one folder of this driver that names its process. */
class WorkFolders {
    #root;
    #count = 0;
    /** The folder of this driver, once there is one: its path stands in the environment of every task. */
    get root() {
        return this.#root;
    }
    /** Where the entrypoint of one attempt makes its folder, and removes it again. */
    next() {
        this.#root ??= makeRoot();
        return (0,external_node_path_.join)(this.#root, String(++this.#count));
    }
    /** Removes what a killed entrypoint left of its folder; no failure, since a task can make folders that we cannot remove. */
    remove(path) {
        try {
            (0,external_node_fs_.rmSync)(path, { recursive: true, force: true });
        }
        catch {
            // The operating system empties its temporary folder.
        }
    }
    close() {
        if (this.#root !== undefined)
            this.remove(this.#root);
        this.#root = undefined;
        this.#count = 0;
    }
}
function makeRoot() {
    // The name carries host and process, so that folders of killed drivers are known to be nobody's.
    for (const name of (0,external_node_fs_.readdirSync)((0,external_node_os_.tmpdir)())) {
        if (!name.startsWith(PREFIX))
            continue;
        const pid = Number(name.slice(PREFIX.length).split('-')[0]);
        if (!Number.isInteger(pid) || pid <= 0 || processes_isAlive(pid))
            continue;
        try {
            (0,external_node_fs_.rmSync)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), name), { recursive: true, force: true });
        }
        catch {
            // Another user's, or made unremovable by its task.
        }
    }
    return (0,external_node_fs_.mkdtempSync)((0,external_node_path_.join)((0,external_node_os_.tmpdir)(), `${PREFIX}${process.pid}-`));
}

;// CONCATENATED MODULE: ./lib/backends/local/local-backend.js






/**
 * Attempts as processes of this machine. They hang on a spawner, and that on the driver: however one of both ends, the
 * pipes close and each entrypoint kills all that it has started.
 */
function localBackend(options) {
    return new LocalBackend(options);
}
class LocalBackend {
    name = 'local';
    outlivesDriver = false;
    parallelism;
    workdir;
    #options;
    #environment;
    #folders = new WorkFolders();
    #running = new Map();
    /** From the first launch on. */
    #spawner;
    #closed = false;
    #idle = () => { };
    constructor(options) {
        this.#options = options;
        this.#environment = taskEnvironment(options.environment);
        this.parallelism = options.parallelism ?? (0,external_node_os_.availableParallelism)();
        this.workdir = options.workdir;
    }
    launch(request, report) {
        const attempt = {
            runId: request.runId,
            task: request.task,
            attempt: request.attempt,
        };
        const end = (result) => report({ type: 'ended', attempt, at: this.#options.clock.now(), end: result });
        if (this.#closed) {
            end({ kind: 'stopped' });
            return Promise.resolve();
        }
        const secrets = this.#secrets(request);
        if ('kind' in secrets) {
            end(secrets);
            return Promise.resolve();
        }
        let workFolder;
        try {
            workFolder = this.#folders.next();
        }
        catch (error) {
            end(workFolderEnd(error));
            return Promise.resolve();
        }
        const name = attemptName(attempt);
        const process = new AttemptProcess({
            spawner: this.#livingSpawner(),
            entrypoint: this.#options.entrypoint,
            environment: {
                ...secrets.values,
                LATTICE_SPEC: request.spec.address,
                LATTICE_SPEC_SHA256: request.spec.sha256,
                LATTICE_PARENT_FD: '3',
                LATTICE_WORK_DIR: workFolder,
            },
            workFolder,
            clock: this.#options.clock,
            onStarted: () => report({ type: 'started', attempt, at: this.#options.clock.now() }),
            onLog: (text) => report({ type: 'log', attempt, text }),
            onEnded: (result) => {
                this.#running.delete(name);
                this.#folders.remove(workFolder);
                end(result);
                if (this.#running.size === 0)
                    this.#idle();
            },
        });
        this.#running.set(name, process);
        return Promise.resolve();
    }
    /** The spawner, or a new one after its death: the attempts that it took with it are tried again. */
    #livingSpawner() {
        if (this.#spawner === undefined || this.#spawner.isGone) {
            const { entrypoint, spawner } = this.#options;
            this.#spawner = new Spawner({
                program: spawner ?? entrypoint,
                entrypoint,
                environment: this.#environment,
            });
        }
        return this.#spawner;
    }
    stop(attempts) {
        for (const attempt of attempts)
            this.#running.get(attemptName(attempt))?.stop();
        return Promise.resolve();
    }
    adopt() {
        // Nothing outlives its driver here.
        return Promise.resolve([]);
    }
    async close() {
        this.#closed = true;
        const left = [...this.#running.values()];
        for (const process of left)
            process.kill();
        if (left.length > 0) {
            await new Promise((resolve) => {
                this.#idle = resolve;
            });
        }
        await this.#spawner?.close();
        // Whatever got away from its entrypoint still carries the path of its work folder in its environment.
        const { root } = this.#folders;
        if (root !== undefined)
            for (const pid of processesMentioning(root))
                killProcess(pid);
        const survivors = await this.#survivors(root, left);
        this.#folders.close();
        return { running: survivors };
    }
    /** Counts what is really there; a killed process is given a moment, because its end takes one. */
    async #survivors(root, left) {
        const deadline = this.#options.clock.now() + 1_000;
        for (;;) {
            const found = new Set(root === undefined ? [] : processesMentioning(root));
            for (const { group } of left)
                if (group !== undefined && isGroupAlive(group))
                    found.add(group);
            if (found.size === 0 || this.#options.clock.now() >= deadline)
                return found.size;
            await this.#options.clock.sleep(10);
        }
    }
    /** Values from the caller's environment, or why the task cannot run. */
    #secrets(request) {
        const values = { ...request.secretValues };
        const missing = [];
        for (const name of Object.keys(request.secrets)) {
            const value = this.#options.environment[name];
            if (value === undefined)
                missing.push(name);
            else
                values[name] = value;
        }
        if (missing.length === 0)
            return { values };
        const names = missing.join(', ');
        return {
            kind: 'permanent',
            cause: `${missing.length === 1 ? 'the secret' : 'the secrets'} ${names} ${missing.length === 1 ? 'is' : 'are'} not set`,
            fact: "the electron's secrets are taken from environment variables of the same name when it runs on this machine",
            advice: `set ${names} in the environment of this command, or remove it from the electron's "secrets" key`,
        };
    }
}
function attemptName({ runId, task, attempt }) {
    return `${runId}/${task}/${attempt}`;
}
function workFolderEnd(error) {
    return {
        kind: 'infrastructure',
        cause: 'the temporary folder of the task could not be made',
        fact: errorText(error),
        advice: 'free some space in the temporary folder, or set TMPDIR to one that can be written',
    };
}

;// CONCATENATED MODULE: ./lib/backends/local/index.js
/** Runs attempts as processes of this machine. */



// EXTERNAL MODULE: ./node_modules/tinyglobby/dist/index.mjs + 1 modules
var dist = __webpack_require__(3382);
;// CONCATENATED MODULE: ./lib/workspace/byte-order.js
/** Byte order of UTF-8: the same on every machine and in every locale. */
function byte_order_compareBytes(a, b) {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

;// CONCATENATED MODULE: ./lib/workspace/disk-error.js
const REASONS = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it does not exist: a part of the path is a file',
    EACCES: 'permission is denied; make it readable for this user',
    EPERM: 'permission is denied; make it readable for this user',
    EISDIR: 'it is a folder, and a file is needed',
    ELOOP: 'its symbolic links lead in a circle',
    EMFILE: 'this process has too many open files; raise the limit (ulimit -n)',
    ENFILE: 'this machine has too many open files; close some programs',
    EIO: 'the disk reports an input/output error',
};
/** A sentence for an error of the disk. Anything else is a bug and is thrown. */
function diskMessage(error, path) {
    const code = diskCode(error);
    if (code === undefined)
        throw error;
    return `Cannot read ${path}: ${REASONS[code] ?? `the system says ${code}`}`;
}
/**
 * The code of an error of the operating system. Not asked by `instanceof`, which says no to Node's own errors in a
 * context of node:vm.
 */
function diskCode(error) {
    if (typeof error !== 'object' || error === null || !('code' in error))
        return undefined;
    return typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}
/** True when there is nothing at the path. */
function isMissing(error) {
    const code = diskCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR';
}
/** The path that an error of the operating system speaks of. */
function diskPath(error) {
    if (typeof error !== 'object' || error === null || !('path' in error))
        return undefined;
    return typeof error.path === 'string' ? error.path : undefined;
}

;// CONCATENATED MODULE: ./lib/workspace/file-hash.js


/** Files that are read at once: enough to keep a disk busy, far below any limit of open files. */
const PARALLEL = 8;
const file_hash_CHUNK_BYTES = 1024 * 1024;
/** SHA-256 of files, each read once for as long as it does not change. */
class FileHashes {
    #known = new Map();
    async of(path) {
        const file = await (0,promises_.open)(path, 'r');
        try {
            const { size, mtimeNs, ctimeNs, ino, mode } = await file.stat({ bigint: true });
            const version = `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
            const known = this.#known.get(path);
            const permissions = Number(mode) & 0o777;
            if (known?.version === version)
                return { sha256: known.sha256, mode: permissions };
            const hash = (0,external_node_crypto_.createHash)('sha256');
            const buffer = Buffer.allocUnsafe(Math.min(file_hash_CHUNK_BYTES, Math.max(Number(size), 1) + 1));
            for (;;) {
                const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
                if (bytesRead === 0)
                    break;
                hash.update(buffer.subarray(0, bytesRead));
            }
            const sha256 = hash.digest('hex');
            this.#known.set(path, { version, sha256 });
            return { sha256, mode: permissions };
        }
        finally {
            await file.close();
        }
    }
}
/** Maps in order with a bounded number under way; the first failure ends it. */
async function mapBounded(items, map) {
    const values = [];
    const queue = items.entries();
    const worker = async () => {
        for (const [index, item] of queue)
            values[index] = await map(item);
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return values;
}

// EXTERNAL MODULE: ./node_modules/csv-parse/lib/sync.js + 9 modules
var sync = __webpack_require__(5175);
;// CONCATENATED MODULE: ./lib/workspace/table.js


const DELIMITERS = { '.csv': ',', '.tsv': '\t' };
/** Rows of a CSV or TSV file, whose first line names the columns. `path` is for messages. */
function tableRows(path, bytes) {
    const delimiter = DELIMITERS[(0,external_node_path_.extname)(path).toLowerCase()];
    if (delimiter === undefined)
        return bad(`Cannot read ${path}: a file dimension is a .csv or .tsv file; convert it, or compute the rows in an electron and use fromJSON(needs.<electron>.outputs.<name>)`);
    let text;
    try {
        text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    }
    catch {
        return bad(`Cannot read ${path}: it is not UTF-8 text; save it as UTF-8`);
    }
    let lines;
    try {
        lines = (0,sync/* parse */.qg)(text, {
            delimiter,
            bom: true,
            info: true,
            skip_empty_lines: true,
            // Counted here, where the message can name the header.
            relax_column_count: true,
        });
    }
    catch (error) {
        if (!(error instanceof sync/* CsvError */.J$))
            throw error;
        return bad(`Cannot read ${path}: ${error.message}`);
    }
    return rowsOf(path, lines);
}
function rowsOf(path, lines) {
    const [first, ...rest] = lines;
    if (first === undefined)
        return bad(`Cannot read ${path}: it is empty; its first line must name the columns`);
    const header = first.record;
    const empty = header.findIndex((name) => name.trim() === '');
    if (empty >= 0)
        return bad(`Cannot read ${path}: column ${empty + 1} of the first line has no name`);
    const twice = header.find((name, index) => header.indexOf(name) !== index);
    if (twice !== undefined)
        return bad(`Cannot read ${path}: two columns are named ${JSON.stringify(twice)}; rename one`);
    const rows = [];
    for (const { record, info } of rest) {
        if (record.length !== header.length)
            return bad(`Cannot read ${path}: line ${info.lines} has ${fields(record.length)} and the first line names ${header.length}; correct it, or quote fields that contain the separator`);
        rows.push(Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])));
    }
    return { ok: true, value: rows };
}
function fields(count) {
    return count === 1 ? '1 field' : `${count} fields`;
}
function bad(message) {
    return { ok: false, message };
}

// EXTERNAL MODULE: ./node_modules/ignore/index.js
var ignore = __webpack_require__(298);
;// CONCATENATED MODULE: ./lib/workspace/ignore-rules.js




/** Of no use to tasks, whatever the globs say. */
const NEVER = new Set(['.git', '.github', '.lattice']);
/**
 * What Git ignores in a folder: the `.gitignore` files from the root of the repository down to it. Of several that
 * speak of a path the deepest decides, as gitignore(5) says.
 */
class IgnoreRules {
    #rules;
    constructor(rules) {
        this.#rules = rules;
    }
    /** Rules that hold in `folder` and come from above it, up to the root of its repository. */
    static above(folder) {
        const folders = [];
        for (let at = folder; !isRepository(at); at = (0,external_node_path_.dirname)(at)) {
            const parent = (0,external_node_path_.dirname)(at);
            // Not in a repository: only what is in the folder itself counts.
            if (parent === at)
                return new IgnoreRules([]);
            folders.unshift(parent);
        }
        return folders.reduce((rules, above) => rules.within(above), new IgnoreRules([]));
    }
    /** The same with the `.gitignore` of `folder` added. */
    within(folder) {
        let text;
        try {
            text = (0,external_node_fs_.readFileSync)((0,external_node_path_.join)(folder, '.gitignore'), 'utf8');
        }
        catch (error) {
            if (isMissing(error))
                return this;
            throw error;
        }
        return new IgnoreRules([...this.#rules, { folder, matcher: ignore().add(text) }]);
    }
    ignores(path, name, isFolder) {
        if (NEVER.has(name))
            return true;
        for (const { folder, matcher } of this.#rules.toReversed()) {
            const { ignored, unignored } = matcher.test((0,external_node_path_.relative)(folder, path) + (isFolder ? '/' : ''));
            if (ignored)
                return true;
            if (unignored)
                return false;
        }
        return false;
    }
}
function isRepository(folder) {
    return (0,external_node_fs_.statSync)((0,external_node_path_.join)(folder, '.git'), { throwIfNoEntry: false }) !== undefined;
}

;// CONCATENATED MODULE: ./lib/workspace/workspace-files.js





/** Undefined when one of them leads out of the folder; then its text is given. */
function readGlobs(globs) {
    const wanted = [];
    const unwanted = [];
    for (const glob of globs) {
        const negated = glob.startsWith('!');
        const path = external_node_path_.posix.normalize((negated ? glob.slice(1) : glob).trim()).replace(/\/$/, '');
        if (path.startsWith('/') || path === '..' || path.startsWith('../'))
            return { outside: glob };
        const patterns = path === '.' ? ['**'] : [path, `${path}/**`];
        (negated ? unwanted : wanted).push(...patterns);
    }
    if (wanted.length === 0 && unwanted.length > 0)
        wanted.push('**');
    const matches = matcher(wanted);
    const excluded = matcher(unwanted);
    return { matches: (path) => matches(path) && !excluded(path) };
}
function matcher(patterns) {
    if (patterns.length === 0)
        return () => false;
    return picomatch([...patterns], { dot: true });
}
/** Files below `folder` that the globs match and Git does not ignore, in byte order. Ignored folders are not even read. */
function workspaceFiles(folder, globs, isLatticeFile) {
    const found = [];
    const walk = (at, prefix, above) => {
        const rules = above.within(at);
        for (const entry of (0,external_node_fs_.readdirSync)(at, { withFileTypes: true })) {
            const full = (0,external_node_path_.join)(at, entry.name);
            const path = prefix + entry.name;
            if (rules.ignores(full, entry.name, entry.isDirectory()))
                continue;
            if (entry.isDirectory())
                walk(full, `${path}/`, rules);
            else if ((entry.isFile() || entry.isSymbolicLink()) &&
                globs.matches(path) &&
                !isLatticeFile(full))
                found.push({ path, isLink: entry.isSymbolicLink() });
        }
    };
    walk(folder, '', IgnoreRules.above(folder));
    return found.sort((a, b) => byte_order_compareBytes(a.path, b.path));
}

;// CONCATENATED MODULE: ./lib/workspace/folder-sources.js










/**
 * Reads from this machine's disk. What was answered about a workspace stays the answer for as long as this object
 * lives, which is one run: tasks that write into the folder must not change what later tasks are compared by.
 */
function folderSources(options) {
    return new FolderSources(options);
}
class FolderSources {
    #base;
    #latticeFiles;
    #store;
    #hashes = new FileHashes();
    #digests = new Map();
    constructor({ base, latticeFiles = [], store }) {
        this.#base = (0,external_node_path_.resolve)(base);
        this.#latticeFiles = new Set(latticeFiles.map((file) => (0,external_node_path_.resolve)(this.#base, file)));
        this.#store = store;
    }
    async dimension(request) {
        switch (request.kind) {
            case 'glob':
                return this.#paths(request.folder, request.pattern);
            case 'file':
                return this.#rows(request.folder, request.path);
            case 's3':
                return folder_sources_bad(`Cannot list ${request.uri}: an s3 dimension needs AWS credentials, which are not available on the local backend yet; use a glob or file dimension`);
        }
    }
    digest(request) {
        const key = JSON.stringify([request.folder, request.globs]);
        const known = this.#digests.get(key);
        if (known !== undefined)
            return known;
        const answer = this.#digest(request);
        this.#digests.set(key, answer);
        return answer;
    }
    async files(request) {
        const found = this.#workspaceFiles(request);
        return found.ok ? { ok: true, value: found.value.map(({ path }) => path) } : found;
    }
    async input(request) {
        const { folder, from, sha256 } = request;
        if (/^(s3|https):\/\//.test(from))
            return { ok: true, value: [{ path: '', address: from, identity: sha256 ?? null }] };
        const path = this.#path(folder, from);
        try {
            if (!(await (0,promises_.stat)(path)).isDirectory()) {
                const file = await this.#inputFile(path, '', request.toStore);
                if (sha256 !== undefined && file.identity !== sha256.toLowerCase())
                    return folder_sources_bad(`${from} has the SHA-256 ${file.identity ?? ''} and not the declared ${sha256}; correct one of them`);
                return { ok: true, value: [file] };
            }
            if (sha256 !== undefined)
                return folder_sources_bad(`${from} is a folder, and "sha256" is for one file; leave it out`);
            const names = await (0,dist/* glob */.TI)('**', {
                cwd: path,
                dot: true,
                onlyFiles: true,
                expandDirectories: false,
                ignore: folder_sources_NEVER,
            });
            names.sort(byte_order_compareBytes);
            const files = await mapBounded(names, (name) => this.#inputFile((0,external_node_path_.join)(path, name), name, request.toStore));
            return { ok: true, value: files };
        }
        catch (error) {
            const failed = diskPath(error) ?? path;
            return isMissing(error) && failed === path
                ? { ok: false, message: diskMessage(error, from), missing: true }
                : folder_sources_bad(diskMessage(error, failed === path ? from : failed));
        }
    }
    async #inputFile(file, path, toStore) {
        const { sha256, mode } = await this.#hashes.of(file);
        if (!toStore)
            return { path, address: (0,external_node_url_.pathToFileURL)(file).href, identity: sha256, mode };
        if (this.#store === undefined)
            throw new Error('Internal error: input files asked into a store, and there is none');
        const key = `blobs/${sha256}`;
        await this.#store.upload(key, file);
        return { path, address: `store:${key}`, identity: sha256, mode };
    }
    async #paths(folder, pattern) {
        const cwd = this.#path(folder, '.');
        try {
            const paths = await (0,dist/* glob */.TI)(pattern, {
                cwd,
                absolute: (0,external_node_path_.isAbsolute)(pattern),
                onlyFiles: true,
                expandDirectories: false,
                ignore: folder_sources_NEVER,
            });
            return { ok: true, value: paths.sort(byte_order_compareBytes) };
        }
        catch (error) {
            return folder_sources_bad(diskMessage(error, diskPath(error) ?? pattern));
        }
    }
    async #rows(folder, path) {
        try {
            return tableRows(path, await (0,promises_.readFile)(this.#path(folder, path)));
        }
        catch (error) {
            return folder_sources_bad(diskMessage(error, path));
        }
    }
    async #digest(request) {
        const found = this.#workspaceFiles(request);
        if (!found.ok)
            return found;
        const folder = this.#path(request.folder, '.');
        try {
            const lines = await mapBounded(found.value, (file) => this.#line(folder, file));
            const digest = (0,external_node_crypto_.createHash)('sha256').update(lines.join('')).digest('hex');
            return { ok: true, value: { digest, files: lines.length } };
        }
        catch (error) {
            return folder_sources_bad(diskMessage(error, diskPath(error) ?? request.folder));
        }
    }
    /** What one file adds to a digest: path, kind, content. Only the executable bit of the mode survives a checkout. */
    async #line(folder, { path, isLink }) {
        const full = (0,external_node_path_.join)(folder, path);
        if (!isLink)
            return line(path, await this.#content(full));
        const target = await (0,promises_.readlink)(full);
        const isFile = await (0,promises_.stat)(full).then((found) => found.isFile(), () => false);
        // Behind a link stands what the task will read; a folder behind one is known by the link alone.
        return line(path, `link ${target}`, isFile ? await this.#content(full) : '');
    }
    async #content(path) {
        const { sha256, mode } = await this.#hashes.of(path);
        return `${(mode & 0o100) === 0 ? 'file' : 'executable'} ${sha256}`;
    }
    #workspaceFiles({ folder, globs }) {
        const wanted = readGlobs(globs);
        if ('outside' in wanted)
            return folder_sources_bad(`The glob ${JSON.stringify(wanted.outside)} leads out of the lattice's folder; bring such files in with "files.in"`);
        try {
            const found = workspaceFiles(this.#path(folder, '.'), wanted, (path) => this.#latticeFiles.has(path));
            return { ok: true, value: found };
        }
        catch (error) {
            return folder_sources_bad(diskMessage(error, diskPath(error) ?? folder));
        }
    }
    #path(folder, path) {
        return (0,external_node_path_.resolve)(this.#base, folder, path);
    }
}
/** Store and history are no data, also for globs that are not filtered by `.gitignore`. */
const folder_sources_NEVER = ['**/.git/**', '**/.lattice/**'];
function line(...parts) {
    return `${JSON.stringify(parts)}\n`;
}
function folder_sources_bad(message) {
    return { ok: false, message };
}

;// CONCATENATED MODULE: ./lib/workspace/index.js
/** Reads what a lattice refers to on this machine's disk: data dimensions, the workspace, input files. */


;// CONCATENATED MODULE: ./lib/runs/owner.js


/** This process, as a lease names it: host, process id, and when that process was born, since ids come round again. */
function ownerName() {
    return `${(0,external_node_os_.hostname)()}:${process.pid}:${owner_bornAt(process.pid)}`;
}
/** Whether the process that a lease names was one of this machine and is gone. */
function isOwnerDead(owner) {
    const match = /^(.*):(\d+):(\w*)$/.exec(owner);
    if (match === null || match[1] !== (0,external_node_os_.hostname)()) {
        return false;
    }
    const pid = Number(match[2]);
    try {
        process.kill(pid, 0);
    }
    catch (error) {
        // EPERM: it lives and is another user's.
        if (error.code === 'ESRCH') {
            return true;
        }
    }
    const born = owner_bornAt(pid);
    return born !== '' && match[3] !== '' && born !== match[3];
}
/** Start time in ticks since boot, field 22 of proc(5); empty where there is no /proc. A zombie counts as gone. */
function owner_bornAt(pid) {
    try {
        const stat = (0,external_node_fs_.readFileSync)(`/proc/${pid}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return fields[0] === 'Z' ? 'gone' : (fields[19] ?? '');
    }
    catch {
        return '';
    }
}

;// CONCATENATED MODULE: ./lib/runs/real-clock.js

/** Time as it passes. */
const realClock = {
    now: () => Date.now(),
    sleep: async (milliseconds, signal) => {
        try {
            await (0,external_node_timers_promises_.setTimeout)(milliseconds, undefined, signal === undefined ? {} : { signal });
        }
        catch {
            // Aborted: the only way a timer rejects, and an answer like any other.
        }
    },
};

;// CONCATENATED MODULE: ./lib/runs/run-sources.js


/**
 * The sources of one run. What its tasks write into the workspace is no reason to repeat them: the files that were there
 * when the run began are listed in the store, and whoever goes on with it compares those alone. A file of them that
 * changed or went still counts.
 */
function runSources(sources, store, runId) {
    return {
        dimension: (request) => sources.dimension(request),
        files: (request) => sources.files(request),
        input: (request) => sources.input(request),
        digest: async (request) => {
            const found = await sources.files(request);
            if (!found.ok) {
                return found;
            }
            const name = (0,external_node_crypto_.createHash)('sha256')
                .update(JSON.stringify([request.folder, request.globs]))
                .digest('hex');
            const key = `runs/${runId}/workspace/${name.slice(0, 32)}.json`;
            const stored = await store.read(key);
            if (stored === undefined) {
                await store.create(key, JSON.stringify(found.value));
                return sources.digest(request);
            }
            const known = new Set(JSON.parse(new TextDecoder().decode(stored.body)));
            const late = lateComers(found.value, known);
            return sources.digest(late.length === 0
                ? request
                : {
                    ...request,
                    globs: [...request.globs, ...late.map((path) => `!${(0,dist/* escapePath */.ft)(path)}`)],
                });
        },
    };
}
/** Paths that are not known, a folder in which nothing is known as one. */
function lateComers(paths, known) {
    const folders = new Set();
    for (const path of known) {
        for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
            folders.add(path.slice(0, at));
        }
    }
    const late = new Set();
    for (const path of paths) {
        if (!known.has(path)) {
            late.add(shortest(path, folders));
        }
    }
    return [...late];
}
function shortest(path, folders) {
    for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
        const folder = path.slice(0, at);
        if (!folders.has(folder)) {
            return folder;
        }
    }
    return path;
}

;// CONCATENATED MODULE: ./lib/runs/drive.js






/** Drives a run on this machine until it ends; afterwards no process of it is left, and that is counted. */
async function drive(request, store, controls) {
    const { plan, secrets, runId, options } = request;
    const backend = localBackend({
        entrypoint: request.entrypoint,
        environment: request.environment,
        workdir: request.workdir,
        clock: realClock,
    });
    let closed;
    try {
        const disk = folderSources({
            base: request.base,
            latticeFiles: [...plan.sources.keys()],
            store,
        });
        const sources = runSources(disk, store, runId);
        const ports = { clock: realClock, store, backend, sources, listener: controls.listener };
        const record = await run({ plan, runId, options, secrets, owner: ownerName(), isOwnerDead: isOwnerDead }, ports, controls.signal);
        closed = await backend.close();
        return { ...record, running: closed.running };
    }
    finally {
        if (closed === undefined) {
            await backend.close();
        }
    }
}

;// CONCATENATED MODULE: ./lib/runs/open-store.js





/** Where the runs of a lattice are kept unless its user says otherwise. */
function defaultStoreFolder(cwd, file) {
    return (0,external_node_path_.join)((0,external_node_path_.dirname)((0,external_node_path_.resolve)(cwd, file)), '.lattice');
}
/** The store of a record that was made on this machine. */
function open_store_storeOf(record) {
    return folderStore((0,external_node_url_.fileURLToPath)(record.store));
}
/** A store that must be there already, because a run in it is asked for. */
function open_store_existingStore(folder) {
    return (0,external_node_fs_.existsSync)(folder)
        ? (0,result.ok)(folderStore(folder))
        : (0,result/* err */._)(`there is no store of runs at ${folder}; name the folder ".lattice" beside the lattice file with --store`);
}
/** The run that `latest`, an id or the unambiguous start of one means. */
function chooseRun(runs, wanted, which) {
    if (wanted === 'latest') {
        const open = runs
            .filter((run) => which === 'any' || run.unfinished)
            .toSorted((a, b) => b.started - a.started);
        const newest = open[0];
        return newest === undefined
            ? (0,result/* err */._)(which === 'any' ? 'there is no run yet' : 'there is no unfinished run')
            : (0,result.ok)(newest);
    }
    const exact = runs.find((run) => run.runId === wanted);
    if (exact !== undefined) {
        return (0,result.ok)(exact);
    }
    const alike = runs.filter((run) => run.runId.startsWith(wanted.toLowerCase()));
    const [only, second] = alike;
    if (only === undefined) {
        return (0,result/* err */._)(`there is no run ${wanted}; "lattice list" shows those that there are`);
    }
    return second === undefined
        ? (0,result.ok)(only)
        : (0,result/* err */._)(`${wanted} is the start of ${alike.length} run ids, ${only.runId} and ${second.runId} among them; write more of it`);
}

;// CONCATENATED MODULE: ./lib/runs/start-run.js









/** Runs a lattice: begins a run, or takes one over and repeats nothing that has succeeded. */
async function startRun(settings, controls) {
    const loaded = await (0,load_lattice/* loadLattice */.N)(settings);
    if (loaded.kind !== 'plan') {
        return loaded;
    }
    const unknown = [...settings.only].filter((id) => !loaded.plan.lattice.electrons.has(id));
    if (unknown.length > 0) {
        const known = [...loaded.plan.lattice.electrons.keys()].join(', ');
        return {
            kind: 'refused',
            message: `there is no electron ${unknown.join(', ')} to stop after; there are ${known}`,
        };
    }
    const store = folderStore(settings.storeFolder ?? defaultStoreFolder(settings.cwd, settings.file));
    const { plan, secrets, warnings, sources } = loaded;
    return answered({ warnings, sources }, controls, async () => {
        const runId = await pickRun(settings, store);
        return runId.ok
            ? (0,result.ok)({
                runId: runId.value,
                record: () => drive({
                    plan,
                    secrets,
                    runId: runId.value,
                    base: settings.cwd,
                    workdir: (0,external_node_path_.resolve)(settings.cwd, plan.lattice.folder),
                    environment: settings.environment,
                    entrypoint: settings.entrypoint,
                    options: {
                        ...(settings.maxParallel === undefined
                            ? {}
                            : { maxParallel: settings.maxParallel }),
                        maxTasks: settings.maxTasks,
                        ...(settings.timeoutMinutes === undefined
                            ? {}
                            : { timeoutMinutes: settings.timeoutMinutes }),
                        cache: settings.cache,
                        only: settings.only,
                        rerun: settings.rerun,
                    },
                }, store, controls),
            })
            : runId;
    });
}
async function pickRun(settings, store) {
    const again = settings.rerun.length > 0;
    const wanted = settings.resume ?? (again && settings.runId === undefined ? 'latest' : undefined);
    if (wanted === undefined) {
        const fixed = settings.runId;
        if (fixed === undefined) {
            return (0,result.ok)(newRunId((0,external_node_crypto_.randomBytes)(32)));
        }
        return (0,result.ok)(settings.fresh
            ? await nextGeneration(store, fixed)
            : generationId(fixed, await currentGeneration(store, fixed)));
    }
    const runs = (await listRuns(store)).filter((run) => wanted !== 'latest' || isSameFile(run.file, settings));
    const chosen = chooseRun(runs, wanted, again ? 'any' : 'unfinished');
    if (!chosen.ok) {
        return wanted === 'latest'
            ? (0,result/* err */._)(`${chosen.error} of ${settings.file} to go on with; start one without --${again ? 'rerun' : 'resume'}`)
            : chosen;
    }
    return (0,result.ok)(chosen.value.runId);
}
/** Whether a run is of this lattice: its path may be written in other words, or from another folder. */
function isSameFile(file, settings) {
    const usual = settings.storeFolder === undefined ||
        settings.storeFolder === defaultStoreFolder(settings.cwd, settings.file);
    return ((0,external_node_path_.normalize)(file) === (0,external_node_path_.normalize)(settings.file) ||
        // The usual store stands beside the lattice, so the name alone tells.
        (usual && (0,external_node_path_.basename)(file) === (0,external_node_path_.basename)(settings.file)));
}

;// CONCATENATED MODULE: ./lib/runs/follow-run.js



/** Between two looks at the record of a run that is driven elsewhere. */
const LOOK = 500;
/** Between two tries to take the run over, should its driver have died meanwhile. */
const TRY = 10_000;
/**
 * Drives a run, or, while another driver is alive, tells what its record says until it ends. Aborted while it only
 * follows, it stops following; the run goes on.
 */
async function follow(run, controls, take) {
    let seen;
    for (;;) {
        try {
            return await take();
        }
        catch (error) {
            if (!(error instanceof EngineError && error.code === 'busy') || controls.signal.aborted) {
                throw error;
            }
        }
        for (const until = realClock.now() + TRY; realClock.now() < until;) {
            const record = await stored_run_readRecord(run.store, run.runId);
            if (record !== undefined) {
                tell(record, seen, controls);
                seen = record;
                if (record.status !== 'running' || controls.signal.aborted) {
                    return record;
                }
            }
            await realClock.sleep(LOOK, controls.signal);
        }
    }
}
/** The difference of two records as events. */
function tell(record, before, { listener }) {
    const at = realClock.now();
    if (before === undefined) {
        listener({ type: 'run-started', at, record, resumed: true });
    }
    else {
        const states = new Map(before.tasks.map((task) => [task.id, task.state]));
        for (const task of record.tasks) {
            if (states.get(task.id) !== task.state) {
                listener({ type: 'task', at, task });
            }
        }
        const outcomes = new Map(before.electrons.map((electron) => [electron.path, electron]));
        for (const electron of record.electrons) {
            const known = outcomes.get(electron.path);
            if (known?.outcome !== electron.outcome || known?.expanded !== electron.expanded) {
                listener({ type: 'electron', at, electron });
            }
        }
    }
    if (record.status !== 'running') {
        listener({ type: 'run-ended', at, status: record.status, record });
    }
}

;// CONCATENATED MODULE: ./lib/runs/attach-run.js








/** Goes on with a run whose driver is gone, from what the store holds of it; follows one that is driven elsewhere. */
async function attachRun(request, controls) {
    const store = open_store_existingStore(request.storeFolder);
    if (!store.ok) {
        return { kind: 'refused', message: store.error };
    }
    const chosen = chooseRun(await listRuns(store.value), request.runId, 'unfinished');
    if (!chosen.ok) {
        return { kind: 'refused', message: chosen.error };
    }
    const { runId } = chosen.value;
    const stored = await readRun(store.value, runId);
    if (stored === undefined) {
        return {
            kind: 'refused',
            message: `run ${runId} has left no run.json in ${request.storeFolder}; start it anew`,
        };
    }
    const loaded = await (0,load_lattice/* loadLattice */.N)({
        file: stored.file,
        cwd: request.cwd,
        inputs: { ...stored.inputs, ...request.inputs },
        github: stored.github,
        sources: new Map(Object.entries(stored.sources)),
    });
    if (loaded.kind !== 'plan') {
        return loaded;
    }
    const { plan, secrets, warnings, sources } = loaded;
    const base = baseOf(request, plan.lattice.folder);
    return answered({ warnings, sources }, controls, () => Promise.resolve((0,result.ok)({
        runId,
        record: () => follow({ store: store.value, runId }, controls, () => drive({
            plan,
            secrets,
            runId,
            base,
            workdir: (0,external_node_path_.resolve)(base, plan.lattice.folder),
            environment: request.environment,
            entrypoint: request.entrypoint,
            options: { ...stored.options, only: [], rerun: [] },
        }, store.value, controls)),
    })));
}
/**
 * Where the lattice's folder stands. The usual store is `.lattice` in that folder, so the folder is known whatever the
 * current one is; with a store elsewhere it is the caller's.
 */
function baseOf(request, folder) {
    const parent = (0,external_node_path_.dirname)(request.storeFolder);
    const parts = folder === '.' ? [] : folder.split('/');
    const base = (0,external_node_path_.resolve)(parent, ...parts.map(() => '..'));
    return !folder.startsWith('..') &&
        request.storeFolder.endsWith('.lattice') &&
        (0,external_node_path_.resolve)(base, folder) === parent
        ? base
        : request.cwd;
}

;// CONCATENATED MODULE: ./lib/runs/stop-run.js




/** Asks a run to end and waits until its driver has done so. */
async function stopRun(request) {
    const store = open_store_existingStore(request.storeFolder);
    if (!store.ok) {
        return { kind: 'refused', message: store.error };
    }
    const chosen = chooseRun(await listRuns(store.value), request.runId, 'unfinished');
    if (!chosen.ok) {
        return { kind: 'refused', message: chosen.error };
    }
    const { runId } = chosen.value;
    if (!chosen.value.unfinished) {
        return { kind: 'refused', message: `run ${runId} has ended already: ${chosen.value.message}` };
    }
    await requestStop(store.value, runId);
    const until = realClock.now() + request.waitSeconds * 1000;
    for (;;) {
        const record = await stored_run_readRecord(store.value, runId);
        if (record !== undefined && record.status !== 'running') {
            return { kind: 'stopped', runId, message: record.message, running: record.running };
        }
        const lease = await currentLease(store.value, runId);
        if (lease === undefined || lease.ttlSeconds === 0 || isOwnerDead(lease.owner)) {
            // Local tasks end with their driver.
            const message = 'its driver is gone and has left nothing running; "lattice attach" goes on with it';
            return { kind: 'stopped', runId, message, running: 0 };
        }
        if (realClock.now() >= until) {
            return {
                kind: 'refused',
                message: `run ${runId} is asked to end, but ${lease.owner}, which drives it, has not answered in ${request.waitSeconds} s`,
            };
        }
        await realClock.sleep(100);
    }
}

;// CONCATENATED MODULE: ./lib/runs/stored-runs.js



/** The runs of a store on this machine, newest first. */
async function storedRuns(storeFolder) {
    const store = open_store_existingStore(storeFolder);
    return store.ok
        ? (0,result.ok)((await listRuns(store.value)).toSorted((a, b) => b.started - a.started))
        : store;
}

;// CONCATENATED MODULE: ./lib/runs/stored-record.js


/** The last saved record of a run on this machine; undefined when there is none. */
async function storedRecord(storeFolder, runId) {
    const store = existingStore(storeFolder);
    return store.ok ? readRecord(store.value, runId) : undefined;
}

;// CONCATENATED MODULE: ./lib/runs/run-logs.js


/** The logs of a run's tasks in the order of the run, each as a stream. */
async function runLogs(request) {
    const store = open_store_existingStore(request.storeFolder);
    if (!store.ok) {
        return { kind: 'refused', message: store.error };
    }
    const chosen = chooseRun(await listRuns(store.value), request.runId, 'any');
    if (!chosen.ok) {
        return { kind: 'refused', message: chosen.error };
    }
    const record = await stored_run_readRecord(store.value, chosen.value.runId);
    const tasks = record?.tasks ?? [];
    const wanted = tasks.filter((task) => request.tasks.length === 0 ||
        request.tasks.includes(task.id) ||
        request.tasks.includes(task.electron));
    const known = new Set(tasks.flatMap((task) => [task.id, task.electron]));
    const unknown = request.tasks.find((name) => !known.has(name));
    if (unknown !== undefined) {
        return { kind: 'refused', message: `run ${chosen.value.runId} has no task ${unknown}` };
    }
    const logs = async function* () {
        for (const task of wanted) {
            const chunks = task.logAt === undefined ? undefined : await store.value.stream(task.logAt);
            if (chunks !== undefined) {
                yield { task, chunks };
            }
        }
    };
    return { kind: 'logs', logs: logs() };
}

// EXTERNAL MODULE: ./lib/report/index.js + 12 modules
var lib_report = __webpack_require__(8615);
;// CONCATENATED MODULE: ./lib/runs/stored-files.js


/** Copies under way at once: enough to keep a disk busy. */
const COPIES = 8;
/** Copies files of the store below `folder` with bounded memory; answers with those that the store no longer has. */
async function stored_files_copyFiles(store, folder, files) {
    const missing = [];
    let next = 0;
    const worker = async () => {
        for (let file = files[next++]; file !== undefined; file = files[next++]) {
            const path = placeBelow(folder, file.to);
            await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
            if (!(await store.download(file.key, path))) {
                missing.push(file);
            }
            else if (file.mode !== undefined) {
                // Set-id and sticky bits are nothing a task may bring onto this machine.
                await (0,promises_.chmod)(path, file.mode & 0o777);
            }
        }
    };
    await Promise.all(Array.from({ length: Math.min(COPIES, files.length) }, worker));
    return missing;
}
/** Writes a text below `folder`, making folders. */
async function stored_files_writeText(folder, to, text) {
    const path = placeBelow(folder, to);
    await (0,promises_.mkdir)((0,external_node_path_.dirname)(path), { recursive: true });
    await (0,promises_.writeFile)(path, text);
}
/** The absolute path of a relative one, which must stay inside: paths come from tasks. */
function placeBelow(folder, to) {
    const root = (0,external_node_path_.resolve)(folder);
    const path = (0,external_node_path_.resolve)(root, to);
    if (to.includes('\0') || !(path.startsWith(root + external_node_path_.sep) && (0,external_node_path_.join)(root, to) === path)) {
        throw new Error(`Internal error: ${JSON.stringify(to)} leaves its folder`);
    }
    return path;
}
/** The files of one entry list, below `to`. */
function stored_files_entriesBelow(filesAt, entries, to) {
    return filesAt === undefined
        ? []
        : entries.map((entry) => ({
            key: `${filesAt}${entry.path}`,
            to: `${to}/${entry.path}`,
            size: entry.size,
            mode: entry.mode,
        }));
}

;// CONCATENATED MODULE: ./lib/runs/test-reports.js


/** Larger reports are left out: they are read whole. */
const REPORT_BYTES = 16 * 1024 * 1024;
/** The tests that the tasks of a run reported, read from the store. */
async function test_reports_testReports(record) {
    const reports = new Map();
    const store = open_store_storeOf(record);
    for (const task of record.tasks) {
        const attempt = task.attempts.at(-1);
        const names = attempt?.result?.junit ?? [];
        if (attempt === undefined || names.length === 0) {
            continue;
        }
        const cases = [];
        for (const name of names) {
            // A reused task's report stands with the run that made it, beside its log.
            const folder = task.logAt?.slice(0, task.logAt.lastIndexOf('/') + 1) ??
                `runs/${record.runId}/tasks/${task.key}/${attempt.attempt}/`;
            const report = await store.read(`${folder}${name}`);
            if (report !== undefined && report.body.length <= REPORT_BYTES) {
                cases.push(...(0,lib_report/* readTestReport */.LA)(new TextDecoder().decode(report.body)));
            }
        }
        reports.set(task.id, cases);
    }
    return reports;
}

;// CONCATENATED MODULE: ./lib/runs/write-outputs.js




/** The lattice's file outputs as `<name>/…`, modes kept, with `results.json` and `junit.xml` beside them when asked for. */
async function writeOutputs(record, folder, options = { results: true }) {
    const files = write_outputs_outputFiles(record);
    const missing = await stored_files_copyFiles(open_store_storeOf(record), folder, files);
    if (options.results) {
        const document = JSON.stringify((0,lib_report/* resultsDocument */.UL)(record), null, 2);
        await stored_files_writeText(folder, 'results.json', `${document}\n`);
        await stored_files_writeText(folder, 'junit.xml', (0,lib_report/* junitXml */.E5)(record, await test_reports_testReports(record)));
    }
    const lost = new Set(missing.map((file) => file.to));
    return {
        folder,
        files: files.map((file) => file.to).filter((path) => !lost.has(path)),
        missing: [...lost],
    };
}
/** Files of the lattice's file outputs, below their output's name. */
function write_outputs_outputFiles(record) {
    return Object.entries(record.fileOutputs).flatMap(([name, output]) => output.files.map((file) => ({
        key: file.key,
        to: `${name}/${file.path}`,
        size: file.entry.size,
        mode: file.entry.mode,
    })));
}

;// CONCATENATED MODULE: ./lib/runs/write-artifact.js





/** Writes `results.json`, `junit.xml`, `files/<electron>/<index>/…`, `outputs/<name>/…` and `logs/<task>.txt`. */
async function writeArtifact(request) {
    const { record, folder, select, maxBytes } = request;
    const wanted = artifactFiles(record, select);
    const taken = [];
    const leftOut = [];
    let bytes = 0;
    for (const file of wanted) {
        if (bytes + file.size <= maxBytes) {
            bytes += file.size;
            taken.push(file);
        }
        else {
            leftOut.push(file);
        }
    }
    const store = storeOf(record);
    const missing = new Set((await copyFiles(store, folder, taken)).map((file) => file.to));
    const texts = new Map([
        ['results.json', `${JSON.stringify(resultsDocument(record), null, 2)}\n`],
        ['junit.xml', junitXml(record, await testReports(record))],
    ]);
    if (leftOut.length > 0) {
        const lines = leftOut.map((file) => `${file.to}\t${sizeText(file.size)}\t${store.address}/${file.key}`);
        texts.set('left-out.txt', `${lines.join('\n')}\n`);
    }
    for (const [path, text] of texts) {
        await writeText(folder, path, text);
    }
    const copied = taken.map((file) => file.to).filter((path) => !missing.has(path));
    return { files: [...texts.keys(), ...copied], bytes, leftOut: leftOut.length };
}
function artifactFiles(record, select) {
    const failed = record.tasks.filter((task) => task.outcome === 'failed' || task.outcome === 'timed-out');
    switch (select) {
        case 'all':
            return [...record.tasks.flatMap(taskFiles), ...record.tasks.flatMap(taskLog)];
        case 'failed':
            return [...failed.flatMap(taskFiles), ...failed.flatMap(taskLog)];
        case 'outputs':
            return [
                ...outputFiles(record).map((file) => ({ ...file, to: `outputs/${file.to}` })),
                ...failed.flatMap(taskLog),
            ];
    }
}
function taskFiles(task) {
    return entriesBelow(task.filesAt, task.files, `files/${task.key}`);
}
function taskLog(task) {
    const size = task.attempts.at(-1)?.result?.log.size;
    return task.logAt === undefined
        ? []
        : [{ key: task.logAt, to: `logs/${task.key}.txt`, size: size ?? 0 }];
}

// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
;// CONCATENATED MODULE: ./lib/runs/entrypoint.js






/** The program that runs tasks on this machine: unpacked from the layer of this platform, once for each of its versions. */
async function entrypointProgram(request) {
    if (request.override !== undefined && request.override !== '') {
        const path = (0,external_node_path_.resolve)(request.override);
        return (0,external_node_fs_.existsSync)(path)
            ? (0,result.ok)(path)
            : (0,result/* err */._)(`LATTICE_ENTRYPOINT names ${path}, which does not exist`);
    }
    const name = `${request.platform}-${goArch(request.arch)}`;
    // From dist/cli or dist/action, from dist itself, and from lib/cli or src/cli of a checkout.
    const folder = ['../entrypoint', './entrypoint', '../../dist/entrypoint']
        .map((path) => (0,external_node_path_.resolve)(request.beside, path))
        .find((path) => (0,external_node_fs_.existsSync)((0,external_node_path_.join)(path, 'manifest.json')));
    if (folder === undefined) {
        return (0,result/* err */._)(`the programs that run tasks are missing beside ${request.beside}; install it again`);
    }
    const manifest = JSON.parse((0,external_node_fs_.readFileSync)((0,external_node_path_.join)(folder, 'manifest.json'), 'utf8'));
    const entry = manifest[name];
    if (entry === undefined) {
        const known = Object.keys(manifest).join(', ');
        return (0,result/* err */._)(`tasks cannot run on ${name}: there is a program for ${known}; on Windows use WSL`);
    }
    const program = (0,external_node_path_.join)(request.cache, entry.binarySha256, 'entrypoint');
    if (!(0,external_node_fs_.existsSync)(program)) {
        try {
            await unpack((0,external_node_path_.join)(folder, `${name}.tar.gz`), entry, program);
        }
        catch (error) {
            const reason = error instanceof Error ? error.message : String(error);
            return (0,result/* err */._)(`the program that runs tasks cannot be put into ${request.cache}: ${reason}; XDG_CACHE_HOME names another folder`);
        }
    }
    return (0,result.ok)(program);
}
function goArch(arch) {
    return arch === 'x64' ? 'amd64' : arch;
}
async function unpack(layer, expected, program) {
    const packed = (0,external_node_fs_.readFileSync)(layer);
    verify(layer, packed, expected.sha256);
    const body = onlyFile((0,external_node_zlib_.gunzipSync)(packed));
    verify(`the program in ${layer}`, body, expected.binarySha256);
    await (0,promises_.mkdir)((0,external_node_path_.dirname)(program), { recursive: true, mode: 0o700 });
    // Several commands may start at once: each writes its own file, and the rename is whole or not at all.
    const fresh = `${program}.${process.pid}.${(0,external_node_crypto_.randomBytes)(4).toString('hex')}`;
    await (0,promises_.writeFile)(fresh, body, { mode: 0o755 });
    await (0,promises_.chmod)(fresh, 0o755);
    await (0,promises_.rename)(fresh, program);
}
function verify(what, bytes, sha256) {
    const found = (0,external_node_crypto_.createHash)('sha256').update(bytes).digest('hex');
    if (found !== sha256) {
        throw new Error(`${what} is damaged (SHA-256 ${found}, not ${sha256}); install it again`);
    }
}
/** The regular file `.lattice/entrypoint` of a layer that we have built ourselves: ustar headers of 512 bytes. */
function onlyFile(tar) {
    const text = new TextDecoder('latin1');
    for (let at = 0; at + 512 <= tar.length;) {
        const name = text.decode(tar.subarray(at, at + 100)).replace(/\0.*$/s, '');
        const size = Number.parseInt(text.decode(tar.subarray(at + 124, at + 136)), 8) || 0;
        const type = text.decode(tar.subarray(at + 156, at + 157));
        if ((type === '0' || type === '\0') && name.replace(/^\.?\//, '') === '.lattice/entrypoint') {
            return tar.subarray(at + 512, at + 512 + size);
        }
        at += 512 + Math.ceil(size / 512) * 512;
    }
    throw new Error('Internal error: the layer holds no .lattice/entrypoint');
}

;// CONCATENATED MODULE: ./lib/runs/index.js















/***/ })

};
