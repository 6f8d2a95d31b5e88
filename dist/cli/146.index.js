export const id = 146;
export const ids = [146];
export const modules = {

/***/ 9932:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  $: () => (/* binding */ latticeCall)
});

// UNUSED EXPORTS: githubContext

// EXTERNAL MODULE: ./lib/base/json.js
var json = __webpack_require__(4807);
// EXTERNAL MODULE: ./lib/cli/exit-code.js
var exit_code = __webpack_require__(5720);
// EXTERNAL MODULE: ./lib/cli/read-inputs.js
var read_inputs = __webpack_require__(2380);
;// CONCATENATED MODULE: ./lib/cli/config-file.js



/** Keys that mean something only inside a workflow or on AWS: a shared file may hold them. */
const ELSEWHERE = new Set([
    'mode',
    'run-id',
    'run-key',
    'wait-minutes',
    'aws-region',
    'role-to-assume',
    'role-session-duration',
    'cluster',
    's3-bucket',
    's3-prefix',
    'ecr-repository',
    'create-repository',
    'task-family',
    'execution-role',
    'task-role',
    'log-group',
    'subnets',
    'security-groups',
    'assign-public-ip',
    'vcpu',
    'memory',
    'spot',
    'poll-interval',
    'max-cost',
    'artifact',
    'artifact-retention-days',
    'artifact-max-mb',
    'summary',
    'comment',
    'github-token',
]);
/** Reads the file of `--config`: the names are those of the action's inputs. */
async function readConfig(flags, cwd) {
    if (flags.config === undefined) {
        return { inputs: {}, flags: {} };
    }
    const file = flags.config;
    const values = await (0,read_inputs/* mappingOf */.GS)(file, cwd, '--config');
    let lattice;
    let inputs = {};
    const found = {};
    for (const [key, value] of Object.entries(values)) {
        const wrong = (expected) => new exit_code/* CallError */.R(`--config: "${key}" in ${file} is ${JSON.stringify(value)}, but must be ${expected}`);
        if (value === null) {
            continue;
        }
        switch (key) {
            case 'lattice':
                lattice = textOf(value, wrong);
                break;
            case 'inputs': {
                if (!(0,json/* isJsonObject */.O)(value)) {
                    throw wrong('a mapping');
                }
                inputs = value;
                break;
            }
            case 'backend':
                found.backend = textOf(value, wrong);
                break;
            case 'download':
                found.outputDir = textOf(value, wrong);
                break;
            case 'only':
                found.only = listOf(value, wrong);
                break;
            case 'rerun':
                found.rerun = listOf(value, wrong);
                break;
            case 'max-parallel':
                found.maxParallel = numberOf(value, wrong);
                break;
            case 'max-tasks':
                found.maxTasks = numberOf(value, wrong);
                break;
            case 'timeout-minutes':
                found.timeoutMinutes = numberOf(value, wrong);
                break;
            case 'fresh':
                if (typeof value !== 'boolean') {
                    throw wrong('true or false');
                }
                if (value) {
                    found.fresh = true;
                }
                break;
            case 'cache':
                if (value !== 'read-write' && value !== 'read' && value !== 'off') {
                    throw wrong('read-write, read or off');
                }
                found.cache = value;
                break;
            case 'logs':
                if (value !== 'failed' && value !== 'all' && value !== 'none' && value !== 'live') {
                    throw wrong('failed, all, live or none');
                }
                found.logs = value === 'live' ? 'all' : value;
                break;
            default:
                if (!ELSEWHERE.has(key)) {
                    throw new exit_code/* CallError */.R(`--config: "${key}" in ${file} is no input of the action; remove it or correct its name`);
                }
        }
    }
    return { ...(lattice === undefined ? {} : { lattice }), inputs, flags: found };
}
function textOf(value, wrong) {
    if (typeof value !== 'string' || value === '') {
        throw wrong('a text');
    }
    return value;
}
function numberOf(value, wrong) {
    const number = Number(value);
    if (typeof value === 'boolean' || !(number > 0)) {
        throw wrong('a number above 0');
    }
    return number;
}
function listOf(value, wrong) {
    const items = typeof value === 'string' ? value.split(/[,\n]/) : value;
    if (!Array.isArray(items)) {
        throw wrong('a list');
    }
    return items.map((item) => String(item).trim()).filter((item) => item !== '');
}

;// CONCATENATED MODULE: ./lib/cli/call.js


/** Gathers what flags, files and the config say. */
async function latticeCall(file, flags, terminal) {
    const config = await readConfig(flags, terminal.cwd);
    return {
        request: {
            file: file ?? config.lattice ?? 'lattice.yml',
            cwd: terminal.cwd,
            inputs: await (0,read_inputs/* readInputs */.Ko)(flags, config.inputs, terminal.cwd),
            github: githubContext(terminal.environment),
        },
        flags: { ...config.flags, ...flags },
    };
}
/** The `github` context of a run outside a workflow: what its variables say, which in a terminal is nothing. */
function githubContext(environment) {
    const names = [
        'repository',
        'sha',
        'ref',
        'ref_name',
        'head_ref',
        'base_ref',
        'run_id',
        'run_attempt',
        'run_number',
        'actor',
        'event_name',
        'server_url',
    ];
    return Object.fromEntries(names.map((name) => [name, environment[`GITHUB_${name.toUpperCase()}`] ?? '']));
}


/***/ }),

/***/ 9146:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  attachCommand: () => (/* binding */ attachCommand),
  runCommand: () => (/* binding */ runCommand)
});

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./lib/report/index.js + 12 modules
var report = __webpack_require__(8615);
// EXTERNAL MODULE: ./lib/runs/index.js + 75 modules
var runs = __webpack_require__(924);
// EXTERNAL MODULE: ./lib/cli/call.js + 1 modules
var call = __webpack_require__(9932);
// EXTERNAL MODULE: ./lib/cli/exit-code.js
var exit_code = __webpack_require__(5720);
;// CONCATENATED MODULE: ./lib/cli/interrupt.js

/** Listens to the signals by which people and systems end a command. */
function interrupts(messages) {
    const controller = new AbortController();
    let count = 0;
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const on = (name) => {
        count += 1;
        if (count > 1) {
            process.exit(exit_code/* EXIT */.d.interrupted);
        }
        if (name === 'SIGINT') {
            messages.line('interrupted: ending the tasks; once more to leave at once');
        }
        controller.abort(`interrupted by ${name}`);
    };
    for (const name of names) {
        process.on(name, on);
    }
    return {
        signal: controller.signal,
        interrupted: () => count > 0,
        release: () => {
            for (const name of names) {
                process.off(name, on);
            }
        },
    };
}

// EXTERNAL MODULE: ./lib/cli/read-inputs.js
var read_inputs = __webpack_require__(2380);
// EXTERNAL MODULE: ./lib/cli/refusal.js
var refusal = __webpack_require__(1162);
;// CONCATENATED MODULE: ./lib/cli/screen.js

const REDRAW_MS = 100;
const TICK_MS = 5_000;
/** A picture that is redrawn on a terminal; lines elsewhere. */
function screen(options) {
    const live = options.output.isTerminal && !options.quiet;
    const reporter = (0,report/* consoleReporter */.Ps)({
        color: options.color,
        logs: options.logs,
        quiet: options.quiet || live,
    });
    return live ? liveScreen(options, reporter) : lineScreen(options, reporter);
}
function lineScreen({ output }, reporter) {
    const timer = setInterval(() => output.blocks(reporter.tick(Date.now())), TICK_MS);
    timer.unref();
    return {
        listener: (event) => output.blocks(reporter.read(event)),
        close: () => clearInterval(timer),
    };
}
function liveScreen({ output, color }, reporter) {
    let drawn = 0;
    let ended = false;
    const erase = () => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[0J`);
    const draw = () => {
        if (ended || reporter.progress.record === undefined) {
            return;
        }
        const lines = (0,report/* liveFrame */.Cy)(reporter.progress, {
            color,
            columns: output.columns - 1,
            rows: Math.min(20, output.rows - 2),
            now: Date.now(),
        });
        output.write(`${erase()}${lines.join('\n')}\n`);
        drawn = lines.length;
    };
    // One timer, so that ten thousand events a second cost ten pictures.
    const timer = setInterval(draw, REDRAW_MS);
    timer.unref();
    return {
        listener: (event) => {
            const blocks = reporter.read(event);
            if (event.type === 'run-ended') {
                draw();
                ended = true;
                drawn = 0;
            }
            if (blocks.length > 0) {
                output.write(erase());
                drawn = 0;
                output.blocks(blocks);
            }
        },
        close: () => {
            clearInterval(timer);
            ended = true;
        },
    };
}

// EXTERNAL MODULE: ./lib/cli/tell-diagnostics.js + 3 modules
var tell_diagnostics = __webpack_require__(4991);
// EXTERNAL MODULE: ./lib/cli/terminal.js + 1 modules
var cli_terminal = __webpack_require__(9559);
// EXTERNAL MODULE: ./lib/cli/commands/stored.js
var stored = __webpack_require__(2954);
;// CONCATENATED MODULE: ./lib/cli/commands/run.js














/** A limit of the language; the action's own is lower, because there every task costs money. */
const MAX_TASKS = 10_000;
/** `lattice run`. */
async function runCommand(argument, given, terminal) {
    const { file: named, resume } = fileAndResume(argument, given.resume);
    const { request, flags } = await (0,call/* latticeCall */.$)(named, given, terminal);
    checkBackend(flags.backend ?? 'local');
    if (resume !== undefined && flags.fresh === true) {
        throw new exit_code/* CallError */.R('--resume goes on with a run and --fresh begins a new one: leave one of them out');
    }
    const folder = flags.store === undefined
        ? (0,runs/* defaultStoreFolder */.DU)(terminal.cwd, request.file)
        : (0,stored/* storeFolder */.I)(flags, terminal);
    return driven(flags, terminal, folder, async (controls) => (0,runs/* startRun */.AD)({
        ...request,
        backend: 'local',
        environment: terminal.environment,
        storeFolder: folder,
        ...(resume === undefined ? {} : { resume }),
        fresh: flags.fresh === true,
        rerun: flags.rerun ?? [],
        only: flags.only ?? [],
        ...(flags.maxParallel === undefined ? {} : { maxParallel: flags.maxParallel }),
        maxTasks: flags.maxTasks ?? MAX_TASKS,
        ...(flags.timeoutMinutes === undefined ? {} : { timeoutMinutes: flags.timeoutMinutes }),
        cache: flags.cache ?? 'read-write',
        entrypoint: await program(terminal),
    }, controls));
}
/** `lattice attach`. */
async function attachCommand(run, flags, terminal) {
    const folder = (0,stored/* storeFolder */.I)(flags, terminal);
    return driven(flags, terminal, folder, async (controls) => (0,runs/* attachRun */.J)({
        storeFolder: folder,
        runId: run,
        inputs: (0,read_inputs/* pairs */.AS)(flags.input ?? []),
        environment: terminal.environment,
        entrypoint: await program(terminal),
        cwd: terminal.cwd,
    }, controls));
}
/** Does it with a screen and signals, then writes outputs and the document, and says how it went. */
async function driven(flags, terminal, folder, start) {
    // Stdout belongs to the document alone when there is one.
    const output = flags.json === true ? terminal.stderr : terminal.stdout;
    const view = screen({
        output,
        color: (0,cli_terminal/* wantsColor */.z)(terminal, output, flags.color),
        logs: flags.logs ?? 'failed',
        quiet: flags.quiet === true,
    });
    const interrupt = interrupts(terminal.stderr);
    let answer;
    try {
        answer = await start({
            listener: view.listener,
            onWarnings: (warnings, sources) => {
                (0,tell_diagnostics/* tellDiagnostics */.g)(warnings, sources, terminal, flags);
            },
            signal: interrupt.signal,
        });
    }
    finally {
        view.close();
        interrupt.release();
    }
    const at = (0,external_node_path_.relative)(terminal.cwd, folder) || '.';
    switch (answer.kind) {
        case 'diagnostics':
        case 'refused':
            return (0,refusal/* refuse */.T)(answer, terminal, flags);
        case 'broken':
            terminal.stderr.line(`error: ${answer.message}\nWhat was done is kept: lattice attach ${answer.runId} --store ${at}`);
            if (flags.json === true) {
                const { runId, message } = answer;
                const document = { status: 'failed', runId, message, outputs: {}, results: {} };
                terminal.stdout.line(JSON.stringify(document, null, 2));
            }
            return exit_code/* EXIT */.d.failed;
        case 'record': {
            const { record } = answer;
            const failing = (0,report/* failingTestLines */.ed)(await (0,runs/* testReports */.UN)(record));
            if (failing.length > 0) {
                output.blocks([{ trusted: false, lines: failing }]);
            }
            if (flags.outputDir !== undefined) {
                const written = await (0,runs/* writeOutputs */.Kn)(record, (0,external_node_path_.resolve)(terminal.cwd, flags.outputDir));
                for (const path of written.missing) {
                    terminal.stderr.line(`warning: the store has lost ${path}; it is not in ${flags.outputDir}`);
                }
            }
            const open = record.electrons.some((electron) => electron.outcome === undefined);
            if (record.status === 'cancelled' || record.status === 'running' || open) {
                terminal.stderr.line(`${record.running} tasks running; go on with: lattice attach ${record.runId} --store ${at}`);
            }
            if (flags.json === true) {
                const { status, runId, message, outputs, results } = (0,report/* resultsDocument */.UL)(record);
                terminal.stdout.line(JSON.stringify({ status, runId, message, outputs, results }, null, 2));
            }
            switch (record.status) {
                case 'succeeded':
                case 'running':
                    return interrupt.interrupted() ? exit_code/* EXIT */.d.interrupted : exit_code/* EXIT */.d.ok;
                case 'failed':
                    return exit_code/* EXIT */.d.failed;
                case 'cancelled':
                    return interrupt.interrupted() ? exit_code/* EXIT */.d.interrupted : exit_code/* EXIT */.d.failed;
            }
        }
    }
}
/** `--resume lattice.yml` reads as if the file were the run: an id has neither dot nor slash. */
function fileAndResume(file, resume) {
    if (resume === undefined) {
        return { file, resume: undefined };
    }
    if (resume === true) {
        return { file, resume: 'latest' };
    }
    return file === undefined && !/^[a-z0-9-]+$/i.test(resume)
        ? { file: resume, resume: 'latest' }
        : { file, resume };
}
function checkBackend(backend) {
    switch (backend) {
        case 'local':
            return;
        case 'fargate':
        case 'docker':
            throw new exit_code/* CallError */.R(`--backend ${backend} is not available yet in this version; use --backend local`);
        default:
            throw new exit_code/* CallError */.R(`--backend ${backend} is unknown; there is local`);
    }
}
/** The program that runs tasks, unpacked into the user's cache folder. */
async function program({ environment }) {
    const cache = environment['XDG_CACHE_HOME'];
    const found = await (0,runs/* entrypointProgram */.bH)({
        beside: (0,external_node_path_.dirname)((0,external_node_fs_.realpathSync)(process.argv[1] ?? '.')),
        cache: (0,external_node_path_.join)(cache === undefined || cache === '' ? (0,external_node_path_.join)((0,external_node_os_.homedir)(), '.cache') : cache, 'lattice'),
        ...(environment['LATTICE_ENTRYPOINT'] === undefined
            ? {}
            : { override: environment['LATTICE_ENTRYPOINT'] }),
        platform: process.platform,
        arch: process.arch,
    });
    if (!found.ok) {
        throw new exit_code/* CallError */.R(found.error);
    }
    return found.value;
}


/***/ }),

/***/ 2380:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AS: () => (/* binding */ pairs),
/* harmony export */   GS: () => (/* binding */ mappingOf),
/* harmony export */   Ko: () => (/* binding */ readInputs)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var _base_json_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4807);
/* harmony import */ var _exit_code_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5720);




/** Inputs of a call, later ones winning: the config file's, the file's of `--inputs`, then each `--input`. */
async function readInputs(flags, config, cwd) {
    const file = flags.inputs === undefined ? {} : await mappingOf(flags.inputs, cwd, '--inputs');
    return { ...config, ...file, ...pairs(flags.input ?? []) };
}
/** `name=value` words; the value may hold `=`, and is coerced later by the input's declared type. */
function pairs(words) {
    const values = {};
    for (const word of words) {
        const at = word.indexOf('=');
        if (at < 1) {
            throw new _exit_code_js__WEBPACK_IMPORTED_MODULE_2__/* .CallError */ .R(`--input ${word}: write it as name=value`);
        }
        values[word.slice(0, at).trim()] = word.slice(at + 1);
    }
    return values;
}
/** A YAML or JSON file that holds a mapping. */
async function mappingOf(file, cwd, flag) {
    const text = await textOf(file, cwd, flag);
    const { parseData } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(903)]).then(__webpack_require__.bind(__webpack_require__, 903));
    const parsed = parseData(text, file === '-' ? 'stdin' : file);
    if (!parsed.ok) {
        throw new _exit_code_js__WEBPACK_IMPORTED_MODULE_2__/* .CallError */ .R(`${flag}: ${parsed.error}`);
    }
    if (parsed.value === null) {
        return {};
    }
    if (!(0,_base_json_js__WEBPACK_IMPORTED_MODULE_3__/* .isJsonObject */ .O)(parsed.value)) {
        throw new _exit_code_js__WEBPACK_IMPORTED_MODULE_2__/* .CallError */ .R(`${flag}: ${file} must hold a mapping of names to values`);
    }
    return parsed.value;
}
async function textOf(file, cwd, flag) {
    if (file === '-') {
        return (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(0, 'utf8');
    }
    const { readText } = await Promise.resolve(/* import() */).then(__webpack_require__.bind(__webpack_require__, 9871));
    const answer = readText((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(cwd, file), file);
    if (!answer.ok) {
        throw new _exit_code_js__WEBPACK_IMPORTED_MODULE_2__/* .CallError */ .R(`${flag}: ${answer.problem ?? `there is no file ${file}`}`);
    }
    return answer.text;
}


/***/ })

};
