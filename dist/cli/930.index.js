export const id = 930;
export const ids = [930];
export const modules = {

/***/ 3930:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   runProgram: () => (/* binding */ runProgram)
/* harmony export */ });
/* harmony import */ var commander__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8179);
/* harmony import */ var _base_version_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6413);
/* harmony import */ var _exit_code_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5720);



/** Parses the words and does what they say. Heavy parts are loaded by the command that needs them. */
async function runProgram(words, terminal) {
    let code = _exit_code_js__WEBPACK_IMPORTED_MODULE_1__/* .EXIT */ .d.ok;
    const program = new commander__WEBPACK_IMPORTED_MODULE_0__/* .Command */ .uB('lattice')
        .description('Run a graph of tasks written in YAML, on this machine or as parallel Fargate tasks.')
        .version(_base_version_js__WEBPACK_IMPORTED_MODULE_2__/* .VERSION */ .x)
        .exitOverride()
        .showSuggestionAfterError()
        .showHelpAfterError('"lattice --help" and "lattice <command> --help" show what there is')
        .configureOutput({
        writeOut: (text) => terminal.stdout.write(text),
        writeErr: (text) => terminal.stderr.write(text),
    });
    withRun(withInputs(program.command('run')))
        .description('run a lattice; tasks are processes on this machine')
        .argument('[file]', 'the lattice', undefined)
        .action(async (file, flags) => {
        const { runCommand } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(110), __webpack_require__.e(855), __webpack_require__.e(816), __webpack_require__.e(954), __webpack_require__.e(146)]).then(__webpack_require__.bind(__webpack_require__, 9146));
        code = await runCommand(file, flags, terminal);
    });
    withInputs(program.command('plan'))
        .description('show what would run')
        .argument('[file]', 'the lattice')
        .action(async (file, flags) => {
        const { planCommand } = await Promise.all(/* import() */[__webpack_require__.e(816), __webpack_require__.e(147)]).then(__webpack_require__.bind(__webpack_require__, 9147));
        code = await planCommand(file, flags, terminal);
    });
    withInputs(program.command('check'))
        .description('say what is wrong with a lattice, all of it at once')
        .argument('[file]', 'the lattice')
        .action(async (file, flags) => {
        const { checkCommand } = await Promise.all(/* import() */[__webpack_require__.e(816), __webpack_require__.e(147)]).then(__webpack_require__.bind(__webpack_require__, 9147));
        code = await checkCommand(file, flags, terminal);
    });
    withInputs(program.command('graph'))
        .description('draw the electrons and their needs')
        .argument('[file]', 'the lattice')
        .addOption(new commander__WEBPACK_IMPORTED_MODULE_0__/* .Option */ .c$('--format <format>', 'what to write')
        .choices(['mermaid', 'dot', 'text'])
        .default('mermaid'))
        .action(async (file, flags) => {
        const { graphCommand } = await Promise.all(/* import() */[__webpack_require__.e(816), __webpack_require__.e(147)]).then(__webpack_require__.bind(__webpack_require__, 9147));
        code = await graphCommand(file, flags, terminal);
    });
    withProgress(withStore(program.command('attach')))
        .description('go on with a run whose driver is gone, or follow one that is driven elsewhere')
        .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
        .option('--input <name=value>', 'a secret input, which is never kept (repeatable)', collect)
        .action(async (run, flags) => {
        const { attachCommand } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(110), __webpack_require__.e(855), __webpack_require__.e(816), __webpack_require__.e(954), __webpack_require__.e(146)]).then(__webpack_require__.bind(__webpack_require__, 9146));
        code = await attachCommand(run, flags, terminal);
    });
    withStore(program.command('stop'))
        .description('end a run and everything it started')
        .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
        .action(async (run, flags) => {
        const { stopCommand } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(110), __webpack_require__.e(855), __webpack_require__.e(816), __webpack_require__.e(954)]).then(__webpack_require__.bind(__webpack_require__, 2954));
        code = await stopCommand(run, flags, terminal);
    });
    withStore(program.command('logs'))
        .description('print the logs of a run')
        .argument('[run]', 'its id, the start of it, or "latest"', 'latest')
        .argument('[tasks...]', 'tasks (sample[7]) or electrons; all by default')
        .action(async (run, tasks, flags) => {
        const { logsCommand } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(110), __webpack_require__.e(855), __webpack_require__.e(816), __webpack_require__.e(954)]).then(__webpack_require__.bind(__webpack_require__, 2954));
        code = await logsCommand(run, tasks, flags, terminal);
    });
    withStore(program.command('list'))
        .description('show the runs of a store')
        .action(async (flags) => {
        const { listCommand } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(110), __webpack_require__.e(855), __webpack_require__.e(816), __webpack_require__.e(954)]).then(__webpack_require__.bind(__webpack_require__, 2954));
        code = await listCommand(flags, terminal);
    });
    try {
        await program.parseAsync([...words], { from: 'user' });
    }
    catch (error) {
        if (error instanceof commander__WEBPACK_IMPORTED_MODULE_0__/* .CommanderError */ .b7) {
            // Help and version end with 0; everything else is a wrong call, and has been told.
            return error.exitCode === 0 ? _exit_code_js__WEBPACK_IMPORTED_MODULE_1__/* .EXIT */ .d.ok : _exit_code_js__WEBPACK_IMPORTED_MODULE_1__/* .EXIT */ .d.wrong;
        }
        throw error;
    }
    return code;
}
function withCommon(command) {
    return command
        .option('--json', 'one JSON document on stdout, everything else on stderr')
        .option('--no-color', 'no colours');
}
function withInputs(command) {
    return withCommon(command)
        .option('-i, --input <name=value>', 'an input of the lattice (repeatable)', collect)
        .option('--inputs <file>', 'inputs from a YAML or JSON file; "-" reads stdin')
        .option('--config <file>', "a YAML file of the action's inputs; flags win");
}
function withStore(command) {
    return withCommon(command).option('--store <folder>', 'where runs are kept; .lattice beside the lattice');
}
function withProgress(command) {
    return command
        .option('--output-dir <folder>', "write the lattice's file outputs and results.json there")
        .addOption(new commander__WEBPACK_IMPORTED_MODULE_0__/* .Option */ .c$('--logs <which>', 'logs of tasks to show').choices(['failed', 'all', 'none']))
        .option('-q, --quiet', 'only failures, warnings and the end');
}
function withRun(command) {
    return withProgress(command)
        .option('--store <folder>', 'where runs are kept; .lattice beside the lattice')
        .option('--resume [run]', 'go on with an unfinished run of this lattice: the newest, or an id')
        .option('--fresh', 'a new run, although there is an unfinished one')
        .option('--only <electrons>', 'stop after these electrons (by comma, repeatable)', collectList)
        .option('--rerun <tasks>', '"failed", or tasks and electrons to run again with their dependents', collectList)
        .option('--max-parallel <number>', 'tasks at once; the number of processors', positive)
        .option('--max-tasks <number>', 'refuse to start when there are more; 10000', positive)
        .option('--timeout-minutes <minutes>', 'end the run after that time', minutes)
        .addOption(new commander__WEBPACK_IMPORTED_MODULE_0__/* .Option */ .c$('--cache <use>', 'results of earlier runs').choices(['read-write', 'read', 'off']))
        .option('--backend <name>', 'what runs the tasks: local');
}
function collect(value, before) {
    return [...(before ?? []), value];
}
function collectList(value, before) {
    const items = value
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    return [...(before ?? []), ...items];
}
function positive(value) {
    const number = Number(value);
    if (!Number.isSafeInteger(number) || number < 1) {
        throw new commander__WEBPACK_IMPORTED_MODULE_0__/* .InvalidArgumentError */ .Di('It must be a whole number of at least 1.');
    }
    return number;
}
function minutes(value) {
    const number = Number(value);
    if (!Number.isFinite(number) || number <= 0 || value.trim() === '') {
        throw new commander__WEBPACK_IMPORTED_MODULE_0__/* .InvalidArgumentError */ .Di('It must be a number of minutes above 0.');
    }
    return number;
}


/***/ })

};
