export const id = 147;
export const ids = [147];
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

/***/ 9147:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  checkCommand: () => (/* binding */ checkCommand),
  graphCommand: () => (/* binding */ graphCommand),
  planCommand: () => (/* binding */ planCommand)
});

// EXTERNAL MODULE: ./lib/runs/load-lattice.js
var load_lattice = __webpack_require__(9871);
// EXTERNAL MODULE: ./lib/report/duration.js
var duration = __webpack_require__(136);
// EXTERNAL MODULE: ./lib/report/plain-text.js
var plain_text = __webpack_require__(1984);
;// CONCATENATED MODULE: ./lib/report/graph.js


/** The electrons of a plan and what needs what. */
function graphText(plan, format) {
    const nodes = [];
    const edges = [];
    for (const electron of plan.lattice.electrons.values()) {
        nodes.push({ id: electron.id, note: taskCountText(plan, electron.id) });
        for (const need of electron.needs) {
            edges.push({ from: need, to: electron.id, each: need === electron.forEach });
        }
    }
    switch (format) {
        case 'mermaid':
            return mermaidGraph(nodes, edges);
        case 'dot':
            return dotGraph(plan.lattice.name, nodes, edges);
        case 'text':
            return nodes
                .map((node) => {
                const needs = edges.filter((edge) => edge.to === node.id).map((edge) => edge.from);
                return `${node.id} (${node.note})${needs.length === 0 ? '' : ` <- ${needs.join(', ')}`}\n`;
            })
                .join('');
    }
}
/** How many tasks an electron has, as far as that is known before it runs. */
function taskCountText(plan, id) {
    const combinations = plan.combinations.get(id);
    const electron = plan.lattice.electrons.get(id);
    if (electron?.forEach !== undefined) {
        return `per task of ${electron.forEach}`;
    }
    return combinations === undefined ? 'tasks known later' : (0,duration/* countText */.lT)(combinations.length, 'task');
}
/** A Mermaid flowchart, left to right. Ids are numbered, since Mermaid has reserved words and characters. */
function mermaidGraph(nodes, edges, styles = []) {
    const numbers = new Map(nodes.map((node, index) => [node.id, `n${index}`]));
    const lines = ['flowchart LR'];
    for (const node of nodes) {
        const note = node.note === '' ? '' : `<br/>${mermaidText(node.note)}`;
        const style = node.style === undefined ? '' : `:::${node.style}`;
        lines.push(`  ${numbers.get(node.id) ?? ''}["${mermaidText(node.id)}${note}"]${style}`);
    }
    for (const edge of edges) {
        const from = numbers.get(edge.from);
        const to = numbers.get(edge.to);
        if (from !== undefined && to !== undefined) {
            lines.push(`  ${from} ${edge.each ? '-.->' : '-->'} ${to}`);
        }
    }
    return `${[...lines, ...styles.map((style) => `  ${style}`)].join('\n')}\n`;
}
/** Text inside a quoted Mermaid label: entities are written `#…;` there. */
function mermaidText(text) {
    return (0,plain_text/* plainLine */.h0)(text).replace(/[^\p{L}\p{N} _\-.,/[\]]/gu, (character) => `#${character.codePointAt(0) ?? 63};`);
}
function dotGraph(name, nodes, edges) {
    const quote = (text) => `"${(0,plain_text/* plainLine */.h0)(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
    const lines = [`digraph ${quote(name)} {`, '  rankdir=LR;', '  node [shape=box];'];
    for (const node of nodes) {
        // The line break belongs to DOT, so it is put in after quoting.
        lines.push(`  ${quote(node.id)} [label=${quote(node.id).slice(0, -1)}\\n${quote(node.note).slice(1)}];`);
    }
    for (const edge of edges) {
        lines.push(`  ${quote(edge.from)} -> ${quote(edge.to)}${edge.each ? ' [style=dashed]' : ''};`);
    }
    return `${[...lines, '}'].join('\n')}\n`;
}
/** A template as its author wrote it. */
function templateText(template) {
    switch (template.kind) {
        case 'literal':
            return typeof template.value === 'string' ? template.value : JSON.stringify(template.value);
        case 'expression':
            return `\${{ ${template.expression.source.trim()} }}`;
        case 'text':
            return template.parts
                .map((part) => (typeof part === 'string' ? part : `\${{ ${part.source.trim()} }}`))
                .join('');
        case 'list':
            return `[${template.items.map(templateText).join(', ')}]`;
        case 'map':
            return `{${[...template.entries].map(([key, value]) => `${key}: ${templateText(value)}`).join(', ')}}`;
    }
}

// EXTERNAL MODULE: ./lib/report/colour.js
var colour = __webpack_require__(8044);
;// CONCATENATED MODULE: ./lib/report/plan-text.js




/** Combinations of a matrix that a plan shows. */
const SHOWN_TASKS = 5;
/** What would run: electrons in the order they can start, their tasks, needs and shapes, and what is known only later. */
function planText(plan, options) {
    const colors = (0,colour/* palette */.M)(options.color);
    const { lattice } = plan;
    let known = 0;
    let later = 0;
    for (const electron of lattice.electrons.values()) {
        const combinations = plan.combinations.get(electron.id);
        if (combinations === undefined || electron.forEach !== undefined) {
            later += 1;
        }
        else {
            known += combinations.length;
        }
    }
    const more = later === 0 ? '' : `; the tasks of ${(0,duration/* countText */.lT)(later, 'electron')} are known only later`;
    const lines = [
        `${colors.bold((0,plain_text/* plainLine */.h0)(lattice.name))}: ${(0,duration/* countText */.lT)(known, 'task')} of ${(0,duration/* countText */.lT)(lattice.electrons.size, 'electron')}${more}`,
    ];
    const inputs = Object.entries(plan.inputs);
    if (inputs.length > 0) {
        lines.push(`inputs: ${inputs.map(([name, value]) => `${name}=${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(JSON.stringify(value)), 80)}`).join(', ')}`);
    }
    if (plan.secretInputs.length > 0) {
        lines.push(`secret inputs: ${plan.secretInputs.join(', ')}`);
    }
    for (const electron of lattice.electrons.values()) {
        lines.push('', `${colors.bold(electron.id)}: ${taskCountText(plan, electron.id)}`);
        lines.push(...electronLines(plan, electron).map((line) => `  ${line}`));
    }
    if (lattice.outputs.size > 0) {
        lines.push('', `outputs: ${[...lattice.outputs.keys()].join(', ')}`);
    }
    return `${lines.join('\n')}\n`;
}
function electronLines(plan, electron) {
    const lines = [workText(electron.work)];
    if (electron.needs.length > 0) {
        lines.push(`needs ${electron.needs.join(', ')}`);
    }
    if (electron.condition !== undefined) {
        lines.push(`if ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(electron.condition.source), 120)}`);
    }
    const combinations = plan.combinations.get(electron.id) ?? [];
    const told = combinations.filter((combination) => Object.keys(combination).length > 0);
    if (told.length > 0) {
        lines.push(...told
            .slice(0, SHOWN_TASKS)
            .map((combination, index) => `${electron.id}[${index}] ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(JSON.stringify(combination)), 120)}`));
        if (told.length > SHOWN_TASKS) {
            lines.push(`and ${told.length - SHOWN_TASKS} more`);
        }
    }
    const shape = [
        electron.vcpu === undefined ? '' : `${(0,plain_text/* plainLine */.h0)(templateText(electron.vcpu))} vCPU`,
        electron.memory === undefined ? '' : `${(0,plain_text/* plainLine */.h0)(templateText(electron.memory))} GB`,
        `at most ${(0,plain_text/* plainLine */.h0)(templateText(electron.timeoutMinutes))} min`,
        electron.strategy.maxParallel === undefined
            ? ''
            : `${(0,plain_text/* plainLine */.h0)(templateText(electron.strategy.maxParallel))} at a time`,
    ];
    lines.push(shape.filter((text) => text !== '').join(', '));
    return lines;
}
function workText(work) {
    switch (work.kind) {
        case 'run': {
            const script = templateText(work.script).trimEnd().split('\n');
            return `run: ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(script[0] ?? ''), 100)}${script.length > 1 ? ` (${(0,duration/* countText */.lT)(script.length, 'line')})` : ''}`;
        }
        case 'command':
            return `command: ${(0,plain_text/* clip */.$Q)((0,plain_text/* plainLine */.h0)(templateText(work.words)), 100)}`;
        case 'call':
            return `call: ${(0,plain_text/* plainLine */.h0)(work.file)}:${(0,plain_text/* plainLine */.h0)(work.function)}`;
        case 'uses':
            return `uses: ${(0,plain_text/* plainLine */.h0)(work.lattice.file)} (${(0,duration/* countText */.lT)(work.lattice.electrons.size, 'electron')})`;
        case 'image':
            return "the image's own command";
    }
}
/** A plan for machines: what `lattice plan --json` prints. */
function planDocument(plan) {
    return {
        status: 'planned',
        name: plan.lattice.name,
        file: plan.lattice.file,
        inputs: plan.inputs,
        electrons: [...plan.lattice.electrons.values()].map((electron) => ({
            id: electron.id,
            needs: electron.needs,
            ...(electron.forEach === undefined ? {} : { forEach: electron.forEach }),
            work: electron.work.kind,
            /** Null where the tasks are known only once their needs have ended. */
            tasks: electron.forEach === undefined ? (plan.combinations.get(electron.id) ?? null) : null,
        })),
        outputs: [...plan.lattice.outputs.keys()],
    };
}

// EXTERNAL MODULE: ./lib/cli/call.js + 1 modules
var cli_call = __webpack_require__(9932);
// EXTERNAL MODULE: ./lib/cli/exit-code.js
var exit_code = __webpack_require__(5720);
// EXTERNAL MODULE: ./lib/cli/refusal.js
var refusal = __webpack_require__(1162);
// EXTERNAL MODULE: ./lib/cli/tell-diagnostics.js + 3 modules
var tell_diagnostics = __webpack_require__(4991);
// EXTERNAL MODULE: ./lib/cli/terminal.js + 1 modules
var cli_terminal = __webpack_require__(9559);
;// CONCATENATED MODULE: ./lib/cli/commands/plan.js








/** `lattice plan`: what would run. */
async function planCommand(file, flags, terminal) {
    return withPlan(file, flags, terminal, ({ plan }) => {
        if (flags.json === true) {
            terminal.stdout.line(JSON.stringify(planDocument(plan), null, 2));
        }
        else {
            terminal.stdout.write(planText(plan, { color: (0,cli_terminal/* wantsColor */.z)(terminal, terminal.stdout, flags.color) }));
        }
    });
}
/** `lattice check`: only what is wrong. */
async function checkCommand(file, flags, terminal) {
    return withPlan(file, flags, terminal, ({ plan, warnings, sources }) => {
        const message = `${plan.lattice.file} is fine${warnings.length > 0 ? ' but for what is said above' : ''}`;
        if (flags.json === true) {
            const document = {
                status: 'planned',
                message,
                diagnostics: (0,tell_diagnostics/* diagnosticDocuments */.S)(warnings, sources),
            };
            terminal.stdout.line(JSON.stringify(document, null, 2));
        }
        else {
            terminal.stdout.line(message);
        }
    });
}
/** `lattice graph`: the drawing. */
async function graphCommand(file, flags, terminal) {
    return withPlan(file, flags, terminal, ({ plan }) => {
        const graph = graphText(plan, flags.format);
        terminal.stdout.write(flags.json === true ? `${JSON.stringify({ format: flags.format, graph }, null, 2)}\n` : graph);
    });
}
async function withPlan(file, flags, terminal, show) {
    const call = await (0,cli_call/* latticeCall */.$)(file, flags, terminal);
    const loaded = await (0,load_lattice/* loadLattice */.N)(call.request);
    if (loaded.kind !== 'plan') {
        return (0,refusal/* refuse */.T)(loaded, terminal, flags);
    }
    (0,tell_diagnostics/* tellDiagnostics */.g)(loaded.warnings, loaded.sources, terminal, flags);
    show(loaded);
    return exit_code/* EXIT */.d.ok;
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
