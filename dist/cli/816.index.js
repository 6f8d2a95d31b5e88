export const id = 816;
export const ids = [816];
export const modules = {

/***/ 4807:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ isJsonObject)
/* harmony export */ });
/** True for a JSON mapping: neither null, a list, nor a scalar. */
function isJsonObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}


/***/ }),

/***/ 1162:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ refuse)
/* harmony export */ });
/* harmony import */ var _exit_code_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5720);
/* harmony import */ var _tell_diagnostics_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4991);


/** Tells why nothing was started; with `--json` the document says so too. */
function refuse(refusal, terminal, flags) {
    let message;
    let documents = [];
    switch (refusal.kind) {
        case 'diagnostics':
            message = (0,_tell_diagnostics_js__WEBPACK_IMPORTED_MODULE_1__/* .tellDiagnostics */ .g)(refusal.diagnostics, refusal.sources, terminal, flags);
            terminal.stderr.line(message);
            documents = (0,_tell_diagnostics_js__WEBPACK_IMPORTED_MODULE_1__/* .diagnosticDocuments */ .S)(refusal.diagnostics, refusal.sources);
            break;
        case 'refused':
            message = refusal.message;
            terminal.stderr.line(`error: ${message}`);
            break;
    }
    if (flags.json === true) {
        const document = {
            status: 'failed',
            runId: null,
            message,
            outputs: {},
            results: {},
            diagnostics: documents,
        };
        terminal.stdout.line(JSON.stringify(document, null, 2));
    }
    return _exit_code_js__WEBPACK_IMPORTED_MODULE_0__/* .EXIT */ .d.wrong;
}


/***/ }),

/***/ 4991:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  S: () => (/* binding */ diagnosticDocuments),
  g: () => (/* binding */ tellDiagnostics)
});

;// CONCATENATED MODULE: ./lib/report/source-position.js
/** Where an offset stands; beyond the end is the end. */
function sourcePosition(text, offset) {
    const at = Math.min(Math.max(0, offset), text.length);
    let line = 1;
    let start = 0;
    for (let next = text.indexOf('\n'); next !== -1 && next < at; next = text.indexOf('\n', next + 1)) {
        line += 1;
        start = next + 1;
    }
    const end = text.indexOf('\n', start);
    const whole = text.slice(start, end === -1 ? text.length : end);
    return { line, column: at - start + 1, text: whole.endsWith('\r') ? whole.slice(0, -1) : whole };
}

// EXTERNAL MODULE: ./lib/report/plain-text.js
var plain_text = __webpack_require__(1984);
// EXTERNAL MODULE: ./lib/report/text-width.js
var text_width = __webpack_require__(5730);
// EXTERNAL MODULE: ./lib/report/colour.js
var colour = __webpack_require__(8044);
;// CONCATENATED MODULE: ./lib/report/diagnostic-text.js




/** Columns of source that a frame shows; more is trimmed round the caret. */
const FRAME_COLUMNS = 100;
const TAB = '    ';
/** Columns of the line number. */
const GUTTER = 7;
/**
 * Diagnostics as frames for a terminal:
 *
 * ```
 * lattice.yml:14:13  error L204  task "fit" needs "prep-data", which does not exist
 *      14 │     needs: [prep-data]
 *         │             ^^^^^^^^^   did you mean "prep_data"?
 * lattice.yml:6:3    note        "prep_data" is defined here
 * ```
 */
function diagnosticText(diagnostics, sources, options) {
    const colors = (0,colour/* palette */.M)(options.color);
    return diagnostics.map((diagnostic) => one(diagnostic, sources, colors)).join('\n');
}
function one(diagnostic, sources, colors) {
    const place = placeText(diagnostic.location, sources);
    const places = diagnostic.notes.map((note) => placeText(note.location, sources));
    const placeWidth = Math.max(...[place, ...places].map(text_width/* textWidth */.sc));
    const word = `${diagnostic.severity} ${diagnostic.code}`;
    const paint = diagnostic.severity === 'error' ? colors.red : colors.yellow;
    const lines = [
        `${colors.bold((0,text_width/* padColumns */.Fo)(place, placeWidth))}  ${paint(word)}  ${colors.bold((0,plain_text/* plainLine */.h0)(diagnostic.message))}`,
        ...diagnostic_text_frame(diagnostic.location, sources, diagnostic.hint, paint, colors),
    ];
    diagnostic.notes.forEach((note, index) => {
        const at = (0,text_width/* padColumns */.Fo)(places[index] ?? '', placeWidth);
        lines.push(`${at}  ${colors.blue('note'.padEnd(word.length))}  ${(0,plain_text/* plainLine */.h0)(note.message)}`);
        if (note.location.file !== diagnostic.location.file) {
            lines.push(...diagnostic_text_frame(note.location, sources, undefined, colors.blue, colors));
        }
    });
    return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}
function placeText(location, sources) {
    const { line, column } = sourcePosition(sources.get(location.file) ?? '', location.span.start);
    return `${(0,plain_text/* plainLine */.h0)(location.file)}:${line}:${column}`;
}
function diagnostic_text_frame(location, sources, hint, paint, colors) {
    const source = sources.get(location.file);
    const empty = ' '.repeat(GUTTER);
    if (source === undefined || source === '') {
        return hint === undefined ? [] : [`${colors.dim(`${empty} │`)} ${paint((0,plain_text/* plainLine */.h0)(hint))}`];
    }
    const { line, column, text } = sourcePosition(source, location.span.start);
    const length = Math.max(1, location.span.end - location.span.start);
    const view = trim(text, column - 1, Math.min(column - 1 + length, Math.max(text.length, column)));
    const caret = ' '.repeat(view.indent) + paint('^'.repeat(view.width));
    const help = hint === undefined ? '' : `   ${paint((0,plain_text/* plainLine */.h0)(hint))}`;
    return [
        `${colors.dim(`${String(line).padStart(GUTTER)} │`)} ${view.text}`,
        `${colors.dim(`${empty} │`)} ${caret}${help}`,
    ];
}
/** The part of a line that a frame shows, and where its marked part (UTF-16 offsets `from` to `to`) stands in it. */
function trim(line, from, to) {
    const before = visible(line.slice(0, from));
    const marked = visible(line.slice(from, to));
    const after = visible(line.slice(to));
    const total = (0,text_width/* textWidth */.sc)(before) + (0,text_width/* textWidth */.sc)(marked) + (0,text_width/* textWidth */.sc)(after);
    if (total <= FRAME_COLUMNS) {
        return view(before, marked, after);
    }
    // The marked part has the first right to be seen, then what stands before it (up to a third), then what follows.
    const middle = head(marked, FRAME_COLUMNS - 20);
    const left = tail(before, Math.max(Math.floor(FRAME_COLUMNS / 3), FRAME_COLUMNS - (0,text_width/* textWidth */.sc)(middle) - (0,text_width/* textWidth */.sc)(after)));
    const right = middle === marked ? head(after, FRAME_COLUMNS - (0,text_width/* textWidth */.sc)(left) - (0,text_width/* textWidth */.sc)(middle)) : '';
    return view(left, middle, right);
}
function view(before, marked, after) {
    return {
        text: before + marked + after,
        indent: (0,text_width/* textWidth */.sc)(before),
        width: Math.max(1, (0,text_width/* textWidth */.sc)(marked)),
    };
}
/** Tabs as spaces and other control characters as a mark, so that columns add up. */
function visible(text) {
    return text
        .replaceAll('\t', TAB)
        .replace(/[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\u00b7')
        .replace(/\p{Surrogate}/gu, '\ufffd');
}
function head(text, columns) {
    if ((0,text_width/* textWidth */.sc)(text) <= columns) {
        return text;
    }
    return `${take(Array.from(text), columns - 1).join('')}…`;
}
function tail(text, columns) {
    if ((0,text_width/* textWidth */.sc)(text) <= columns) {
        return text;
    }
    return `…${take(Array.from(text).reverse(), columns - 1)
        .reverse()
        .join('')}`;
}
function take(characters, columns) {
    const taken = [];
    let used = 0;
    for (const character of characters) {
        used += (0,text_width/* characterWidth */.cd)(character);
        if (used > columns) {
            break;
        }
        taken.push(character);
    }
    return taken;
}

;// CONCATENATED MODULE: ./lib/report/annotations.js



/** GitHub cuts longer messages: 4,096 characters in the runner. */
const MESSAGE_LENGTH = 4_000;
/** One annotation per diagnostic, its notes and hint in the message. */
function diagnosticAnnotations(diagnostics, sources) {
    return diagnostics.map((diagnostic) => {
        const { file, span } = diagnostic.location;
        const text = sources.get(file) ?? '';
        const start = sourcePosition(text, span.start);
        const end = sourcePosition(text, Math.max(span.start, span.end));
        const lines = [
            diagnostic.message,
            ...(diagnostic.hint === undefined ? [] : [diagnostic.hint]),
            ...diagnostic.notes.map((note) => {
                const place = sourcePosition(sources.get(note.location.file) ?? '', note.location.span.start);
                return `${note.location.file}:${place.line}:${place.column} ${note.message}`;
            }),
        ];
        return {
            level: diagnostic.severity,
            message: (0,plain_text/* clip */.$Q)((0,plain_text/* plainText */.wh)(lines.join('\n')), MESSAGE_LENGTH),
            file,
            startLine: start.line,
            endLine: end.line,
            // GitHub takes columns only on a single line.
            ...(end.line === start.line
                ? { startColumn: start.column, endColumn: Math.max(start.column + 1, end.column) }
                : {}),
            title: diagnostic.code,
        };
    });
}
/** One annotation per failed electron and class of failure, on the electron's line. */
function failureAnnotations(record) {
    const electrons = new Map(record.electrons.map((electron) => [electron.path, electron]));
    const groups = new Map();
    for (const task of record.tasks) {
        if (task.failure !== undefined && (task.outcome === 'failed' || task.outcome === 'timed-out')) {
            const key = `${task.tolerated ? 1 : 0} ${task.electron} ${task.failure.class} ${task.failure.cause}`;
            const group = groups.get(key);
            if (group === undefined) {
                groups.set(key, [task]);
            }
            else {
                group.push(task);
            }
        }
    }
    return [...groups.values()].flatMap((tasks) => {
        const first = tasks[0];
        if (first?.failure === undefined) {
            return [];
        }
        const { cause, fact, advice } = first.failure;
        const electron = electrons.get(first.electron);
        const also = tasks.length === 1 ? '' : ` (and ${countText(tasks.length - 1, 'more task')} alike)`;
        const text = [`${first.id}: ${cause}${also}`, fact, advice].filter((line) => line !== undefined);
        return [
            {
                level: first.tolerated ? 'warning' : 'error',
                message: clip(plainText(text.join('\n')), MESSAGE_LENGTH),
                ...(electron === undefined ? {} : { file: electron.file, startLine: electron.line }),
                title: plainLine(`${first.id} ${first.outcome === 'timed-out' ? 'timed out' : 'failed'}`),
            },
        ];
    });
}
/** At most `limit` annotations, errors first; what is over is summed up in the last one. */
function capAnnotations(annotations, limit = 10) {
    const rank = { error: 0, warning: 1, notice: 2 };
    const sorted = annotations.toSorted((a, b) => rank[a.level] - rank[b.level]);
    if (sorted.length <= limit) {
        return sorted;
    }
    const shown = sorted.slice(0, limit - 1);
    const rest = sorted.slice(limit - 1);
    const words = ['error', 'warning', 'notice']
        .map((level) => [level, rest.filter((annotation) => annotation.level === level).length])
        .filter(([, count]) => count > 0)
        .map(([level, count]) => countText(count, `more ${level}`));
    return [
        ...shown,
        {
            level: rest[0]?.level ?? 'notice',
            title: 'And more',
            message: `${words.join(', ')}: all of them are in the log and in the job summary`,
        },
    ];
}

// EXTERNAL MODULE: ./lib/report/duration.js
var duration = __webpack_require__(136);
// EXTERNAL MODULE: ./lib/cli/terminal.js + 1 modules
var cli_terminal = __webpack_require__(9559);
;// CONCATENATED MODULE: ./lib/cli/tell-diagnostics.js




/** Frames on stderr, and how many there were of each kind. */
function tellDiagnostics(diagnostics, sources, terminal, flags) {
    const color = (0,cli_terminal/* wantsColor */.z)(terminal, terminal.stderr, flags.color);
    if (diagnostics.length > 0) {
        terminal.stderr.write(diagnosticText(diagnostics, sources, { color }));
    }
    const counts = ['error', 'warning']
        .map((severity) => [
        severity,
        diagnostics.filter((diagnostic) => diagnostic.severity === severity).length,
    ])
        .filter(([, count]) => count > 0)
        .map(([severity, count]) => (0,duration/* countText */.lT)(count, severity));
    return counts.join(', ');
}
/** Diagnostics for machines: places as people count them. */
function diagnosticDocuments(diagnostics, sources) {
    return diagnosticAnnotations(diagnostics, sources).map(({ level, title, file, startLine, startColumn, endLine, endColumn }, index) => ({
        severity: level,
        code: title,
        message: diagnostics[index]?.message ?? '',
        file,
        line: startLine,
        column: startColumn,
        endLine,
        endColumn,
        hint: diagnostics[index]?.hint,
    }));
}


/***/ }),

/***/ 8044:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ palette)
/* harmony export */ });
/** SGR sequences, or nothing. */
function palette(color) {
    const style = (on, off) => (text) => color && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
    return {
        bold: style(1, 22),
        dim: style(2, 22),
        red: style(31, 39),
        green: style(32, 39),
        yellow: style(33, 39),
        blue: style(34, 39),
    };
}


/***/ }),

/***/ 136:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   S5: () => (/* binding */ durationText),
/* harmony export */   YL: () => (/* binding */ estimateText),
/* harmony export */   lT: () => (/* binding */ countText)
/* harmony export */ });
/* unused harmony export sizeText */
/** Words for times, sizes and counts: the same everywhere. */
/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 14 min`, `3 d 2 h`. */
function durationText(milliseconds) {
    const total = Math.max(0, milliseconds);
    if (total < 9_950) {
        return `${(total / 1000).toFixed(1)} s`;
    }
    const seconds = Math.round(total / 1000);
    if (seconds < 60) {
        return `${seconds} s`;
    }
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) {
        return pair(minutes, 'min', seconds % 60, 's');
    }
    const hours = Math.floor(minutes / 60);
    if (hours < 48) {
        return pair(hours, 'h', minutes % 60, 'min');
    }
    return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}
/** An estimate, rounded so that it promises no more than it knows: `about 40 s`, `about 3 min`. */
function estimateText(milliseconds) {
    const seconds = milliseconds / 1000;
    if (seconds < 5) {
        return 'a few seconds';
    }
    if (seconds < 60) {
        return `about ${Math.ceil(seconds / 5) * 5} s`;
    }
    const minutes = Math.ceil(seconds / 60);
    return minutes < 60
        ? `about ${minutes} min`
        : `about ${pair(Math.floor(minutes / 60), 'h', Math.ceil((minutes % 60) / 5) * 5, 'min')}`;
}
/** `512 B`, `1.5 KB`, `12 MB`: powers of 1024, as disks and memory limits are counted here. */
function sizeText(bytes) {
    const units = ['B', 'KB', 'MB', 'GB', 'TB'];
    let value = bytes;
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
        value /= 1024;
        unit += 1;
    }
    const digits = unit === 0 || value >= 10 ? 0 : 1;
    return `${value.toFixed(digits)} ${units[unit] ?? 'B'}`;
}
/** `1 task`, `412 tasks`. */
function countText(count, noun, plural = `${noun}s`) {
    return `${count} ${count === 1 ? noun : plural}`;
}
function pair(first, firstUnit, second, secondUnit) {
    return second === 0 ? `${first} ${firstUnit}` : `${first} ${firstUnit} ${second} ${secondUnit}`;
}


/***/ }),

/***/ 1984:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $Q: () => (/* binding */ clip),
/* harmony export */   h0: () => (/* binding */ plainLine),
/* harmony export */   w$: () => (/* binding */ lastLines),
/* harmony export */   wh: () => (/* binding */ plainText),
/* harmony export */   y1: () => (/* binding */ plainLines)
/* harmony export */ });
/**
 * Text of tasks and users made harmless for a terminal or a log: no escape sequence, no control character, nothing that
 * turns the reading direction. What tasks print can otherwise rewrite lines, titles or the clipboard of who looks at it.
 */
// ECMA-48: OSC, DCS, SOS, PM and APC strings up to BEL or ST; CSI sequences; other two- and three-character escapes.
const ESCAPES = /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
// Bidirectional embeddings, overrides and isolates, and the line separators that some terminals obey.
const DIRECTIONS = /[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
/** Several lines, without escapes and controls; tabs and line feeds stay, `\r\n` becomes a line feed. */
function plainText(text) {
    return (text
        .replace(ESCAPES, '')
        .replaceAll('\r\n', '\n')
        // A progress bar redraws one line with carriage returns: its last state is what its author wanted to be seen.
        .replace(/^[^\n]*\r(?=[^\n])/gm, '')
        .replace(CONTROLS, '')
        .replace(DIRECTIONS, '')
        .replace(/\p{Surrogate}/gu, '\ufffd'));
}
/** One line: as {@link plainText}, line feeds and tabs become spaces. */
function plainLine(text) {
    return plainText(text).replace(/[\t\n]+/g, ' ');
}
/** Lines of a text without an empty one at the end. */
function plainLines(text) {
    const clean = plainText(text).replace(/\n+$/, '');
    return clean === '' ? [] : clean.split('\n');
}
/** The last `count` lines. */
function lastLines(text, count) {
    return plainLines(text).slice(-count);
}
/** Cut to `length` characters, the end replaced by `…`; never half of a surrogate pair. */
function clip(text, length) {
    return text.length <= length
        ? text
        : `${text.slice(0, Math.max(0, length - 1)).replace(/\p{Surrogate}$/u, '')}…`;
}


/***/ }),

/***/ 5730:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fo: () => (/* binding */ padColumns),
/* harmony export */   cd: () => (/* binding */ characterWidth),
/* harmony export */   qZ: () => (/* binding */ clipColumns),
/* harmony export */   sc: () => (/* binding */ textWidth)
/* harmony export */ });
/** Columns that text takes on a terminal. */
// Unicode's East Asian Width W and F, by the properties that a regular expression knows, and emoji.
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u{3000}-\u{3029}\u{30fb}\u{30fc}\u{ff01}-\u{ff60}\u{ffe0}-\u{ffe6}]/u;
const NARROW_KATAKANA = /[\uff61-\uffdc]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
const ASCII = /^[\x20-\x7e]*$/;
/** Columns of one character (code point). */
function characterWidth(character) {
    if (ASCII.test(character)) {
        return 1;
    }
    if (ZERO.test(character)) {
        return 0;
    }
    return WIDE.test(character) && !NARROW_KATAKANA.test(character) ? 2 : 1;
}
/** Columns of a line. */
function textWidth(text) {
    if (ASCII.test(text)) {
        return text.length;
    }
    let width = 0;
    for (const character of text) {
        width += characterWidth(character);
    }
    return width;
}
/** Padded with spaces on the right to `width` columns. */
function padColumns(text, width) {
    return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
/** Cut to `width` columns, `…` at the end when something is missing. */
function clipColumns(text, width) {
    if (textWidth(text) <= width) {
        return text;
    }
    let used = 0;
    let kept = '';
    for (const character of text) {
        const columns = characterWidth(character);
        if (used + columns > width - 1) {
            break;
        }
        used += columns;
        kept += character;
    }
    return width <= 0 ? '' : `${kept}…`;
}


/***/ }),

/***/ 9871:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   N: () => (/* binding */ loadLattice),
/* harmony export */   readText: () => (/* binding */ readText)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);


/** A limit of the language; larger files are not even read. */
const FILE_BYTES = 1024 * 1024;
/** Reads and compiles a lattice and everything it uses. */
async function loadLattice(request) {
    const problems = [];
    const read = (path) => {
        const given = request.sources?.get(path);
        if (given !== undefined) {
            return given;
        }
        const answer = readText((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(request.cwd, path), path);
        if (!answer.ok && answer.problem !== undefined) {
            problems.push(answer.problem);
        }
        return answer.ok ? answer.text : undefined;
    };
    const text = read(request.file);
    if (text === undefined) {
        return {
            kind: 'refused',
            message: problems[0] ?? `there is no lattice file ${request.file} in ${request.cwd}`,
        };
    }
    // The language is loaded when it is needed: a missing file is told without it.
    const { compile } = await Promise.all(/* import() */[__webpack_require__.e(815), __webpack_require__.e(281), __webpack_require__.e(855)]).then(__webpack_require__.bind(__webpack_require__, 8855));
    const compilation = compile({
        file: request.file,
        text,
        inputs: request.inputs,
        github: request.github,
        files: {
            read,
            exists: (path) => request.sources?.has(path) === true ||
                (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)((0,node_path__WEBPACK_IMPORTED_MODULE_1__.resolve)(request.cwd, path), { throwIfNoEntry: false }) !== undefined,
        },
    });
    const problem = problems[0];
    if (problem !== undefined) {
        return { kind: 'refused', message: problem };
    }
    return compilation.ok
        ? {
            kind: 'plan',
            plan: compilation.plan,
            warnings: compilation.warnings,
            sources: compilation.plan.sources,
            secrets: compilation.secrets,
        }
        : { kind: 'diagnostics', diagnostics: compilation.diagnostics, sources: compilation.sources };
}
/** Reads a text file of bounded size. `name` is how the user wrote it. */
function readText(path, name, limit = FILE_BYTES) {
    let bytes;
    try {
        const stat = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(path);
        if (stat.isDirectory()) {
            return { ok: false, problem: `${name} is a folder; name the file in it` };
        }
        if (stat.size > limit) {
            return { ok: false, problem: `${name} has ${stat.size} bytes; at most ${limit} are read` };
        }
        bytes = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(path);
    }
    catch (error) {
        const code = error.code;
        if (code === 'ENOENT' || code === 'ENOTDIR') {
            return { ok: false, problem: undefined };
        }
        const reason = code === 'EACCES' || code === 'EPERM' ? 'permission denied' : String(code ?? error);
        return { ok: false, problem: `${name} cannot be read: ${reason}` };
    }
    if (bytes.length > limit) {
        return { ok: false, problem: `${name} has ${bytes.length} bytes; at most ${limit} are read` };
    }
    if (bytes.includes(0)) {
        return {
            ok: false,
            problem: `${name} is no text file: it holds NUL bytes (UTF-8 is expected)`,
        };
    }
    try {
        return {
            ok: true,
            text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes),
        };
    }
    catch {
        return { ok: false, problem: `${name} is no UTF-8 text; save it as UTF-8` };
    }
}


/***/ })

};
