export const id = 855;
export const ids = [855];
export const modules = {

/***/ 2292:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _: () => (/* binding */ err),
/* harmony export */   ok: () => (/* binding */ ok)
/* harmony export */ });
/** The good half of a {@link Result}. */
function ok(value) {
    return { ok: true, value };
}
/** The bad half of a {@link Result}. */
function err(error) {
    return { ok: false, error };
}


/***/ }),

/***/ 831:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EJ: () => (/* binding */ fargateSize),
/* harmony export */   O3: () => (/* binding */ STORAGE),
/* harmony export */   qi: () => (/* binding */ FARGATE_SIZES)
/* harmony export */ });
/**
 * The sizes Fargate offers on Linux: "Task CPU and memory" of the Amazon ECS developer guide
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html).
 */
/** Memory in GB for each vCPU. */
const FARGATE_SIZES = new Map([
    [0.25, [0.5, 1, 2]],
    [0.5, [1, 2, 3, 4]],
    [1, steps(2, 8, 1)],
    [2, steps(4, 16, 1)],
    [4, steps(8, 30, 1)],
    [8, steps(16, 60, 4)],
    [16, steps(32, 120, 8)],
]);
/** GiB of ephemeral storage. */
const STORAGE = { smallest: 20, largest: 200 };
function steps(from, to, step) {
    return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
}
/** One alone picks the smallest valid partner; none: the smallest size. */
function fargateSize(vcpu, memory) {
    const all = [...FARGATE_SIZES];
    if (vcpu !== undefined && !FARGATE_SIZES.has(vcpu)) {
        const message = `Fargate offers no ${vcpu} vCPU`;
        return {
            ok: false,
            wrong: 'vcpu',
            message,
            hint: `one of ${[...FARGATE_SIZES.keys()].join(', ')}`,
        };
    }
    if (memory === undefined) {
        const chosen = vcpu ?? 0.25;
        return { ok: true, vcpu: chosen, memory: FARGATE_SIZES.get(chosen)?.[0] ?? 0.5 };
    }
    const holders = all.filter(([, memories]) => memories.includes(memory)).map(([cpu]) => cpu);
    const [smallest] = holders;
    if (smallest === undefined) {
        const known = [...new Set(all.flatMap(([, memories]) => memories))].sort((a, b) => a - b);
        return {
            ok: false,
            wrong: 'memory',
            message: `Fargate offers no ${memory} GB`,
            hint: `the nearest are ${near(memory, known).join(' and ')} GB`,
        };
    }
    if (vcpu === undefined)
        return { ok: true, vcpu: smallest, memory };
    const memories = FARGATE_SIZES.get(vcpu) ?? [];
    if (memories.includes(memory))
        return { ok: true, vcpu, memory };
    const cpu = [...holders].sort((a, b) => Math.abs(a - vcpu) - Math.abs(b - vcpu))[0] ?? smallest;
    return {
        ok: false,
        wrong: 'pair',
        message: `Fargate offers no ${vcpu} vCPU with ${memory} GB`,
        hint: `the nearest are ${vcpu} vCPU with ${near(memory, memories).join(' or ')} GB, and ${cpu} vCPU with ${memory} GB`,
    };
}
/** The neighbours of a value among valid ones: one below, one above. */
function near(value, valid) {
    const below = valid.filter((other) => other < value).at(-1);
    const above = valid.find((other) => other > value);
    return [below, above].filter((other) => other !== undefined);
}


/***/ }),

/***/ 8855:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Vp: () => (/* reexport */ bindInputs),
  compile: () => (/* reexport */ compile),
  bA: () => (/* reexport */ dimensionSources),
  F9: () => (/* reexport */ evaluateCondition),
  Eh: () => (/* reexport */ expandMatrix),
  x5: () => (/* reexport */ locate_locate),
  XX: () => (/* reexport */ render),
  G4: () => (/* reexport */ renderString),
  kZ: () => (/* reexport */ resolveResources)
});

// UNUSED EXPORTS: CATALOGUE, MAX_TASKS, diagnose, didYouMean, latticeSchema

;// CONCATENATED MODULE: ./lib/lattice/diagnose.js
/** A diagnostic of the catalogue; codes from L900 are warnings. `hint` may be undefined for "nothing to suggest". */
function diagnose(code, location, message, more = {}) {
    return {
        severity: code >= 'L900' ? 'warning' : 'error',
        code,
        message,
        location,
        ...(more.hint === undefined ? {} : { hint: more.hint }),
        notes: more.notes ?? [],
    };
}

// EXTERNAL MODULE: ./lib/base/result.js
var result = __webpack_require__(2292);
// EXTERNAL MODULE: ./node_modules/@actions/expressions/dist/index.js + 15 modules
var dist = __webpack_require__(1281);
;// CONCATENATED MODULE: ./lib/lattice/expression/values.js
/**
 * JSON as GitHub's expression package wants it. Lists and mappings are wrapped, not copied, and a wrapper is made once per
 * object, so that ten thousand tasks that read `needs.x.tasks` share one conversion. JSON given to this folder must
 * therefore never change afterwards.
 */

/** A list over JSON that is converted when it is looked at. */
class JsonList extends dist/* data.Array */.p.O3 {
    json;
    #items;
    constructor(json) {
        super();
        this.json = json;
    }
    get(index) {
        return toValue(this.json[index] ?? null);
    }
    values() {
        this.#items ??= this.json.map(toValue);
        return this.#items;
    }
}
/**
 * A mapping over JSON. Names are found exactly or else, as in workflows, whatever their case; the package's own class
 * would lose one of `a` and `A`, and every key named like a member of `Object.prototype`.
 */
class JsonMapping extends dist/* data.Dictionary */.p.bT {
    json;
    #folded;
    constructor(json) {
        super();
        this.json = json;
    }
    get(name) {
        if (Object.hasOwn(this.json, name))
            return toValue(this.json[name] ?? null);
        const key = this.#keyOf(name.toLowerCase());
        return key === undefined ? undefined : toValue(this.json[key] ?? null);
    }
    values() {
        return Object.values(this.json).map((item) => toValue(item ?? null));
    }
    pairs() {
        return Object.entries(this.json).map(([key, item]) => ({ key, value: toValue(item ?? null) }));
    }
    #keyOf(folded) {
        if (this.#folded === undefined) {
            this.#folded = new Map();
            for (const key of Object.keys(this.json)) {
                const name = key.toLowerCase();
                if (!this.#folded.has(name))
                    this.#folded.set(name, key);
            }
        }
        return this.#folded.get(folded);
    }
}
const wrappers = new WeakMap();
/** JSON as a value of the expression package; the same object gives the same value. */
function toValue(json) {
    if (json === null)
        return new dist/* data.Null */.p.Uv();
    if (typeof json === 'string')
        return new dist/* data.StringData */.p.uQ(json);
    if (typeof json === 'number')
        return new dist/* data.NumberData */.p.Q9(json);
    if (typeof json === 'boolean')
        return new dist/* data.BooleanData */.p.bo(json);
    const known = wrappers.get(json);
    if (known !== undefined)
        return known;
    const made = isList(json) ? new JsonList(json) : new JsonMapping(json);
    wrappers.set(json, made);
    return made;
}
/** A value as JSON; lists and mappings that came from JSON come back as the same object. */
function toJson(value) {
    if (value instanceof JsonList || value instanceof JsonMapping)
        return value.json;
    if (value instanceof dist/* data.Array */.p.O3)
        return value.values().map(toJson);
    if (value instanceof dist/* data.Dictionary */.p.bT) {
        return Object.fromEntries(value.pairs().map((pair) => [pair.key, toJson(pair.value)]));
    }
    return value instanceof dist/* data.Null */.p.Uv ? null : value.value;
}
/** Text as GitHub makes it of a scalar; undefined for a list or mapping, of which GitHub would print `Array`, `Object`. */
function textOf(value) {
    if (value instanceof dist/* data.NumberData */.p.Q9)
        return numberText(value.value);
    return value.primitive ? value.coerceString() : undefined;
}
/**
 * Fifteen significant digits, as the runner's `G15`; whole numbers whole. The package's own text keeps fifteen digits
 * after the point instead, which makes 0 of 1e-16.
 */
function numberText(value) {
    if (value === 0)
        return '0';
    return Number.isSafeInteger(value) ? String(value) : String(Number(value.toPrecision(15)));
}
/** In words, for messages. */
function kindOf(value) {
    switch (value.kind) {
        case dist/* data.Kind */.p.b8.String:
            return 'a text';
        case dist/* data.Kind */.p.b8.Array:
            return 'a list';
        case dist/* data.Kind */.p.b8.Dictionary:
            return 'a mapping';
        case dist/* data.Kind */.p.b8.Boolean:
            return 'true or false';
        case dist/* data.Kind */.p.b8.Number:
            return 'a number';
        case dist/* data.Kind */.p.b8.Null:
            return 'null';
    }
}
const isList = (json) => Array.isArray(json);
const sizes = new WeakMap();
const MAX_DEPTH = 500;
/** Bytes of a value as JSON, near enough for a limit; Infinity when it is nested too deeply to be written at all. */
function sizeOf(json, depth = 0) {
    if (typeof json === 'string')
        return Buffer.byteLength(json) + 2;
    if (typeof json !== 'object' || json === null)
        return 5;
    const known = sizes.get(json);
    if (known !== undefined)
        return known;
    if (depth > MAX_DEPTH)
        return Infinity;
    let size = 2;
    if (isList(json)) {
        for (const item of json)
            size += sizeOf(item ?? null, depth + 1) + 1;
    }
    else {
        for (const [key, item] of Object.entries(json)) {
            size += Buffer.byteLength(key) + 4 + sizeOf(item ?? null, depth + 1);
        }
    }
    sizes.set(json, size);
    return size;
}

;// CONCATENATED MODULE: ./lib/lattice/suggest.js
/** Names that are looked at: a lattice of ten thousand wrong names must not take minutes. */
const MAX_CANDIDATES = 1000;
/** The name that was probably meant: fewest typing mistakes, at most a third of the length; ties as listed. */
function nearest(name, candidates) {
    let best;
    let least = Math.max(1, Math.floor(name.length / 3)) + 1;
    const wanted = fold(name);
    let looked = 0;
    for (const candidate of candidates) {
        looked += 1;
        if (looked > MAX_CANDIDATES)
            break;
        if (Math.abs(candidate.length - name.length) >= least)
            continue;
        const distance = typingDistance(wanted, fold(candidate), least);
        if (distance < least) {
            best = candidate;
            least = distance;
        }
    }
    return best ?? completed(wanted, candidates);
}
/** A name that was cut short: `every` for `every-minutes`. */
function completed(wanted, candidates) {
    if (wanted.length < 3)
        return undefined;
    let looked = 0;
    for (const candidate of candidates) {
        looked += 1;
        if (looked > MAX_CANDIDATES)
            break;
        if (fold(candidate).startsWith(`${wanted}-`))
            return candidate;
    }
    return undefined;
}
/** `did you mean "x"?`, or undefined when nothing is near. */
function didYouMean(name, candidates) {
    const found = name.length > 200 ? undefined : nearest(name, candidates);
    return found === undefined ? undefined : `did you mean "${found}"?`;
}
/** Case and the choice of separator are never what someone meant to say. */
function fold(name) {
    return name.toLowerCase().replace(/[_.\s]/g, '-');
}
/**
 * Damerau-Levenshtein (optimal string alignment): insertions, deletions, replacements, swaps of neighbours. Gives up at
 * `limit`.
 */
function typingDistance(left, right, limit) {
    let beforeLast = [];
    let leastBefore = 0;
    let last = Array.from({ length: right.length + 1 }, (_, index) => index);
    for (let i = 1; i <= left.length; i += 1) {
        const row = [i];
        let least = i;
        for (let j = 1; j <= right.length; j += 1) {
            const replace = (last[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
            let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
            if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
                cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
            }
            row.push(cost);
            least = Math.min(least, cost);
        }
        // A swap looks back two rows, so both have to be beyond hope.
        if (least >= limit && leastBefore >= limit)
            return limit;
        leastBefore = least;
        beforeLast = last;
        last = row;
    }
    return last[right.length] ?? 0;
}

;// CONCATENATED MODULE: ./lib/lattice/inputs.js




/**
 * Coerces every value to its declared type and fills in defaults; tells all mistakes at once. `at` is where the values
 * stand when they come from a lattice (`with` of `uses`); otherwise mistakes are shown at the declaration.
 */
function bindInputs(lattice, values, at) {
    const diagnostics = [];
    const inputs = [];
    const secrets = [];
    for (const name of Object.keys(values)) {
        if (lattice.inputs.has(name))
            continue;
        const location = at ?? { file: lattice.file, span: { start: 0, end: 0 } };
        const known = [...lattice.inputs.keys()];
        diagnostics.push(diagnose('L406', location, `there is no input "${name}"`, {
            hint: didYouMean(name, known) ??
                (known.length === 0 ? 'the lattice declares no inputs' : `there is: ${known.join(', ')}`),
        }));
    }
    for (const declaration of lattice.inputs.values()) {
        const { name } = declaration;
        const given = Object.hasOwn(values, name) ? values[name] : undefined;
        const bound = given === undefined ? absent(declaration) : coerceInput(declaration, given);
        if (!bound.ok) {
            const location = at ?? declaration.location;
            const notes = at === undefined
                ? []
                : [{ message: `"${name}" is declared here`, location: declaration.location }];
            const { code, message, hint } = bound.error;
            diagnostics.push(diagnose(code, location, message, { hint, notes }));
        }
        else if (declaration.type !== 'secret') {
            inputs.push([name, bound.value]);
        }
        else if (typeof bound.value === 'string') {
            secrets.push([name, bound.value]);
        }
    }
    return diagnostics.length > 0
        ? (0,result/* err */._)(diagnostics)
        : (0,result.ok)({ inputs: Object.fromEntries(inputs), secrets: Object.fromEntries(secrets) });
}
/** What an input has that nobody gave: its default, or as in workflows the empty value of its type. */
function absent(declaration) {
    if (declaration.default !== undefined)
        return coerceInput(declaration, declaration.default);
    if (!declaration.required)
        return (0,result.ok)(emptyOf(declaration));
    return (0,result/* err */._)({
        code: 'L407',
        message: `input "${declaration.name}" is required and has no value`,
        hint: 'give a value, or a default in the lattice',
    });
}
function emptyOf(declaration) {
    switch (declaration.type) {
        case 'string':
            return '';
        case 'number':
            return 0;
        case 'boolean':
            return false;
        case 'choice':
            return declaration.options[0] ?? '';
        case 'json':
        case 'secret':
            return null;
    }
}
/** A value as its declared type: the command line and the action give texts only. Also used to check defaults. */
function coerceInput(declaration, value) {
    switch (declaration.type) {
        case 'string':
            return typeof value === 'object' && value !== null
                ? wrong(declaration, `takes a text, not ${inWords(value)}`, 'declare it with type: json')
                : (0,result.ok)(inputs_textOf(value));
        case 'secret':
            // The value itself is never part of a message.
            return typeof value === 'object' ? wrong(declaration, 'takes a text') : (0,result.ok)(inputs_textOf(value));
        case 'number':
            return coerceNumber(declaration, value);
        case 'boolean':
            return coerceBoolean(declaration, value);
        case 'choice':
            return coerceChoice(declaration, value);
        case 'json':
            return coerceJson(declaration, value);
    }
}
function coerceNumber(declaration, value) {
    if (typeof value === 'number')
        return (0,result.ok)(value);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    return Number.isFinite(number)
        ? (0,result.ok)(number)
        : wrong(declaration, `takes a number, not ${inWords(value)}`);
}
function coerceBoolean(declaration, value) {
    if (typeof value === 'boolean')
        return (0,result.ok)(value);
    // The words of YAML 1.2's core schema, which @actions/core's getBooleanInput takes too.
    if (typeof value === 'string' && /^(true|True|TRUE)$/.test(value))
        return (0,result.ok)(true);
    if (typeof value === 'string' && /^(false|False|FALSE)$/.test(value))
        return (0,result.ok)(false);
    return wrong(declaration, `takes true or false, not ${inWords(value)}`);
}
function coerceChoice(declaration, value) {
    const { options } = declaration;
    const text = typeof value === 'object' ? undefined : inputs_textOf(value);
    if (text !== undefined && options.includes(text))
        return (0,result.ok)(text);
    const near = text === undefined ? undefined : didYouMean(text, options);
    return wrong(declaration, `is ${inWords(value)}, which is none of its options`, near ?? `one of: ${options.join(', ')}`);
}
function coerceJson(declaration, value) {
    if (typeof value !== 'string')
        return (0,result.ok)(value);
    try {
        return (0,result.ok)(JSON.parse(value));
    }
    catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        return wrong(declaration, `takes JSON: ${reason}`, `a text in JSON has double quotes: '"text"'`);
    }
}
function wrong(declaration, message, hint) {
    return (0,result/* err */._)({
        code: 'L408',
        message: `input "${declaration.name}" ${message}`,
        ...(hint === undefined ? {} : { hint }),
    });
}
function inputs_textOf(value) {
    if (value === null)
        return '';
    return typeof value === 'number' ? numberText(value) : String(value);
}
function inWords(value) {
    if (Array.isArray(value))
        return 'a list';
    if (typeof value === 'object' && value !== null)
        return 'a mapping';
    const text = JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

// EXTERNAL MODULE: ./lib/base/json.js
var json = __webpack_require__(4807);
// EXTERNAL MODULE: ./node_modules/@actions/expressions/dist/result.js
var dist_result = __webpack_require__(6856);
;// CONCATENATED MODULE: ./lib/lattice/combinations.js
/**
 * The product of a matrix, with `exclude` and `include` as GitHub applies them: a filter is compared leaf by leaf with
 * the loose `==` of expressions (actions/runner, `MatrixBuilder`), so `'3.10'` also meets the number 3.1, and a mapping
 * in a filter meets every value that has at least its leaves.
 */



/** Combinations of one electron; the limit of tasks of a lattice. */
const MAX_COMBINATIONS = 10_000;
/** Combinations before `exclude`: more is refused before it is built. */
const MAX_PRODUCT = 100_000;
/** In matrix order: the last key changes fastest, what `include` adds comes last. A number: too many, and how many. */
function combine(matrix) {
    const axes = [...matrix.dimensions].map(([key, values]) => new Axis(key, values));
    const product = axes.length === 0 ? 0 : axes.reduce((size, axis) => size * axis.values.length, 1);
    if (product > MAX_PRODUCT)
        return product;
    const grid = new Grid(axes, product);
    for (const filter of matrix.exclude)
        grid.exclude(filter);
    if (grid.left > MAX_COMBINATIONS)
        return grid.left;
    const { originals, added } = grid.include(matrix.include);
    const total = originals.length + added.length;
    return total > MAX_COMBINATIONS ? total : [...originals, ...added];
}
/** One dimension, with its scalars indexed by what the loose `==` compares. */
class Axis {
    key;
    values;
    /** How many combinations stand between two neighbouring values; set by the grid. */
    stride = 1;
    #texts = new Map();
    #numbersOfTexts = new Map();
    #numbers = new Map();
    #all;
    constructor(key, values) {
        this.key = key;
        this.values = values;
        this.#all = values.map((_, index) => index);
        values.forEach((value, index) => {
            if (typeof value === 'object' && value !== null)
                return;
            const number = toValue(value).number();
            if (typeof value === 'string') {
                push(this.#texts, value.toUpperCase(), index);
                if (!Number.isNaN(number))
                    push(this.#numbersOfTexts, number, index);
            }
            else {
                push(this.#numbers, number, index);
            }
        });
    }
    /** Indices of the values that a filter's value meets. */
    matching(filter) {
        if (filter === undefined)
            return this.#all;
        if (typeof filter === 'object' && filter !== null) {
            return this.#all.filter((index) => meets(this.values[index] ?? null, filter));
        }
        const number = toValue(filter).number();
        const candidates = typeof filter === 'string'
            ? [...(this.#texts.get(filter.toUpperCase()) ?? []), ...(this.#numbers.get(number) ?? [])]
            : [...(this.#numbers.get(number) ?? []), ...(this.#numbersOfTexts.get(number) ?? [])];
        return candidates.filter((index) => meets(this.values[index] ?? null, filter));
    }
}
function push(index, key, value) {
    const list = index.get(key);
    if (list === undefined)
        index.set(key, [value]);
    else
        list.push(value);
}
/** Every leaf of the filter equals what stands at its place; what is missing there is null. */
function meets(value, filter) {
    if (typeof filter !== 'object' || filter === null)
        return (0,dist_result/* equals */.aI)(toValue(value), toValue(filter));
    if ((0,json/* isJsonObject */.O)(filter)) {
        return Object.entries(filter).every(([key, leaf]) => meets((0,json/* isJsonObject */.O)(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null, leaf));
    }
    return filter.every((leaf, index) => meets(Array.isArray(value) ? (value[index] ?? null) : null, leaf));
}
/** The product as numbers: combination n has value `floor(n / stride) % size` of each axis. */
class Grid {
    #axes;
    #excluded;
    left;
    constructor(axes, product) {
        this.#axes = axes;
        this.#excluded = new Uint8Array(product);
        this.left = product;
        let stride = product;
        for (const axis of axes) {
            stride = axis.values.length === 0 ? 0 : stride / axis.values.length;
            axis.stride = stride;
        }
    }
    exclude(filter) {
        if (this.left === 0)
            return;
        for (const index of this.#matches(filter)) {
            if (this.#excluded[index] === 0)
                this.left -= 1;
            this.#excluded[index] = 1;
        }
    }
    /**
     * An entry is added to every combination of the product whose own values it does not contradict; what earlier entries
     * added may be overwritten. An entry that fits none becomes a combination of its own.
     */
    include(entries) {
        const originals = new Map();
        for (let index = 0; index < this.#excluded.length; index += 1) {
            if (this.#excluded[index] === 0)
                originals.set(index, this.#at(index));
        }
        const added = [];
        for (const entry of entries) {
            const { filter, extra } = this.#split(entry);
            let fits = false;
            for (const index of originals.size === 0 ? [] : this.#matches(filter)) {
                const original = originals.get(index);
                if (original === undefined)
                    continue;
                fits = true;
                for (const [key, value] of extra)
                    combinations_define(original, key, value);
            }
            if (!fits)
                added.push(Object.fromEntries([...Object.entries(filter), ...extra]));
        }
        return { originals: [...originals.values()], added };
    }
    #split(entry) {
        const keys = new Set(this.#axes.map((axis) => axis.key));
        const pairs = Object.entries(entry);
        return {
            filter: Object.fromEntries(pairs.filter(([key]) => keys.has(key))),
            extra: pairs.filter(([key]) => !keys.has(key)),
        };
    }
    #at(index) {
        const combination = {};
        for (const axis of this.#axes) {
            const value = axis.values[Math.floor(index / axis.stride) % axis.values.length];
            combinations_define(combination, axis.key, value ?? null);
        }
        return combination;
    }
    /** Numbers of the combinations that a filter meets: only these are visited, not the whole product. */
    #matches(filter) {
        let found = [0];
        for (const axis of this.#axes) {
            const own = Object.hasOwn(filter, axis.key) ? filter[axis.key] : undefined;
            const steps = axis.matching(own).map((index) => index * axis.stride);
            if (steps.length === 0)
                return [];
            found = found.flatMap((start) => steps.map((step) => start + step));
        }
        return found;
    }
}
/** As an own property also when the key is `__proto__`. */
function combinations_define(target, key, value) {
    if (key === '__proto__') {
        Object.defineProperty(target, key, {
            value,
            enumerable: true,
            configurable: true,
            writable: true,
        });
    }
    else {
        target[key] = value;
    }
}

;// CONCATENATED MODULE: ./lib/lattice/expression/find.js
/** Finds `${{ }}`; `}}` inside single quotes belongs to the expression, as in workflows. */
function findExpressions(text) {
    const pieces = [];
    let at = 0;
    for (;;) {
        const open = text.indexOf('${{', at);
        if (open === -1)
            break;
        if (open > at)
            pieces.push({ kind: 'text', start: at, end: open });
        const close = closing(text, open + 3);
        if (close === -1)
            return { ok: false, open };
        pieces.push({ kind: 'expression', start: open + 3, end: close });
        at = close + 2;
    }
    if (at < text.length)
        pieces.push({ kind: 'text', start: at, end: text.length });
    return { ok: true, pieces };
}
function closing(text, from) {
    let quoted = false;
    for (let index = from; index < text.length; index += 1) {
        if (text[index] === "'")
            quoted = !quoted;
        else if (!quoted && text[index] === '}' && text[index + 1] === '}')
            return index;
    }
    return -1;
}

;// CONCATENATED MODULE: ./lib/lattice/expression/functions.js
/** The functions of expressions: GitHub's, with their traps turned into errors, and ours. */


/** Bytes of one evaluated value. */
const MAX_VALUE_BYTES = 8 * 1024 * 1024;
/** Items of one `range`, the number of tasks that a lattice may have. */
const MAX_RANGE = 10_000;
/** A refusal of a function; the evaluator adds the place. */
class Refusal extends Error {
    hint;
    code;
    constructor(message, hint, code = 'L311') {
        super(message);
        this.hint = hint;
        this.code = code;
    }
}
/** By lower-case name. `case` is here for its arity; the evaluator runs it, because only the chosen branch counts. */
const FUNCTIONS = new Map([
    github('contains', 2, 2, 'contains(search, item)', contains),
    github('startsWith', 2, 2, 'startsWith(text, start)', textFunction('startswith')),
    github('endsWith', 2, 2, 'endsWith(text, end)', textFunction('endswith')),
    github('format', 1, 255, 'format(text, value, …)', format),
    github('join', 1, 2, 'join(list[, separator])', join),
    github('toJSON', 1, 1, 'toJSON(value)', toJsonText),
    github('fromJSON', 1, 1, 'fromJSON(text)', fromJsonText),
    github('case', 3, Infinity, 'case(condition, value, …, otherwise)', (args) => at(args, 0)),
    github('range', 2, 3, 'range(from, to[, step])', range),
    github('chunk', 2, 2, 'chunk(list, size)', chunk),
    github('length', 1, 1, 'length(value)', functions_length),
    github('keys', 1, 1, 'keys(mapping)', (args) => members(args, 'keys')),
    github('values', 1, 1, 'values(mapping)', (args) => members(args, 'values')),
    statusFunction('success', (status) => status.success),
    statusFunction('failure', (status) => status.failure),
    statusFunction('cancelled', (status) => status.cancelled),
    statusFunction('always', () => true),
].map((entry) => [entry.name.toLowerCase(), entry]));
function github(name, minArgs, maxArgs, usage, call) {
    return { name, minArgs, maxArgs, usage, status: false, call };
}
function statusFunction(name, read) {
    const none = { success: true, failure: false, cancelled: false };
    const call = (_, status) => new dist/* data.BooleanData */.p.bo(read(status ?? none));
    return { name, minArgs: 0, maxArgs: 0, usage: `${name}()`, status: true, call };
}
const at = (args, index) => args[index] ?? new dist/* data.Null */.p.Uv();
function original(name, args) {
    const found = dist/* wellKnownFunctions */.j7[name];
    if (found === undefined)
        throw new Error(`Internal error: the package has no function ${name}`);
    return found.call(...args);
}
/** Numbers get our text before the package makes its own. */
const spelled = (value) => value instanceof dist/* data.NumberData */.p.Q9 ? new dist/* data.StringData */.p.uQ(numberText(value.value)) : value;
function textFunction(name) {
    return (args) => original(name, args.map(spelled));
}
function contains(args) {
    return original('contains', at(args, 0).primitive ? args.map(spelled) : args);
}
function format(args) {
    const [template, ...values] = args.map((value) => functions_text(value, 'format'));
    let size = template?.length ?? 0;
    for (const match of (template ?? '').matchAll(/\{(\d+)/g)) {
        size += values[Number(match[1])]?.length ?? 0;
    }
    refuseLong(size, 'format');
    return original('format', [template ?? '', ...values].map((value) => new dist/* data.StringData */.p.uQ(value)));
}
function join(args) {
    const list = at(args, 0);
    if (list instanceof dist/* data.Dictionary */.p.bT) {
        throw new Refusal('join takes a list, not a mapping', 'join(values(…)) joins its values');
    }
    if (!(list instanceof dist/* data.Array */.p.O3))
        return new dist/* data.StringData */.p.uQ(functions_text(list, 'join'));
    const separator = args.length > 1 ? functions_text(at(args, 1), 'join') : ',';
    const items = list.values().map((item) => functions_text(item, 'join'));
    refuseLong(items.reduce((sum, item) => sum + item.length + separator.length, 0), 'join');
    return new dist/* data.StringData */.p.uQ(items.join(separator));
}
/** GitHub would print `Array` or `Object`, which is never what was meant. */
function functions_text(value, name) {
    const found = textOf(value);
    if (found !== undefined)
        return found;
    throw new Refusal(`${name} cannot make a text of ${kindOf(value)}`, 'toJSON(…) writes it as JSON', 'L312');
}
function refuseLong(size, name) {
    if (size > MAX_VALUE_BYTES) {
        throw new Refusal(`${name} would give more than 8 MB`, 'pass it as a file', 'L409');
    }
}
function toJsonText(args) {
    const json = toJson(at(args, 0));
    if (sizeOf(json) > MAX_VALUE_BYTES) {
        throw new Refusal('toJSON would give more than 8 MB', 'pass it as a file', 'L409');
    }
    return new dist/* data.StringData */.p.uQ(JSON.stringify(json, null, 2));
}
function fromJsonText(args) {
    const value = at(args, 0);
    if (!(value instanceof dist/* data.StringData */.p.uQ))
        return value;
    if (value.value.trim() === '') {
        throw new Refusal('fromJSON was given an empty text', 'an output that nobody set is null, not empty');
    }
    refuseLong(value.value.length, 'fromJSON');
    try {
        return toValue(JSON.parse(value.value));
    }
    catch (error) {
        const start = value.value.length > 60 ? `${value.value.slice(0, 60)}…` : value.value;
        const reason = error instanceof Error ? error.message : String(error);
        throw new Refusal(`fromJSON cannot read ${JSON.stringify(start)}: ${reason}`);
    }
}
function range(args) {
    const from = number(at(args, 0), 'range', 'its first argument');
    const to = number(at(args, 1), 'range', 'its second argument');
    const step = args.length > 2 ? number(at(args, 2), 'range', 'its step') : 1;
    if (step === 0)
        throw new Refusal('range has a step of 0 and would never end');
    const exact = (to - from) / step;
    // A hair less, so that range(0, 1.1, 0.1) does not end with 1.1: 1.1 / 0.1 is 11.000000000000002.
    const count = Math.max(0, Math.ceil(exact - 1e-9 * Math.max(1, Math.abs(exact))));
    if (count > MAX_RANGE) {
        throw new Refusal(`range(${args.map((arg) => textOf(arg) ?? '').join(', ')}) would have ${numberText(count)} items, and 10,000 is the most`, 'use a larger step, or let each task work through several values', 'L409');
    }
    return toValue(Array.from({ length: count }, (_, index) => tidy(from + index * step)));
}
/** Drops the last bits of a sum of fractions, so that range(0, 1, 0.1) has 0.3 and not 0.30000000000000004. */
const tidy = (value) => Number.isInteger(value) ? value : Number(value.toPrecision(15));
/** Numbers, and texts that are numbers; null would silently be 0, so it is refused. */
function number(value, name, which) {
    const found = value instanceof dist/* data.NumberData */.p.Q9 ||
        (value instanceof dist/* data.StringData */.p.uQ && value.value.trim() !== '')
        ? value.number()
        : Number.NaN;
    if (Number.isFinite(found))
        return found;
    const shown = value.primitive && !(value instanceof dist/* data.Null */.p.Uv) ? `"${value.coerceString()}"` : kindOf(value);
    throw new Refusal(`${name} takes numbers, and ${which} is ${shown}`);
}
function chunk(args) {
    const list = at(args, 0);
    if (!(list instanceof dist/* data.Array */.p.O3)) {
        throw new Refusal(`chunk takes a list, and its first argument is ${kindOf(list)}`);
    }
    const size = number(at(args, 1), 'chunk', 'its size');
    if (!Number.isInteger(size) || size < 1) {
        throw new Refusal(`chunk takes a whole number of at least 1 as size, not ${numberText(size)}`);
    }
    const items = toJson(list);
    const chunks = [];
    for (let start = 0; start < items.length; start += size) {
        chunks.push(items.slice(start, start + size));
    }
    return toValue(chunks);
}
/** Of null it is 0, as a missing property is null everywhere. */
function functions_length(args) {
    const value = at(args, 0);
    if (value instanceof dist/* data.Null */.p.Uv)
        return new dist/* data.NumberData */.p.Q9(0);
    if (value instanceof JsonList)
        return new dist/* data.NumberData */.p.Q9(value.json.length);
    if (value instanceof dist/* data.Array */.p.O3)
        return new dist/* data.NumberData */.p.Q9(value.values().length);
    if (value instanceof dist/* data.Dictionary */.p.bT)
        return new dist/* data.NumberData */.p.Q9(value.pairs().length);
    if (value instanceof dist/* data.StringData */.p.uQ)
        return new dist/* data.NumberData */.p.Q9(Array.from(value.value).length);
    throw new Refusal(`length takes a list, a mapping or a text, not ${kindOf(value)}`);
}
function members(args, name) {
    const value = at(args, 0);
    if (value instanceof dist/* data.Null */.p.Uv)
        return toValue([]);
    if (value instanceof JsonMapping) {
        return toValue(name === 'keys' ? Object.keys(value.json) : Object.values(value.json));
    }
    throw new Refusal(`${name} takes a mapping, not ${kindOf(value)}`);
}

// EXTERNAL MODULE: ./node_modules/@actions/expressions/dist/ast.js
var ast = __webpack_require__(2049);
;// CONCATENATED MODULE: ./lib/lattice/expression/evaluate.js
/** Runs a checked expression over its contexts. */



/** Why an expression has no value, and at which function. */
class EvaluationFailure extends Error {
    refusal;
    token;
    constructor(refusal, token) {
        super(refusal.message);
        this.refusal = refusal;
        this.token = token;
    }
}
/** The value; throws {@link EvaluationFailure}. */
function evaluate(root, contexts) {
    // The status is for functions; as a context it would be visible to `toJSON`-like walks only by its name, which no
    // expression can spell, because names are checked when it is read.
    const values = toValue(contexts);
    if (!(values instanceof JsonMapping))
        throw new Error('Internal error: contexts are no mapping');
    try {
        return new LatticeEvaluator(root, values, contexts.status).evaluate();
    }
    catch (error) {
        if (error instanceof EvaluationFailure)
            throw error;
        if (error instanceof RangeError) {
            throw new EvaluationFailure(new Refusal('the expression reads too much at once'), undefined);
        }
        throw error;
    }
}
class LatticeEvaluator extends dist/* Evaluator */.oi {
    #contexts;
    #status;
    constructor(root, contexts, status) {
        super(root, contexts);
        this.#contexts = contexts;
        this.#status = status;
    }
    visitContextAccess(access) {
        return this.#contexts.get(access.name.lexeme) ?? new dist/* data.Null */.p.Uv();
    }
    visitFunctionCall(call) {
        const entry = FUNCTIONS.get(call.functionName.lexeme.toLowerCase());
        if (entry === undefined)
            throw new Error(`Internal error: no function ${call.functionName.lexeme}`);
        if (entry.name === 'case')
            return this.#case(call);
        const args = call.args.map((argument) => this.eval(argument));
        try {
            return entry.call(args, this.#status);
        }
        catch (error) {
            throw failure(error, call.functionName);
        }
    }
    /** Only the chosen value is evaluated, so that `case(x != '', fromJSON(x), null)` does what it says. */
    #case(call) {
        const last = call.args.length - 1;
        for (let index = 0; index < last; index += 2) {
            const [condition, value] = call.args.slice(index, index + 2);
            if (condition === undefined || value === undefined)
                break;
            const answer = this.eval(condition);
            if (!(answer instanceof dist/* data.BooleanData */.p.bo)) {
                const message = `case takes conditions that are true or false, and condition ${index / 2 + 1} is ${kindOf(answer)}`;
                throw new EvaluationFailure(new Refusal(message, "compare it, for example with != ''"), call.functionName);
            }
            if (answer.value)
                return this.eval(value);
        }
        const otherwise = call.args[last];
        return otherwise === undefined ? new dist/* data.Null */.p.Uv() : this.eval(otherwise);
    }
}
/** The package's own errors are sentences for users; everything else is a bug. */
function failure(error, token) {
    if (error instanceof Refusal)
        return new EvaluationFailure(error, token);
    if (error instanceof EvaluationFailure || error instanceof RangeError)
        return error;
    if (error instanceof Error && error.constructor === Error) {
        return new EvaluationFailure(new Refusal(`${token.lexeme}: ${error.message}`), token);
    }
    return error;
}

;// CONCATENATED MODULE: ./lib/lattice/scope.js
/** Every context, in the order in which messages list them. */
const CONTEXT_NAMES = [
    'inputs',
    'env',
    'matrix',
    'strategy',
    'needs',
    'each',
    'electrons',
    'lattice',
    'github',
];

;// CONCATENATED MODULE: ./lib/lattice/expression/path-check.js

const NEED_PARTS = new Set(['result', 'outputs', 'tasks', 'counts']);
const TASK_PARTS = new Set(['id', 'matrix', 'result', 'outputs']);
const COUNT_PARTS = new Set([
    'total',
    'succeeded',
    'reused',
    'failed',
    'timed-out',
    'blocked',
    'skipped',
    'cancelled',
]);
const EACH_PARTS = new Set(['matrix', 'outputs', 'index']);
const FIXED = {
    strategy: new Set(['job-index', 'job-total']),
    lattice: new Set(['name', 'run-id']),
    github: new Set([
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
    ]),
};
/** Names as messages list them. */
const listed = (names) => [...names].join(', ');
const folded = new WeakMap();
/** The first name of each spelling, made once however many expressions ask. */
function foldedOf(names) {
    let found = folded.get(names);
    if (found === undefined) {
        const made = new Map();
        for (const name of names.keys()) {
            const key = name.toLowerCase();
            if (!made.has(key))
                made.set(key, name);
        }
        found = made;
        folded.set(names, found);
    }
    return found;
}
/** Follows one path through what is known of its context. */
class PathCheck {
    #context;
    #steps;
    #scope;
    #path;
    constructor(context, steps, scope, path) {
        this.#context = context;
        this.#steps = steps;
        this.#scope = scope;
        this.#path = [...path];
    }
    run() {
        const problem = this.#check();
        return { path: this.#path, ...(problem === undefined ? {} : { problem }) };
    }
    #check() {
        const { names } = this.#scope;
        switch (this.#context) {
            case 'inputs':
                return names.inputs && this.#one(0, names.inputs, 'input');
            case 'env':
                return this.#free(names.env, 'environment variable');
            case 'matrix':
                return this.#matrix(names.matrix);
            case 'needs':
                return names.needs && this.#need(names.needs);
            case 'electrons':
                return names.electrons && this.#electron(names.electrons);
            case 'each':
                return this.#one(0, EACH_PARTS, 'part of each') ?? this.#each(names.each);
            case 'strategy':
            case 'lattice':
            case 'github':
                return this.#one(0, FIXED[this.#context] ?? new Set(), `part of ${this.#context}`);
        }
    }
    /** A name out of a known set; its spelling in the path becomes the declared one. */
    #one(index, known, what) {
        const step = this.#steps[index];
        if (step?.token === undefined)
            return undefined;
        if (known.has(step.name))
            return undefined;
        const found = foldedOf(known).get(step.name.toLowerCase());
        if (found !== undefined) {
            this.#path[index + 1] = found;
            return undefined;
        }
        return {
            code: 'L307',
            message: `there is no ${what} "${step.name}"`,
            token: step.token,
            hint: didYouMean(step.name, known.keys()) ??
                (known.size === 0 || known.size > 20 ? undefined : `there is: ${listed(known.keys())}`),
        };
    }
    #free(known, what) {
        return known === undefined || known === 'any' ? undefined : this.#one(0, known, what);
    }
    #matrix(known) {
        const problem = this.#free(known, 'matrix key');
        if (problem === undefined || known === 'any' || known?.size !== 0)
            return problem;
        return { ...problem, hint: 'this electron has no strategy.matrix' };
    }
    #need(needs) {
        const step = this.#steps[0];
        const problem = this.#one(0, needs, 'electron in the needs:');
        if (problem === undefined)
            return this.#parts(needs.get(this.#path[1] ?? ''));
        const other = this.#scope.names.electrons?.get(step?.name ?? '');
        if (other === undefined) {
            return { ...problem, message: `there is no electron "${step?.name}" in the needs` };
        }
        return {
            ...problem,
            code: 'L308',
            message: `"${step?.name}" is not among the needs of this electron`,
            hint: `add it to needs: [${[...needs.keys(), step?.name].join(', ')}]`,
            note: other.location && {
                message: `"${step?.name}" is defined here`,
                location: other.location,
            },
        };
    }
    #electron(electrons) {
        return this.#one(0, electrons, 'electron') ?? this.#parts(electrons.get(this.#path[1] ?? ''));
    }
    #parts(shape) {
        const owner = `${this.#context}.${this.#steps[0]?.name}`;
        const problem = this.#one(1, NEED_PARTS, `part of ${owner}:`);
        if (problem !== undefined) {
            const name = this.#steps[1]?.name ?? '';
            const hint = shape?.outputs === 'any' || shape?.outputs.has(name)
                ? `outputs are read as ${owner}.outputs.${name}`
                : problem.hint;
            return {
                ...problem,
                message: `there is no ${owner}.${name}`,
                hint: didYouMean(name, NEED_PARTS) ?? hint,
            };
        }
        switch (this.#path[2]) {
            case 'outputs':
                return this.#output(2, shape);
            case 'counts':
                return this.#one(2, COUNT_PARTS, 'count');
            case 'tasks':
                return (this.#one(3, TASK_PARTS, 'part of a task') ??
                    (this.#path[4] === 'outputs' ? this.#output(4, shape) : undefined) ??
                    (this.#path[4] === 'matrix' ? this.#matrixOf(4, shape) : undefined));
            case undefined:
            default:
                return undefined;
        }
    }
    #each(shape) {
        if (this.#path[1] === 'matrix')
            return this.#matrixOf(1, shape);
        return this.#path[1] === 'outputs' ? this.#output(1, shape) : undefined;
    }
    #matrixOf(index, shape) {
        if (shape?.matrix === undefined || shape.matrix === 'any')
            return undefined;
        const problem = this.#one(index, shape.matrix, 'matrix key');
        return problem && shape.matrix.size === 0
            ? { ...problem, hint: 'that electron has no strategy.matrix' }
            : problem;
    }
    #output(index, shape) {
        if (shape === undefined || shape.outputs === 'any')
            return undefined;
        const problem = this.#one(index, shape.outputs, 'output');
        if (problem === undefined || shape.location === undefined)
            return problem;
        return { ...problem, note: { message: 'its lattice is used here', location: shape.location } };
    }
}

;// CONCATENATED MODULE: ./lib/lattice/expression/names.js






/** Contexts of workflows that a lattice does not have, with what to use instead. */
const FOREIGN = {
    steps: 'an electron has no steps; another electron is read as needs.<id>.outputs.<name>',
    secrets: 'declare an input of type secret, or use the key "secrets" of the electron',
    vars: 'pass it as an input',
    jobs: 'the electrons of a lattice are read as electrons.<id>',
    job: 'the state of other electrons is needs.<id>.result',
    runner: 'a task does not run on the runner',
    item: 'the partner of for-each is "each"',
};
/** Walks over a parsed expression; it is nested at most 50 deep but for chains, which the caller bounds. */
function collectNames(root, scope) {
    const problems = [];
    const reads = new Set();
    let readsStatus = false;
    const visit = (expr) => {
        if (expr instanceof ast/* ContextAccess */.QC || expr instanceof ast/* IndexAccess */.p_) {
            visitPath(expr);
        }
        else if (expr instanceof ast/* Grouping */.aU) {
            visit(expr.group);
        }
        else if (expr instanceof ast/* Unary */._c) {
            visit(expr.expr);
        }
        else if (expr instanceof ast/* Binary */.yI) {
            visit(expr.left);
            visit(expr.right);
        }
        else if (expr instanceof ast/* Logical */.oD) {
            expr.args.forEach(visit);
        }
        else if (expr instanceof ast/* FunctionCall */.R6) {
            readsStatus = visitFunction(expr.functionName) || readsStatus;
            expr.args.forEach(visit);
        }
    };
    const visitPath = (expr) => {
        const steps = [];
        let at = expr;
        for (;;) {
            if (at instanceof ast/* Grouping */.aU) {
                at = at.group;
            }
            else if (at instanceof ast/* IndexAccess */.p_) {
                steps.unshift(stepOf(at.index));
                if (!(at.index instanceof ast/* Literal */.uS || at.index instanceof ast/* Star */.FE))
                    visit(at.index);
                at = at.expr;
            }
            else {
                break;
            }
        }
        if (!(at instanceof ast/* ContextAccess */.QC)) {
            visit(at);
            return;
        }
        const found = checkPath(at.name, steps, scope);
        if (found.problem !== undefined)
            problems.push(found.problem);
        reads.add(found.path.join('.'));
    };
    const visitFunction = (token) => {
        const entry = FUNCTIONS.get(token.lexeme.toLowerCase());
        if (entry === undefined) {
            problems.push(unknownFunction(token));
        }
        else if (entry.status && !scope.statusFunctions) {
            problems.push({
                code: 'L309',
                message: `${entry.name}() can be asked only in "if"`,
                token,
                hint: 'needs.<id>.result says how another electron ended',
            });
        }
        return entry?.status ?? false;
    };
    visit(root);
    return { problems, reads: [...reads], readsStatus };
}
function stepOf(index) {
    if (!(index instanceof ast/* Literal */.uS))
        return { name: '*' };
    return { name: textOf(index.literal) ?? '*', token: index.token };
}
function unknownFunction(token) {
    const name = token.lexeme;
    const hint = name.toLowerCase() === 'hashfiles'
        ? 'hashFiles is not available: a fingerprint over files is made by the key "cache" ({files: […]})'
        : didYouMean(name, [...FUNCTIONS.values()].map((entry) => entry.name));
    return { code: 'L305', message: `there is no function "${name}"`, token, hint };
}
function checkPath(token, steps, scope) {
    const written = [token.lexeme, ...steps.map((step) => step.name)];
    const context = CONTEXT_NAMES.find((name) => name === token.lexeme.toLowerCase());
    if (context === undefined)
        return { path: written, problem: unknownContext(token, scope) };
    const path = [context, ...written.slice(1)];
    if (!scope.contexts.includes(context)) {
        return { path, problem: unavailable(context, token, scope) };
    }
    return new PathCheck(context, steps, scope, path).run();
}
function unknownContext(token, scope) {
    const name = token.lexeme;
    const folded = name.toLowerCase();
    let hint;
    if (Object.hasOwn(FOREIGN, folded))
        hint = FOREIGN[folded];
    else if (['true', 'false', 'null'].includes(folded))
        hint = `write ${folded}`;
    else if (FUNCTIONS.has(folded))
        hint = `a function is called: ${FUNCTIONS.get(folded)?.usage}`;
    else {
        hint =
            didYouMean(name, scope.contexts) ??
                `a text stands in single quotes; contexts here: ${listed(scope.contexts)}`;
    }
    return { code: 'L303', message: `there is no context "${name}"`, token, hint };
}
function unavailable(context, token, scope) {
    return {
        code: 'L304',
        message: `${context} is not available in ${scope.place}`,
        token,
        hint: insteadOf(context, scope.contexts),
    };
}
/** What to write, or what is meant by the place. */
function insteadOf(context, available) {
    if (available.length === 0)
        return 'no context is available here';
    if (context === 'needs' && available.includes('electrons'))
        return 'write electrons.<id>';
    if (context === 'electrons' && available.includes('needs')) {
        return 'other electrons are read as needs.<id>';
    }
    const why = context === 'each'
        ? 'each is the partner of an electron with "for-each"'
        : context === 'matrix' && available.includes('needs')
            ? 'decided before the matrix is expanded'
            : undefined;
    const list = `available: ${listed(available)}`;
    return why === undefined ? list : `${why}; ${list}`;
}

// EXTERNAL MODULE: ./node_modules/@actions/expressions/dist/errors.js
var errors = __webpack_require__(2830);
// EXTERNAL MODULE: ./node_modules/@actions/expressions/dist/lexer.js
var dist_lexer = __webpack_require__(2083);
;// CONCATENATED MODULE: ./lib/lattice/expression/syntax.js
/** Reading an expression: GitHub's lexer and parser, with exact places and words for what they refuse. */




/** Characters of one expression, GitHub's limit; the package enforces the same. */
const MAX_LENGTH = 21_000;
/** Reads one expression, without its braces. Unknown names are let through for the checks to tell all of them. */
function parseSyntax(source) {
    if (source.length > MAX_LENGTH) {
        return refuse('L310', `the expression has ${source.length} characters, and 21,000 is the most`, 0, source.length);
    }
    const lexer = new dist/* Lexer */.JG(source);
    let tokens;
    try {
        tokens = lexer.lex().tokens;
    }
    catch {
        return { ok: false, problem: lexicalProblem(source, lexer['start'], lexer['offset']) };
    }
    const positions = locate(source, tokens);
    for (const token of tokens)
        syntax_unescape(token);
    const trailing = tokens.find((token, index) => token.type === dist_lexer/* TokenType */.ks.COMMA && tokens[index + 1]?.type === dist_lexer/* TokenType */.ks.RIGHT_PAREN);
    if (trailing !== undefined) {
        return refuse('L301', 'an argument is missing after ","', positions.get(trailing) ?? 0, (positions.get(trailing) ?? 0) + 1);
    }
    try {
        const root = new dist/* Parser */.iX(tokens, names(tokens), functions(tokens)).parse();
        if (root === undefined)
            return refuse('L301', 'the expression is empty', 0, source.length);
        return { ok: true, root, positions };
    }
    catch (error) {
        return { ok: false, problem: parserProblem(error, source, tokens, positions) };
    }
}
/** Between tokens there is white space only, so each one stands at the next place where its text occurs. */
function locate(source, tokens) {
    const positions = new Map();
    let offset = 0;
    for (const token of tokens) {
        if (token.type === dist_lexer/* TokenType */.ks.EOF) {
            positions.set(token, source.length);
            continue;
        }
        offset = source.indexOf(token.lexeme, offset);
        positions.set(token, offset);
        offset += token.lexeme.length;
    }
    return positions;
}
/** The package turns only the first `''` of a text into a quote. */
function syntax_unescape(token) {
    if (token.type === dist_lexer/* TokenType */.ks.STRING)
        token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
}
function names(tokens) {
    return tokens.filter((token) => token.type === dist_lexer/* TokenType */.ks.IDENTIFIER).map((token) => token.lexeme);
}
/** Ours by their arity; unknown ones take anything, and the checks name them. */
function functions(tokens) {
    const unknown = names(tokens).filter((name) => !FUNCTIONS.has(name.toLowerCase()));
    return [
        ...FUNCTIONS.values(),
        ...unknown.map((name) => ({ name, minArgs: 0, maxArgs: Infinity })),
    ];
}
function refuse(code, message, start, end, hint) {
    return {
        ok: false,
        problem: { code, message, start, end, ...(hint === undefined ? {} : { hint }) },
    };
}
const NO_ARITHMETIC = 'expressions have no arithmetic, as in workflows; compute in a task, or use range(…)';
function lexicalProblem(source, start, end) {
    const word = source.slice(start, end);
    if (word.startsWith("'")) {
        const message = 'the text has no closing quote';
        return {
            code: 'L301',
            message,
            start,
            end: source.length,
            hint: "a quote inside a text is written twice: 'it''s'",
        };
    }
    const hint = lexicalHint(source, start, word);
    const message = `unexpected "${shorten(word)}"`;
    return {
        code: 'L301',
        message,
        start,
        end: Math.max(end, start + 1),
        ...(hint === undefined ? {} : { hint }),
    };
}
function lexicalHint(source, start, word) {
    if (/^["`]/.test(word))
        return "texts stand in single quotes: 'text'";
    if (word.startsWith('$'))
        return 'inside ${{ }} names stand without another ${{ }}';
    if (/^\.?\d|^[+-]\.?\d/.test(word))
        return `not a number: ${NO_ARITHMETIC}`;
    if (/^[+\-/%^]/.test(word))
        return NO_ARITHMETIC;
    if (word.startsWith('?'))
        return 'write case(condition, value, otherwise), or condition && value || otherwise';
    if (source[start] === '=')
        return 'compare with ==';
    if (source[start] === '&')
        return 'write &&';
    if (source[start] === '|')
        return 'write ||';
    return undefined;
}
function parserProblem(error, source, tokens, positions) {
    if (!(error instanceof dist/* ExpressionError */.tj)) {
        // The parser descends by calling itself, and `!` alone is not counted by it: 20,000 of them end the stack.
        if (error instanceof RangeError)
            return tooDeep(0, source.length);
        throw error;
    }
    const token = error['tok'];
    const start = positions.get(token) ?? 0;
    const end = Math.max(start + token.lexeme.length, start);
    switch (error['typ']) {
        case errors/* ErrorType */.By.ErrorExceededMaxDepth:
        case errors/* ErrorType */.By.ErrorExceededMaxLength:
            return tooDeep(start, end);
        case errors/* ErrorType */.By.ErrorTooFewParameters:
            return arity(token, 'fewer', start, end);
        case errors/* ErrorType */.By.ErrorTooManyParameters:
            return arity(token, 'more', start, end);
        case errors/* ErrorType */.By.ErrorEvenParameters:
            return arity(token, 'an even number', start, end);
        case errors/* ErrorType */.By.ErrorUnexpectedEndOfExpression:
            return unfinished(source);
        default:
            return token.type === dist_lexer/* TokenType */.ks.EOF
                ? unfinished(source)
                : unexpected(token, tokens, start, end);
    }
}
function tooDeep(start, end) {
    return { code: 'L310', message: 'the expression is nested more than 50 deep', start, end };
}
function unfinished(source) {
    const end = source.trimEnd().length;
    return {
        code: 'L301',
        message: 'the expression ends too early',
        start: Math.max(0, end - 1),
        end,
    };
}
function unexpected(token, tokens, start, end) {
    const message = `unexpected "${shorten(token.lexeme)}"`;
    const hint = unexpectedHint(token, tokens);
    return { code: 'L301', message, start, end, ...(hint === undefined ? {} : { hint }) };
}
function unexpectedHint(token, tokens) {
    if (token.type === dist_lexer/* TokenType */.ks.STAR)
        return NO_ARITHMETIC;
    if (token.type === dist_lexer/* TokenType */.ks.NUMBER && /^[+-]/.test(token.lexeme))
        return NO_ARITHMETIC;
    switch (token.lexeme.toLowerCase()) {
        case 'and':
            return 'write &&';
        case 'or':
            return 'write ||';
        case 'in':
            return 'write contains(list, item)';
        default:
    }
    const before = tokens[tokens.indexOf(token) - 1];
    return before?.type === dist_lexer/* TokenType */.ks.IDENTIFIER && before.lexeme.toLowerCase() === 'not'
        ? 'write !'
        : undefined;
}
function arity(token, given, start, end) {
    const entry = FUNCTIONS.get(token.lexeme.toLowerCase());
    const takes = entry === undefined ? '' : `: ${entry.usage}`;
    const wanted = entry === undefined ? 'other' : count(entry.name, entry.minArgs, entry.maxArgs);
    return {
        code: 'L306',
        message: `${token.lexeme} takes ${wanted}, and here are ${given}`,
        hint: `write ${takes.slice(2)}`,
        start,
        end,
    };
}
function count(name, min, max) {
    if (name === 'case')
        return 'an odd number of arguments from 3 on';
    if (max === 0)
        return 'no arguments';
    if (min === max)
        return `${min} argument${min === 1 ? '' : 's'}`;
    return max > 10
        ? `at least ${min} argument${min === 1 ? '' : 's'}`
        : `${min} or ${max} arguments`;
}
const shorten = (word) => (word.length > 40 ? `${word.slice(0, 40)}…` : word);

;// CONCATENATED MODULE: ./lib/lattice/expression/read.js





/** Chains like `a == b == c` nest without a limit of the package, and are walked by recursion. */
const MAX_NESTING = 300;
/** Reads the expression that stands at `start` to `end` of a scalar's text; tells every mistake in it. */
function readExpression(node, start, end, scope, report) {
    const raw = node.text.slice(start, end);
    const source = raw.trim();
    const from = start + (raw.length - raw.trimStart().length);
    const place = (a, b) => ({
        file: scope.file,
        span: node.spanOf(a, b),
    });
    if (source === '') {
        report(diagnose('L301', place(start, end), 'the expression is empty', {
            hint: 'write a context, for example ${{ inputs.<id> }}',
        }));
        return undefined;
    }
    const syntax = parseSyntax(source);
    if (!syntax.ok) {
        const { code, message, hint, start: a, end: b } = syntax.problem;
        report(diagnose(code, place(from + a, from + Math.max(b, a + 1)), message, { hint }));
        return undefined;
    }
    const location = place(from, from + source.length);
    if (nesting(syntax.root) > MAX_NESTING) {
        report(diagnose('L310', location, `the expression is nested more than ${MAX_NESTING} deep`));
        return undefined;
    }
    const names = collectNames(syntax.root, scope);
    const spanOf = spans(node, from, syntax.positions);
    for (const problem of names.problems) {
        report(diagnose(problem.code, { file: scope.file, span: spanOf(problem.token) }, problem.message, {
            hint: problem.hint,
            notes: problem.note === undefined ? [] : [problem.note],
        }));
    }
    if (names.problems.length > 0)
        return undefined;
    const tree = { root: syntax.root, spanOf };
    return {
        expression: { source, location, tree, reads: names.reads },
        readsStatus: names.readsStatus,
    };
}
function spans(node, from, positions) {
    return (token) => {
        const start = from + (positions.get(token) ?? 0);
        return node.spanOf(start, start + token.lexeme.length);
    };
}
/** Depth of a tree, without recursion of its own. */
function nesting(root) {
    let deepest = 0;
    const open = [{ expr: root, depth: 1 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { expr, depth } = next;
        deepest = Math.max(deepest, depth);
        for (const child of children(expr))
            open.push({ expr: child, depth: depth + 1 });
    }
    return deepest;
}
function children(expr) {
    if (expr instanceof ast/* Unary */._c)
        return [expr.expr];
    if (expr instanceof ast/* Binary */.yI)
        return [expr.left, expr.right];
    if (expr instanceof ast/* Logical */.oD || expr instanceof ast/* FunctionCall */.R6)
        return expr.args;
    if (expr instanceof ast/* Grouping */.aU)
        return [expr.group];
    if (expr instanceof ast/* IndexAccess */.p_)
        return [expr.expr, expr.index];
    return [];
}
/** Carries the diagnostic of a rendering up to its door; never leaves this folder. */
class RenderFailure extends Error {
    diagnostic;
    constructor(diagnostic) {
        super(diagnostic.message);
        this.diagnostic = diagnostic;
    }
}
/** The value of a read expression; throws {@link RenderFailure}. */
function read_valueOf(expression, contexts) {
    const tree = expression.tree;
    try {
        return evaluate(tree.root, contexts);
    }
    catch (error) {
        if (!(error instanceof EvaluationFailure))
            throw error;
        const { refusal, token } = error;
        const location = token === undefined
            ? expression.location
            : { file: expression.location.file, span: tree.spanOf(token) };
        throw new RenderFailure(diagnose(refusal.code, location, refusal.message, { hint: refusal.hint }));
    }
}

;// CONCATENATED MODULE: ./lib/lattice/template.js
/** Templates: YAML values with `${{ }}` in them, checked when read and rendered once their contexts are known. */







/** Reads a value; undefined when something in it was wrong, which has then been reported. */
function parseTemplate(node, scope, report) {
    switch (node.kind) {
        case 'scalar':
            return parseScalar(node, scope, report);
        case 'list': {
            const items = node.items.map((item) => parseTemplate(item, scope, report));
            const location = { file: scope.file, span: node.span };
            return items.every((item) => item !== undefined)
                ? { kind: 'list', items, location }
                : undefined;
        }
        case 'map':
            return parseMap(node, scope, report);
    }
}
function parseMap(node, scope, report) {
    const entries = new Map();
    let good = true;
    for (const { key, value } of node.entries) {
        if (key.text.includes('${{')) {
            const location = { file: scope.file, span: key.span };
            report(diagnose('L301', location, 'a key cannot hold an expression', {
                hint: 'give the whole mapping as one expression',
            }));
            good = false;
        }
        const template = parseTemplate(value, scope, report);
        if (template === undefined)
            good = false;
        else
            entries.set(key.text, template);
    }
    return good
        ? { kind: 'map', entries, location: { file: scope.file, span: node.span } }
        : undefined;
}
function parseScalar(node, scope, report) {
    const location = { file: scope.file, span: node.span };
    if (typeof node.value !== 'string' || !node.value.includes('${{')) {
        return { kind: 'literal', value: node.value, location };
    }
    const found = findExpressions(node.value);
    if (!found.ok) {
        reportOpen(node, found.open, scope, report);
        return undefined;
    }
    const parts = found.pieces.map((piece) => piece.kind === 'text'
        ? node.text.slice(piece.start, piece.end)
        : readExpression(node, piece.start, piece.end, scope, report)?.expression);
    if (!parts.every((part) => part !== undefined))
        return undefined;
    const [only] = parts;
    return parts.length === 1 && typeof only === 'object'
        ? { kind: 'expression', expression: only, location }
        : { kind: 'text', parts, location };
}
function reportOpen(node, open, scope, report) {
    const location = { file: scope.file, span: node.spanOf(open, open + 3) };
    const isQuoted = (node.text.slice(open).split("'").length - 1) % 2 === 1;
    report(diagnose('L302', location, 'this "${{" has no "}}"', {
        hint: isQuoted ? 'a single quote is not closed' : 'close it with }}',
    }));
}
/** Reads an `if`, with or without `${{ }}`. */
function parseCondition(node, scope, report) {
    const location = { file: scope.file, span: node.span };
    if (node.kind !== 'scalar' || node.value === null) {
        const what = node.kind === 'scalar' ? 'nothing' : node.kind === 'list' ? 'a list' : 'a mapping';
        report(diagnose('L202', location, `"if" takes an expression, not ${what}`));
        return undefined;
    }
    const found = findExpressions(node.text);
    if (!found.ok) {
        reportOpen(node, found.open, scope, report);
        return undefined;
    }
    const isSpace = (piece) => piece.kind === 'text' && node.text.slice(piece.start, piece.end).trim() === '';
    const pieces = found.pieces.filter((piece) => !isSpace(piece));
    const [only] = pieces;
    if (only === undefined) {
        report(diagnose('L211', location, '"if" is empty'));
        return undefined;
    }
    if (pieces.length > 1) {
        report(diagnose('L313', location, '"if" has text around ${{ }}, so it would always be true', {
            hint: 'write the whole condition inside one ${{ }}, or without any',
        }));
        return undefined;
    }
    return readExpression(node, only.start, only.end, scope, report);
}
/** The value of a template that has no expression in it; undefined when it has one. */
function staticValue(template) {
    switch (template.kind) {
        case 'literal':
            return template.value;
        case 'expression':
        case 'text':
            return undefined;
        case 'list':
        case 'map': {
            if (expressionsOf(template).length > 0)
                return undefined;
            return constant(template);
        }
    }
}
/** Every expression of a template, in file order. */
function expressionsOf(template) {
    const known = expressions.get(template);
    if (known !== undefined)
        return known;
    const found = gather(template);
    expressions.set(template, found);
    return found;
}
const expressions = new WeakMap();
function gather(template) {
    switch (template.kind) {
        case 'literal':
            return [];
        case 'expression':
            return [template.expression];
        case 'text':
            return template.parts.filter((part) => typeof part !== 'string');
        case 'list':
            return template.items.flatMap(expressionsOf);
        case 'map':
            return [...template.entries.values()].flatMap(expressionsOf);
    }
}
const constants = new WeakMap();
/** A list or mapping without expressions is built once, however many tasks render it. */
function constant(template) {
    const known = constants.get(template);
    if (known !== undefined)
        return known;
    const built = build(template, { inputs: {} });
    constants.set(template, built);
    return built;
}
/** The value: a single expression keeps its type. */
function render(template, contexts) {
    return guarded(() => renderValue(template, contexts));
}
/** The value as text, converted as GitHub does; a list or mapping is an error instead of the word `Array`. */
function renderString(template, contexts) {
    return guarded(() => {
        switch (template.kind) {
            case 'literal':
                return literalText(template.value);
            case 'expression':
                return limited(expressionText(template.expression, contexts), template);
            case 'text':
                return joined(template, contexts);
            case 'list':
            case 'map': {
                const what = template.kind === 'list' ? 'a list' : 'a mapping';
                throw new RenderFailure(diagnose('L312', template.location, `this takes a text, not ${what}`));
            }
        }
    });
}
/** Whether a condition holds: truthy as in workflows. */
function renderCondition(expression, contexts) {
    return guarded(() => !(0,dist_result/* falsy */.me)(read_valueOf(expression, contexts)));
}
function guarded(work) {
    try {
        return (0,result.ok)(work());
    }
    catch (error) {
        if (error instanceof RenderFailure)
            return (0,result/* err */._)(error.diagnostic);
        throw error;
    }
}
function renderValue(template, contexts) {
    switch (template.kind) {
        case 'literal':
            return template.value;
        case 'expression':
            return checked(toJson(read_valueOf(template.expression, contexts)), template);
        case 'text':
            return joined(template, contexts);
        case 'list':
        case 'map':
            return expressionsOf(template).length === 0
                ? constant(template)
                : checked(build(template, contexts), template);
    }
}
function build(template, contexts) {
    if (template.kind === 'list')
        return template.items.map((item) => renderValue(item, contexts));
    return Object.fromEntries([...template.entries].map(([key, value]) => [key, renderValue(value, contexts)]));
}
function checked(value, template) {
    if (typeof value === 'number' && !Number.isFinite(value)) {
        throw new RenderFailure(diagnose('L311', template.location, `the expression gives ${value}, which JSON cannot hold`));
    }
    const size = sizeOf(value);
    if (size > MAX_VALUE_BYTES)
        throw tooLarge(template, size);
    return value;
}
function tooLarge(template, size) {
    const message = size === Infinity
        ? 'the value is nested too deeply'
        : `the value has ${(size / 1024 / 1024).toFixed(1)} MB, and 8 MB is the most`;
    return new RenderFailure(diagnose('L409', template.location, message, {
        hint: 'let the electron that makes it write a file to $LATTICE_FILES',
    }));
}
function limited(text, template) {
    if (text.length <= MAX_VALUE_BYTES / 3)
        return text;
    const size = Buffer.byteLength(text);
    if (size > MAX_VALUE_BYTES)
        throw tooLarge(template, size);
    return text;
}
function joined(template, contexts) {
    let text = '';
    for (const part of template.parts) {
        text += typeof part === 'string' ? part : expressionText(part, contexts);
        if (text.length > MAX_VALUE_BYTES)
            throw tooLarge(template, text.length);
    }
    return limited(text, template);
}
function literalText(value) {
    return textOf(toValue(value)) ?? JSON.stringify(value);
}
function expressionText(expression, contexts) {
    const value = read_valueOf(expression, contexts);
    const text = textOf(value);
    if (text !== undefined)
        return text;
    const hint = kindOf(value) === 'a list'
        ? `toJSON(…) writes it as JSON, join(…, ' ') as words`
        : 'toJSON(…) writes it as JSON; a dot picks one of its values';
    throw new RenderFailure(diagnose('L312', expression.location, `${kindOf(value)} cannot stand in a text: "${template_shorten(expression.source)}"`, { hint }));
}
const template_shorten = (source) => source.length > 60 ? `${source.slice(0, 60)}…` : source;

;// CONCATENATED MODULE: ./lib/lattice/matrix.js






/**
 * The electron's own combinations in matrix order; `[{}]` without a matrix, none for an empty list. `data` holds the
 * values of the dimensions that {@link dimensionSources} named.
 */
function expandMatrix(electron, contexts, data) {
    const { matrix } = electron.strategy;
    if (matrix === undefined)
        return (0,result.ok)([{}]);
    return attempt(() => {
        const written = matrix.whole === undefined
            ? writtenMatrix(matrix, contexts, data)
            : wholeMatrix(matrix.whole, contexts);
        const { dimensions, exclude, include } = written;
        checkExclude(dimensions, exclude);
        const found = combine({ dimensions, include: include.entries, exclude: exclude.entries });
        if (typeof found === 'number') {
            const sizes = [...dimensions].map(([key, values]) => `${key}: ${values.length}`).join(', ');
            throw new Wrong(diagnose('L404', matrix.location, `the matrix has ${found} combinations, and ${MAX_COMBINATIONS} is the most (${sizes})`, { hint: 'put several values into one task: ${{ chunk(list, size) }}' }));
        }
        return found;
    });
}
/** What the dimensions that stand outside the lattice are to be read from, by key. */
function dimensionSources(lattice, electron, contexts) {
    return attempt(() => {
        const sources = new Map();
        for (const [key, dimension] of electron.strategy.matrix?.dimensions ?? []) {
            const source = sourceOf(dimension, lattice.folder, contexts);
            if (source !== undefined)
                sources.set(key, source);
        }
        return sources;
    });
}
function sourceOf(dimension, folder, contexts) {
    const filled = (template, what) => {
        const value = unwrap(renderString(template, contexts));
        if (value !== '')
            return value;
        throw new Wrong(diagnose('L211', template.location, `${what} is empty`));
    };
    switch (dimension.kind) {
        case 'values':
            return undefined;
        case 'file':
            return { kind: 'file', folder, path: filled(dimension.path, 'the path') };
        case 'glob':
            return { kind: 'glob', folder, pattern: filled(dimension.pattern, 'the glob') };
        case 's3': {
            const uri = filled(dimension.uri, 'the address');
            if (!/^s3:\/\/[^/]+/.test(uri)) {
                throw new Wrong(diagnose('L217', dimension.uri.location, `"${uri}" is no address in S3`, {
                    hint: 's3://bucket/prefix/',
                }));
            }
            const perTask = dimension.perTask && wholeNumber(dimension.perTask, contexts);
            return {
                kind: 's3',
                uri,
                ...(dimension.match && { match: filled(dimension.match, 'the glob') }),
                ...(perTask === undefined ? {} : { perTask }),
            };
        }
    }
}
function wholeNumber(template, contexts) {
    const value = unwrap(render(template, contexts));
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 1)
        return number;
    throw new Wrong(diagnose('L402', template.location, `per-task takes a whole number of at least 1, not ${JSON.stringify(value)}`));
}
function writtenMatrix(matrix, contexts, data) {
    const dimensions = new Map();
    for (const [key, dimension] of matrix.dimensions) {
        if (dimension.kind === 'values') {
            const value = unwrap(render(dimension.values, contexts));
            dimensions.set(key, listOf(key, value, dimension.values.location));
        }
        else {
            const values = data.get(key);
            if (values === undefined)
                throw new Error(`Internal error: no values for matrix key ${key}`);
            dimensions.set(key, values);
        }
    }
    const entriesOf = (name, template) => {
        if (template === undefined)
            return NO_ENTRIES;
        const value = unwrap(render(template, contexts));
        const locationOf = (index) => (template.kind === 'list' ? template.items[index] : undefined)?.location ?? template.location;
        return { entries: mappings(name, value, locationOf, template.location), locationOf };
    };
    return {
        dimensions,
        include: entriesOf('include', matrix.include),
        exclude: entriesOf('exclude', matrix.exclude),
    };
}
const NO_ENTRIES = {
    entries: [],
    locationOf: () => {
        throw new Error('Internal error: there are no entries to show');
    },
};
/** A matrix that is one expression: a mapping of lists, with `include` and `exclude` as if they had been written. */
function wholeMatrix(template, contexts) {
    const { location } = template;
    const value = unwrap(render(template, contexts));
    if (!(0,json/* isJsonObject */.O)(value)) {
        throw new Wrong(diagnose(value === null ? 'L411' : 'L405', location, `the matrix came out as ${matrix_inWords(value)}, not as a mapping of lists`, {
            hint: Array.isArray(value)
                ? 'a list of combinations goes under include: matrix: { include: ${{ … }} }'
                : hintFor(value),
        }));
    }
    const dimensions = new Map();
    for (const [key, values] of Object.entries(value)) {
        if (key !== 'include' && key !== 'exclude')
            dimensions.set(key, listOf(key, values, location));
    }
    const locationOf = () => location;
    const entriesOf = (name) => ({
        entries: Object.hasOwn(value, name)
            ? mappings(name, value[name] ?? null, locationOf, location)
            : [],
        locationOf,
    });
    return { dimensions, include: entriesOf('include'), exclude: entriesOf('exclude') };
}
function listOf(key, value, location) {
    if (Array.isArray(value))
        return value;
    throw new Wrong(diagnose('L411', location, `matrix key "${key}" came out as ${matrix_inWords(value)}, not as a list`, {
        hint: hintFor(value),
    }));
}
/** What to do about a value that should have been a list or mapping. */
function hintFor(value) {
    if (value === null)
        return 'did the electron set this output? an output that nobody set is null';
    if (typeof value === 'string')
        return 'a text that holds JSON is read by ${{ fromJSON(…) }}';
    return undefined;
}
function mappings(name, value, locationOf, whole) {
    if (!Array.isArray(value)) {
        throw new Wrong(diagnose(value === null ? 'L411' : 'L405', whole, `${name} came out as ${matrix_inWords(value)}, not as a list of mappings`, {
            hint: hintFor(value),
        }));
    }
    return value.map((entry, index) => {
        const keys = (0,json/* isJsonObject */.O)(entry) ? Object.keys(entry).length : 0;
        if ((0,json/* isJsonObject */.O)(entry) && keys > 0)
            return entry;
        const what = (0,json/* isJsonObject */.O)(entry) ? 'an empty mapping' : matrix_inWords(entry);
        throw new Wrong(diagnose('L405', locationOf(index), `entry ${index + 1} of ${name} is ${what}, not a mapping of keys to values`));
    });
}
/** As in workflows: a filter that can never meet anything is a mistake. */
function checkExclude(dimensions, exclude) {
    exclude.entries.forEach((entry, index) => {
        for (const key of Object.keys(entry)) {
            if (dimensions.has(key))
                continue;
            throw new Wrong(diagnose('L405', exclude.locationOf(index), `exclude names "${key}", which is no key of the matrix`, { hint: didYouMean(key, dimensions.keys()) }));
        }
    });
}
function matrix_inWords(value) {
    if (value === null)
        return 'null';
    if (Array.isArray(value))
        return 'a list';
    if (typeof value === 'object')
        return 'a mapping';
    const text = JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
/** Carries a diagnostic to the door of this file. */
class Wrong extends Error {
    diagnostic;
    constructor(diagnostic) {
        super(diagnostic.message);
        this.diagnostic = diagnostic;
    }
}
function unwrap(result) {
    if (result.ok)
        return result.value;
    throw new Wrong(result.error);
}
function attempt(work) {
    try {
        return (0,result.ok)(work());
    }
    catch (error) {
        if (error instanceof Wrong)
            return (0,result/* err */._)(error.diagnostic);
        throw error;
    }
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
;// CONCATENATED MODULE: ./lib/lattice/paths.js

/** A path written in a file of `folder`, relative to where `folder` is relative to. */
function joinPath(folder, path) {
    return external_node_path_.posix.isAbsolute(path) ? external_node_path_.posix.normalize(path) : external_node_path_.posix.join(folder, path);
}
/** Folder of a file, `.` for the current one. */
function folderOf(file) {
    return external_node_path_.posix.dirname(file);
}
/** Name of a file without folder and extension. */
function stemOf(file) {
    return external_node_path_.posix.basename(file).replace(/\.ya?ml$/i, '');
}

;// CONCATENATED MODULE: ./lib/lattice/schema.js
const schema_text = { kind: 'text', template: true };
const plain = { kind: 'text' };
const label = { kind: 'text', scalars: true, mayBeEmpty: true };
const flag = { kind: 'flag', template: true };
const script = { kind: 'text', template: true };
const texts = { kind: 'list', of: schema_text };
const word = { kind: 'text', template: true, scalars: true, mayBeEmpty: true };
const values = {
    kind: 'map',
    of: { kind: 'any' },
    names: 'any',
    template: true,
    mayBeEmpty: true,
};
const variables = { kind: 'map', of: word, names: 'variable', mayBeEmpty: true };
const schema_number = (limits) => ({
    kind: 'number',
    template: true,
    ...limits,
});
const either = (...options) => ({
    kind: 'either',
    options,
});
const object = (keys) => ({ kind: 'object', keys });
/** What is no matrix has a code of its own. */
function matrixShape(shape) {
    return { ...shape, wrongType: 'L405' };
}
const inputKeys = {
    description: { description: 'What the input is for.', shape: label },
    type: {
        description: 'Strings are coerced to it. A secret never enters the store: locally it goes by the environment alone, and on Fargate `secrets` takes its place.',
        shape: { kind: 'text', words: ['string', 'number', 'boolean', 'choice', 'json', 'secret'] },
        default: 'string',
    },
    options: {
        description: 'The values of a choice.',
        shape: { kind: 'list', of: { kind: 'text', scalars: true } },
        examples: [['small', 'large']],
    },
    required: {
        description: 'Refuse to run without a value.',
        shape: { kind: 'flag' },
        default: 'false',
    },
    default: { description: 'Value when none is given.', shape: { kind: 'any' } },
};
const buildKeys = {
    context: {
        description: 'Folder with the Dockerfile.',
        shape: schema_text,
        required: true,
        examples: ['.'],
    },
    file: {
        description: 'The Dockerfile, relative to the context.',
        shape: schema_text,
        default: 'Dockerfile',
    },
    args: {
        description: 'Build arguments.',
        shape: { kind: 'map', of: word, names: 'any', template: true, mayBeEmpty: true },
    },
    target: { description: 'Stage to build.', shape: schema_text },
    secrets: {
        description: 'Build secrets: NAME and where it comes from, as for `docker build --secret`.',
        shape: { kind: 'map', of: schema_text, names: 'any', mayBeEmpty: true },
    },
    'cache-from': { description: 'Caches to read.', shape: either(schema_text, texts) },
    'cache-to': { description: 'Caches to write.', shape: either(schema_text, texts) },
};
const schema_image = either(schema_text, object({
    build: {
        description: 'Built and pushed when its inputs change.',
        shape: object(buildKeys),
        required: true,
    },
}));
const dimension = matrixShape(either({ kind: 'list', of: { kind: 'any' }, template: true, mayBeEmpty: true }, object({
    s3: {
        description: 'Objects below a prefix: values `{uri, key, size, etag}`.',
        shape: schema_text,
        examples: ['s3://bucket/prefix/'],
    },
    match: { description: 'Glob on the key, for `s3`.', shape: schema_text, examples: ['*.gz'] },
    'per-task': {
        description: 'That many objects in one value, for `s3`.',
        shape: schema_number({ min: 1, whole: true }),
    },
    file: {
        description: 'Rows of a CSV, JSON or JSON lines file.',
        shape: schema_text,
        examples: ['samples.csv'],
    },
    glob: {
        description: 'Paths of the files that match.',
        shape: schema_text,
        examples: ['data/*.csv'],
    },
})));
const matrix = {
    kind: 'object',
    wrongType: 'L405',
    template: true,
    keys: {
        include: {
            description: 'Combinations to add or to extend, as in GitHub workflows.',
            shape: matrixShape({
                kind: 'list',
                of: matrixShape(values),
                template: true,
                mayBeEmpty: true,
            }),
        },
        exclude: {
            description: 'Combinations to leave out, as in GitHub workflows.',
            shape: matrixShape({
                kind: 'list',
                of: matrixShape(values),
                template: true,
                mayBeEmpty: true,
            }),
        },
    },
    others: dimension,
};
const strategyKeys = {
    matrix: {
        description: 'One task per combination; the last key changes fastest. The whole, a dimension or a value may be an expression.',
        shape: matrix,
        examples: [{ seed: '${{ range(0, 8) }}' }],
    },
    'fail-fast': {
        description: '`drain`: launch nothing more of this electron and let the rest end; `true`: cancel the siblings.',
        shape: either({ kind: 'flag', template: true }, { kind: 'text', template: true, words: ['drain'] }),
        default: 'false',
    },
    'max-parallel': {
        description: 'Tasks of this electron at a time.',
        shape: schema_number({ min: 1, whole: true }),
    },
    'tolerate-failures': {
        description: 'A number or percentage of tasks that may fail: within it the electron counts as succeeded and lost values are null.',
        shape: either(schema_number({ min: 0, whole: true }), {
            kind: 'text',
            template: true,
            pattern: '^\\d{1,3}(\\.\\d+)?%$',
        }),
        default: '0',
        examples: ['10%'],
    },
    'if-empty': {
        description: 'What a matrix without combinations means.',
        shape: { kind: 'text', words: ['skip', 'fail'] },
        default: 'skip',
    },
    pack: { description: 'Tasks per container. Reserved.', shape: { kind: 'any' } },
};
const fileInKeys = {
    from: {
        description: 'A path, `s3://…` (a prefix when it ends in `/`), or `https://…` with `sha256`.',
        shape: schema_text,
        required: true,
    },
    to: {
        description: 'Where it is put, relative to the working directory.',
        shape: schema_text,
        default: 'the same path, or the last part of the address',
    },
    optional: { description: 'Go on without it.', shape: { kind: 'flag' }, default: 'false' },
    sha256: {
        description: 'Checked after the download.',
        shape: { kind: 'text', template: true, pattern: '^[0-9a-fA-F]{64}$' },
    },
};
const filesKeys = {
    in: {
        description: 'Files that are put in place before the work starts.',
        shape: either(schema_text, { kind: 'list', of: either(schema_text, object(fileInKeys)), mayBeEmpty: true }),
    },
    out: {
        description: 'Globs of files that are kept besides `$LATTICE_FILES`, also after a failure; or a copy to S3.',
        shape: either(schema_text, {
            kind: 'list',
            of: either(schema_text, object({
                from: {
                    description: 'Glob or path below the working directory.',
                    shape: schema_text,
                    required: true,
                },
                to: {
                    description: 'An address in S3.',
                    shape: schema_text,
                    required: true,
                    examples: ['s3://bucket/results/'],
                },
            })),
            mayBeEmpty: true,
        }),
    },
    needs: {
        description: 'Which files of the needs are staged: `all`, `none`, or globs by electron.',
        shape: either({ kind: 'text', words: ['all', 'none'] }, {
            kind: 'map',
            of: either(schema_text, { kind: 'list', of: schema_text, mayBeEmpty: true }),
            names: 'any',
            mayBeEmpty: true,
        }),
        default: 'all',
    },
};
const retryKeys = {
    attempts: {
        description: 'In all, the first one included.',
        shape: schema_number({ min: 1, max: 20, whole: true }),
        default: '1',
    },
    when: {
        description: 'What is worth another attempt: classes of failure or exit codes.',
        shape: {
            kind: 'list',
            of: either({ kind: 'text', words: ['failure', 'timeout', 'oom'] }, { kind: 'number', whole: true, min: 1, max: 255 }),
        },
        default: '[failure, timeout, oom]',
    },
    'backoff-seconds': {
        description: 'Wait before the second attempt; doubles each time.',
        shape: schema_number({ min: 0, max: 3600 }),
        default: '0',
    },
    'memory-factor': {
        description: 'After running out of memory, the next attempt gets that much more.',
        shape: schema_number({ min: 1, max: 16 }),
        default: '1',
    },
};
/** Keys of an electron. */
const ELECTRON_KEYS = {
    name: { description: 'Display name.', shape: word, withUses: true, inDefaults: true },
    needs: {
        description: 'Electrons that must end first.',
        shape: either(plain, { kind: 'list', of: plain, mayBeEmpty: true }),
        withUses: true,
        examples: ['prepare', ['train', 'score']],
    },
    'for-each': {
        description: 'One electron: one task per task of it, each starting as soon as its partner has ended; `each` holds the partner.',
        shape: plain,
        withUses: true,
    },
    if: {
        description: 'Whether to run. With or without `${{ }}`; cannot read `matrix`.',
        shape: { kind: 'text', template: true, scalars: true },
        default: 'success()',
        withUses: true,
        examples: ['always()', "inputs.mode == 'full'"],
    },
    strategy: {
        description: 'Matrix and how its tasks are run.',
        shape: object(strategyKeys),
        withUses: true,
        inDefaults: true,
    },
    run: {
        description: 'A shell script. Text of `${{ }}` is put in as it is: pass data by `with` or `env`.',
        shape: script,
    },
    shell: {
        description: '`bash`, `sh`, `python`, or a command with `{0}` for the path of the script. Unset: `bash -e`, else `sh -e`.',
        shape: schema_text,
        inDefaults: true,
    },
    command: {
        description: 'Words, run as they are, without a shell.',
        shape: { kind: 'list', of: word, template: true },
        examples: [['python3', 'train.py']],
    },
    call: {
        description: '`file.py:function` or `file.mjs:function`, called with the `with` values by name.',
        shape: plain,
        examples: ['src/sampling.py:sample'],
    },
    uses: {
        description: 'Path of another lattice, run as a part of this one with `with` as its inputs.',
        shape: plain,
        examples: ['./score.yml'],
    },
    with: {
        description: 'A mapping, or one expression that gives one; single expressions keep their type.',
        shape: values,
        withUses: true,
        inDefaults: true,
    },
    setup: {
        description: 'Shell lines before the work, in the same container.',
        shape: script,
        inDefaults: true,
    },
    cleanup: {
        description: 'Shell lines after the work, also after failure, timeout and stop; 60 s at most.',
        shape: script,
        inDefaults: true,
    },
    env: { description: 'Environment variables.', shape: variables, inDefaults: true },
    secrets: {
        description: "NAME and address: `secretsmanager:<name or ARN>[#json-key]` or `ssm:<name or ARN>`; locally taken from the caller's environment.",
        shape: { kind: 'map', of: schema_text, names: 'variable', mayBeEmpty: true },
        inDefaults: true,
        examples: [{ API_KEY: 'secretsmanager:prod/api#key' }],
    },
    files: {
        description: 'Files that come and go with a task.',
        shape: object(filesKeys),
        inDefaults: true,
    },
    checkpoint: {
        description: '`$LATTICE_CHECKPOINT` is saved then and on SIGTERM, and restored for the next attempt and after a resume.',
        shape: object({
            'every-minutes': {
                description: 'Minutes between saves.',
                shape: schema_number({ min: 1, max: 1440 }),
                required: true,
            },
        }),
        inDefaults: true,
    },
    reports: {
        description: 'Test reports.',
        shape: object({
            junit: {
                description: 'Globs of JUnit files, merged into the report of the run.',
                shape: either(schema_text, texts),
                required: true,
            },
        }),
        inDefaults: true,
    },
    vcpu: {
        description: 'Processors on Fargate.',
        shape: schema_number({}),
        default: '0.25',
        inDefaults: true,
        examples: [0.25, 1, 4],
    },
    memory: {
        description: 'GB on Fargate.',
        shape: schema_number({}),
        default: 'the smallest for the vcpu',
        inDefaults: true,
    },
    storage: {
        description: 'GiB of disk on Fargate.',
        shape: schema_number({ min: 20, max: 200, whole: true }),
        default: '20',
        inDefaults: true,
    },
    architecture: {
        description: 'Processor architecture on Fargate.',
        shape: { kind: 'text', template: true, words: ['x86_64', 'arm64'] },
        default: 'x86_64',
        inDefaults: true,
    },
    spot: {
        description: 'Spot capacity; `prefer`: on-demand after an interruption or lack of capacity.',
        shape: either({ kind: 'flag', template: true }, { kind: 'text', template: true, words: ['prefer'] }),
        default: 'false',
        inDefaults: true,
    },
    image: {
        description: 'Reference of an image for this electron.',
        shape: {
            kind: 'text',
            template: true,
            otherwise: '"build" is a key of the image for the whole lattice, at the top of the file',
        },
        inDefaults: true,
    },
    'task-role': {
        description: 'Name or ARN of the role that the task has.',
        shape: schema_text,
        inDefaults: true,
    },
    'read-only-root': {
        description: 'Mount the root file system read-only.',
        shape: flag,
        default: 'false',
        inDefaults: true,
    },
    'timeout-minutes': {
        description: 'Setup and work.',
        shape: schema_number({ min: 0.01, max: 20160 }),
        default: '360',
        inDefaults: true,
    },
    retry: {
        description: 'Attempts after failures of the work; those of the infrastructure have a budget of their own.',
        shape: either(schema_number({ min: 1, max: 20, whole: true }), object(retryKeys)),
        default: '1',
        inDefaults: true,
    },
    'continue-on-error': {
        description: 'A failure counts as success for everything that follows.',
        shape: flag,
        default: 'false',
        withUses: true,
        inDefaults: true,
    },
    cache: {
        description: 'Reuse the result of any earlier run with the same fingerprint.',
        shape: either(flag, object({
            key: { description: 'Part of the fingerprint.', shape: word },
            files: {
                description: 'Globs of the files that count, instead of the whole workspace.',
                shape: either(schema_text, texts),
            },
        })),
        default: 'false',
        inDefaults: true,
    },
    outputs: {
        description: 'Name and description of each output; checked after a task has ended.',
        shape: {
            kind: 'map',
            of: { kind: 'text', scalars: true, mayBeEmpty: true },
            names: 'id',
            mayBeEmpty: true,
        },
    },
};
const defaultsKeys = Object.fromEntries(Object.entries(ELECTRON_KEYS).filter(([, key]) => key.inDefaults));
/** Keys of the file. */
const schema_LATTICE_KEYS = {
    name: { description: 'Shown everywhere.', shape: label, default: 'the name of the file' },
    description: { description: 'Shown where there is room.', shape: label },
    inputs: {
        description: 'Values that the caller gives.',
        shape: { kind: 'map', of: object(inputKeys), names: 'id', mayBeEmpty: true },
        examples: [{ shards: { type: 'number', default: 8 } }],
    },
    image: {
        description: 'The environment of the tasks: a reference, or `build`. Ignored when run locally.',
        shape: schema_image,
    },
    workspace: {
        description: 'The code: globs, relative to the folder of this file; `!` takes away.',
        shape: either(plain, { kind: 'list', of: plain }),
        default: 'everything but what Git ignores',
        examples: [['src/**']],
    },
    defaults: {
        description: 'Keys for every electron that does not set them itself; `env` and `secrets` are merged.',
        shape: object(defaultsKeys),
    },
    env: { description: 'Environment variables for all tasks.', shape: variables },
    'max-parallel': {
        description: 'Tasks of the whole lattice at a time.',
        shape: schema_number({ min: 1, whole: true }),
    },
    electrons: {
        description: 'The nodes of the graph.',
        shape: { kind: 'map', of: object(ELECTRON_KEYS), names: 'id' },
        required: true,
    },
    outputs: {
        description: 'Results of the lattice: an expression over `electrons` and `inputs`, or files of an electron.',
        shape: {
            kind: 'map',
            names: 'id',
            mayBeEmpty: true,
            of: either({ kind: 'text', template: true, scalars: true, mayBeEmpty: true }, { kind: 'number' }, { kind: 'flag' }, object({
                electron: { description: 'Whose files.', shape: plain, required: true },
                files: { description: 'Globs.', shape: either(schema_text, texts), required: true },
            })),
        },
        examples: [{ pi: '${{ electrons.estimate.outputs.result }}' }],
    },
};
/** The whole file. */
const LATTICE_SHAPE = { kind: 'object', keys: schema_LATTICE_KEYS };
/** Outputs that the action always sets; a lattice's own cannot have these names. */
const ACTION_OUTPUTS = [
    'status',
    'run-id',
    'message',
    'counts',
    'cost',
    'duration',
    'failed',
    'failures',
    'outputs',
    'results',
    'artifact-id',
    'artifact-url',
    'report-url',
    'image',
];

;// CONCATENATED MODULE: ./lib/lattice/structure.js
/** Compares a tree with the schema. Says everything that is wrong and marks it, so that nobody reads it further. */



/** Checks a whole file. */
function checkStructure(file, root, shape, report) {
    const check = new StructureCheck(file, report);
    const first = root.kind === 'map' ? root.entries[0]?.key.span : undefined;
    const start = root.span.start;
    check.node(root, shape, { label: 'the file', span: first ?? { start, end: start + 1 } });
    return check.rejected;
}
class StructureCheck {
    rejected = new Set();
    #file;
    #report;
    constructor(file, report) {
        this.#file = file;
        this.#report = report;
    }
    node(node, shape, owner) {
        if (node.kind === 'scalar' && node.isUnreadable) {
            this.rejected.add(node);
            return;
        }
        const fitting = choose(node, shape);
        if (fitting === undefined) {
            const hint = structure_hintFor(node, shape);
            this.#reject(node, 'L202', node.span, `${owner.label} takes ${describe(shape)}, not ${nameOf(node)}`, hint);
            return;
        }
        if (isExpression(node)) {
            this.#expression(node, fitting, shape, owner);
            return;
        }
        if (node.kind === 'scalar')
            this.#scalar(node, fitting, shape, owner);
        else if (node.kind === 'list' && fitting.kind === 'list')
            this.#list(node.items, node, fitting, owner);
        else if (node.kind === 'map' && fitting.kind === 'object')
            this.#object(node, fitting, owner);
        else if (node.kind === 'map' && fitting.kind === 'map')
            this.#map(node, fitting, owner);
    }
    /** Text around an expression makes a text of it, whatever it gives. */
    #expression(node, fitting, whole, owner) {
        const isText = fitting.kind === 'text' || fitting.kind === 'any' || fitting.kind === 'number';
        // A choice of true, false and a word may be put together out of pieces.
        const isWord = fitting.kind === 'flag' && whole.kind !== 'flag';
        if (isText || isWord || node.kind !== 'scalar')
            return;
        const found = findExpressions(node.text);
        if (!found.ok)
            return;
        if (found.pieces.length === 1)
            return;
        const message = `${owner.label} takes ${describe(fitting)}, not text around an expression`;
        this.#reject(node, 'L312', node.span, message, 'one expression and nothing around it keeps its type');
    }
    #list(items, node, shape, owner) {
        if (items.length === 0 && !shape.mayBeEmpty) {
            this.#reject(node, 'L211', node.span, `${owner.label} has no items`);
        }
        for (const item of items) {
            this.node(item, shape.of, { label: `an item of ${owner.label}`, span: item.span });
        }
    }
    #map(node, shape, owner) {
        if (node.entries.length === 0 && !shape.mayBeEmpty) {
            this.#reject(node, 'L211', node.span, `${owner.label} has no entries`);
        }
        for (const { key, value } of node.entries) {
            this.#name(key, value, shape.names);
            this.node(value, shape.of, { label: `"${structure_short(key.text)}"`, span: key.span });
        }
    }
    #name(key, value, names) {
        const name = key.text;
        if (names === 'id') {
            if (name.length > 100) {
                this.#reject(value, 'L207', key.span, `a name has at most 100 characters, this one ${name.length}`);
            }
            else if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(name)) {
                const hint = 'a letter or _ first, then letters, digits, - and _';
                this.#reject(value, 'L207', key.span, `"${name}" cannot be a name`, hint);
            }
        }
        else if (names === 'variable' && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
            const hint = 'a letter or _ first, then letters, digits and _';
            this.#reject(value, 'L207', key.span, `"${structure_short(name)}" cannot be an environment variable`, hint);
        }
    }
    #object(node, shape, owner) {
        for (const entry of node.entries) {
            const schema = Object.hasOwn(shape.keys, entry.key.text)
                ? shape.keys[entry.key.text]
                : undefined;
            const label = `"${structure_short(entry.key.text)}"`;
            if (schema !== undefined) {
                this.node(entry.value, schema.shape, { label, span: entry.key.span });
            }
            else if (shape.others === undefined) {
                this.#unknown(entry, shape.keys, owner);
            }
            else {
                this.#name(entry.key, entry.value, 'id');
                this.node(entry.value, shape.others, { label, span: entry.key.span });
            }
        }
        const present = new Set(node.entries.map(({ key }) => key.text));
        for (const [name, schema] of Object.entries(shape.keys)) {
            if (schema.required && !present.has(name))
                this.#missing(name, node, owner, shape.keys);
        }
    }
    /** Silent beside an unknown key, which has been told: it is probably the one that is missing. */
    #missing(name, node, owner, keys) {
        this.rejected.add(node);
        if (node.entries.some(({ key }) => !Object.hasOwn(keys, key.text)))
            return;
        this.#say('L203', owner.span, `${owner.label} has no "${name}"`);
    }
    #unknown({ key, value }, keys, owner) {
        const names = Object.keys(keys);
        const known = names.length <= 8 ? `the keys here are ${names.join(', ')}` : undefined;
        const message = owner.label === 'the file'
            ? `a lattice has no key "${structure_short(key.text)}"`
            : `${owner.label} has no key "${structure_short(key.text)}"`;
        this.#reject(value, 'L201', key.span, message, elsewhere(key.text) ?? didYouMean(key.text, names) ?? known);
    }
    #scalar(node, fitting, whole, owner) {
        if (fitting.kind === 'text')
            this.#text(node, fitting, whole, owner);
        if (fitting.kind === 'number' && typeof node.value === 'number') {
            this.#number(node, node.value, fitting, owner);
        }
    }
    #text(node, shape, whole, owner) {
        if (shape.words !== undefined && !shape.words.includes(node.text)) {
            const words = wordsOf(whole);
            const hint = didYouMean(node.text, words) ?? `one of ${words.join(', ')}`;
            this.#reject(node, 'L210', node.span, `${owner.label} cannot be "${structure_short(node.text)}"`, hint);
        }
        else if (shape.pattern !== undefined && !new RegExp(shape.pattern).test(node.text)) {
            const text = node.text === '' ? 'empty' : `"${structure_short(node.text)}"`;
            this.#reject(node, wrongType(shape), node.span, `${owner.label} takes ${describe(whole)}, not ${text}`);
        }
        else if (node.text.trim() === '' && !shape.mayBeEmpty) {
            this.#reject(node, 'L211', node.span, `${owner.label} is empty`);
        }
    }
    #number(node, value, shape, owner) {
        if (shape.whole && !Number.isInteger(value)) {
            this.#reject(node, 'L402', node.span, `${owner.label} takes a whole number, not ${node.text}`);
        }
        else if (shape.min !== undefined && value < shape.min) {
            this.#reject(node, 'L401', node.span, `${owner.label} is at least ${shape.min}, not ${node.text}`);
        }
        else if (shape.max !== undefined && value > shape.max) {
            this.#reject(node, 'L401', node.span, `${owner.label} is at most ${shape.max}, not ${node.text}`);
        }
    }
    #reject(node, code, span, message, hint) {
        this.rejected.add(node);
        this.#say(code, span, message, hint);
    }
    #say(code, span, message, hint) {
        this.#report(diagnose(code, { file: this.#file, span }, message, { hint }));
    }
}
function structure_hintFor(node, shape) {
    if (node.kind !== 'scalar')
        return shape.kind === 'text' ? shape.otherwise : undefined;
    if (node.value === null)
        return 'leave the key away, or give it a value';
    const takesList = shape.kind === 'either' && shape.options.some(({ kind }) => kind === 'list');
    return takesList && wrongType(shape) === 'L405' && node.text.length < 60
        ? `write [${node.text}]`
        : undefined;
}
function wrongType(shape) {
    return 'wrongType' in shape && shape.wrongType !== undefined ? shape.wrongType : 'L202';
}
/** True for a text with `${{` in it: what it gives is checked elsewhere. */
function isExpression(node) {
    return node.kind === 'scalar' && typeof node.value === 'string' && node.value.includes('${{');
}
/** The part of a shape that a node is to be compared with; undefined: it fits none. */
function choose(node, shape) {
    if (shape.kind === 'either') {
        const options = shape.options
            .map((option) => choose(node, option))
            .filter((fit) => fit !== undefined);
        const [first] = options;
        if (node.kind !== 'scalar' || options.length <= 1)
            return first;
        return (options.find((option) => option.kind === 'text' && option.words?.includes(node.text)) ?? first);
    }
    if (shape.kind === 'any')
        return shape;
    if (isExpression(node))
        return templated(shape) ? shape : undefined;
    if (node.kind === 'list')
        return shape.kind === 'list' ? shape : undefined;
    if (node.kind === 'map')
        return shape.kind === 'map' || shape.kind === 'object' ? shape : undefined;
    return scalarFits(node, shape) ? shape : undefined;
}
function templated(shape) {
    return 'template' in shape && shape.template;
}
function scalarFits(node, shape) {
    const { value } = node;
    switch (shape.kind) {
        case 'text':
            return typeof value === 'string' || (shape.scalars === true && value !== null);
        case 'number':
            return typeof value === 'number';
        case 'flag':
            return typeof value === 'boolean';
        case 'list':
        case 'map':
        case 'object':
            return false;
        case 'any':
        case 'either':
            return true;
    }
}
/** "a list or text": what a shape asks for, in words. */
function describe(shape) {
    switch (shape.kind) {
        case 'text':
            if (shape.pattern?.endsWith('%$'))
                return 'a percentage such as 10%';
            if (shape.pattern?.includes('{64}'))
                return '64 hexadecimal digits';
            return shape.words === undefined
                ? 'text'
                : shape.words.map((word) => `"${word}"`).join(' or ');
        case 'number':
            return shape.whole ? 'a whole number' : 'a number';
        case 'flag':
            return 'true or false';
        case 'list':
            return 'a list';
        case 'map':
        case 'object':
            return 'a mapping';
        case 'any':
            return 'a value';
        case 'either':
            return [...new Set(shape.options.map(describe))]
                .join(' or ')
                .replace(/^true or false or /, 'true, false or ');
    }
}
function nameOf(node) {
    if (node.kind === 'list')
        return 'a list';
    if (node.kind === 'map')
        return 'a mapping';
    if (isExpression(node))
        return 'an expression';
    if (node.value === null)
        return 'nothing';
    if (typeof node.value === 'string')
        return node.text === '' ? 'empty text' : `the text "${structure_short(node.text)}"`;
    return node.text;
}
function wordsOf(shape) {
    if (shape.kind === 'either')
        return shape.options.flatMap(wordsOf);
    if (shape.kind === 'flag')
        return ['true', 'false'];
    return shape.kind === 'text' ? (shape.words ?? []) : [];
}
/** Names in messages stay readable. */
function structure_short(text) {
    const line = text.replace(/\s+/g, ' ');
    return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
/** Keys of GitHub workflows and of common habit that are called otherwise here. */
function elsewhere(key) {
    switch (key) {
        case 'on':
            return 'a lattice is started by its caller; triggers belong into the workflow';
        case 'jobs':
        case 'tasks':
        case 'nodes':
            return 'did you mean "electrons"?';
        case 'steps':
            return 'an electron is one piece of work; make each step an electron, or lines of "run"';
        case 'runs-on':
            return 'tasks run where the backend says; "vcpu", "memory" and "architecture" choose the size';
        case 'container':
            return 'did you mean "image"?';
        case 'gpu':
            return 'Fargate has no GPU';
        case 'cpu':
        case 'cpus':
            return 'did you mean "vcpu"?';
        case 'script':
            return 'did you mean "run"?';
        case 'depends-on':
        case 'depends_on':
            return 'did you mean "needs"?';
        default:
            return undefined;
    }
}

// EXTERNAL MODULE: ./node_modules/yaml/dist/index.js
var yaml_dist = __webpack_require__(8815);
;// CONCATENATED MODULE: ./lib/lattice/yaml-positions.js
/**
 * Where each character of a scalar's value stands in its source. Values come from the `yaml` package; this only
 * retraces them, so that an expression inside a quoted, folded or indented text is marked exactly.
 */
/**
 * For every UTF-16 unit of `value`, and for its end, the offset in `source`. White space that folding has made stands
 * at the line break it was made of.
 */
function scalarPositions(style, source, value) {
    const positions = style === 'double' ? doubleQuoted(source) : aligned(style, source, value);
    return positions.length === value.length + 1 ? positions : evenly(source, value);
}
/** Never needed for a scalar that the `yaml` package accepted; keeps positions inside the source in any case. */
function evenly(source, value) {
    return Array.from({ length: value.length + 1 }, (_, index) => Math.min(index, source.length));
}
const isSpace = (unit) => unit === ' ' || unit === '\t' || unit === '\n' || unit === '\r';
/**
 * Plain, single-quoted and block scalars copy everything but white space (and the doubled quote), so both texts are
 * walked side by side and meet again at every other character.
 */
function aligned(style, source, value) {
    const positions = [];
    let at = style === 'single' ? 1 : style === 'block' ? blockStart(source, value) : 0;
    let index = 0;
    while (index < value.length) {
        if (!isSpace(value[index])) {
            positions.push(at);
            at += style === 'single' && value[index] === "'" ? 2 : 1;
            index += 1;
            continue;
        }
        let next = index;
        while (next < value.length && isSpace(value[next]))
            next += 1;
        let resume = at;
        while (resume < source.length && isSpace(source[resume]))
            resume += 1;
        for (const position of spaces(value.slice(index, next), source.slice(at, resume))) {
            positions.push(at + position);
        }
        if (next === value.length) {
            at = Math.min(resume, (positions.at(-1) ?? resume) + 1);
        }
        else {
            at = resume;
        }
        index = next;
    }
    positions.push(at);
    return positions;
}
/** Positions of a run of white space: lines and trailing blanks from the front, indentation from the back. */
function spaces(run, source) {
    const positions = Array.from({ length: run.length }, () => 0);
    let from = 0;
    let at = 0;
    while (from < run.length && at < source.length) {
        if (source[at] === '\r' && source[at + 1] === '\n')
            at += 1;
        if (run[from] !== source[at])
            break;
        positions[from] = at;
        from += 1;
        at += 1;
    }
    let to = run.length;
    let end = source.length;
    while (to > from && end > at && run[to - 1] === source[end - 1] && run[to - 1] !== '\n') {
        to -= 1;
        end -= 1;
        positions[to] = end;
    }
    for (let index = from; index < to; index += 1) {
        const line = source.indexOf('\n', at);
        positions[index] = line === -1 || line >= end ? Math.min(at, source.length) : line;
        at = (positions[index] ?? at) + (run[index] === '\n' ? 1 : 0);
    }
    return positions;
}
/** A block scalar's content starts on the line after its header, after the indentation when it starts with a word. */
function blockStart(source, value) {
    const line = source.indexOf('\n');
    let start = line === -1 ? source.length : line + 1;
    if (!isSpace(value[0]))
        while (start < source.length && isSpace(source[start]))
            start += 1;
    return start;
}
/** Retraces the escapes and folding of YAML 1.2, chapter 7.3.1. */
function doubleQuoted(source) {
    const positions = [];
    const end = source.length - 1;
    let at = 1;
    while (at < end) {
        const unit = source[at];
        if (unit === '\r' && source[at + 1] === '\n') {
            at += 1;
        }
        else if (unit === '\n') {
            at = foldedBreak(source, at, positions);
        }
        else if (unit === '\\') {
            at = yaml_positions_escape(source, at, positions);
        }
        else if (unit === ' ' || unit === '\t') {
            let next = at;
            while (source[next] === ' ' || source[next] === '\t')
                next += 1;
            const trailing = source[next] === '\n' || (source[next] === '\r' && source[next + 1] === '\n');
            if (!trailing)
                for (let space = at; space < next; space += 1)
                    positions.push(space);
            at = next;
        }
        else {
            positions.push(at);
            at += 1;
        }
    }
    positions.push(Math.max(end, 1));
    return positions;
}
function foldedBreak(source, at, positions) {
    let next = at + 1;
    const before = positions.length;
    while (isSpace(source[next])) {
        if (source[next] === '\r' && source[next + 1] !== '\n')
            break;
        if (source[next] === '\n')
            positions.push(next);
        next += 1;
    }
    if (positions.length === before)
        positions.push(at);
    return next;
}
function yaml_positions_escape(source, at, positions) {
    const kind = source[at + 1];
    if (kind === '\n' || (kind === '\r' && source[at + 2] === '\n')) {
        let next = at + (kind === '\n' ? 2 : 3);
        while (source[next] === ' ' || source[next] === '\t')
            next += 1;
        return next;
    }
    const digits = kind === 'x' ? 2 : kind === 'u' ? 4 : kind === 'U' ? 8 : 0;
    positions.push(at);
    if (digits === 8 && Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff) {
        positions.push(at);
    }
    return at + 2 + digits;
}
/** How many units of the file make the one character that is written at `at`: an escape or a doubled quote takes more. */
function writtenLength(style, file, at) {
    if (style === 'single')
        return file[at] === "'" ? 2 : 1;
    if (style !== 'double' || file[at] !== '\\')
        return 1;
    const digits = { x: 2, u: 4, U: 8 };
    return 2 + (digits[file[at + 1] ?? ''] ?? 0);
}

;// CONCATENATED MODULE: ./lib/lattice/yaml-errors.js
/** An error of the `yaml` package in our words, at its place. */
function explainYamlError(error, text) {
    const start = startOf(error, text);
    const line = text.indexOf('\n', start);
    const lineEnd = line === -1 ? text.length : line;
    const last = start === error.pos[0] ? Math.min(Math.max(error.pos[1], start), lineEnd) : start;
    const end = Math.max(last, Math.min(start + 1, text.length));
    const found = explain(error, text.slice(start, lineEnd));
    return {
        span: { start, end },
        code: found.code ?? 'L101',
        message: found.message,
        ...(found.hint === undefined ? {} : { hint: found.hint }),
    };
}
/** The package points at the end of an unclosed text, and at the line of a wrong indentation. */
function startOf(error, text) {
    const start = Math.max(0, Math.min(error.pos[0], text.length));
    const quote = /Missing closing (['"])/.exec(error.message)?.[1];
    if (quote !== undefined) {
        let opening = text.lastIndexOf(quote, start - 1);
        if (quote === '"') {
            while (opening > 0 && text[opening - 1] === '\\')
                opening = text.lastIndexOf(quote, opening - 1);
        }
        return opening === -1 ? start : opening;
    }
    if (error.code !== 'BAD_INDENT')
        return start;
    let content = start;
    while (text[content] === ' ')
        content += 1;
    return content < text.length && text[content] !== '\n' ? content : start;
}
function explain(error, rest) {
    const closing = /must(?: be sufficiently indented and)? end with a (\S)/.exec(error.message)?.[1];
    if (closing !== undefined) {
        const opening = closing === ']' ? '[' : '{';
        return {
            message: `a ${opening} has no closing ${closing}, or its lines are not indented enough`,
        };
    }
    switch (error.code) {
        case 'TAB_AS_INDENT':
            return { message: 'a tab is used for indentation', hint: 'YAML is indented with spaces' };
        case 'BAD_INDENT':
            return {
                message: /sequence/.test(error.message)
                    ? 'the items of this list do not start in the same column'
                    : /[Ff]low/.test(error.message)
                        ? 'the lines of this bracket are not indented enough'
                        : /[Bb]lock scalar/.test(error.message)
                            ? 'the lines of this text are not indented enough'
                            : 'the keys of this mapping do not start in the same column',
            };
        case 'BAD_ALIAS':
            return {
                message: 'an anchor or alias has no proper name',
                hint: 'put a value that starts with * or & in quotes',
            };
        case 'ALIAS_PROPS':
            return { message: 'an alias cannot have a tag or an anchor of its own' };
        case 'BAD_DQ_ESCAPE':
            return {
                message: `"${rest.slice(0, 2)}" is not an escape of a text in double quotes`,
                hint: 'write \\\\ for a backslash, or use single quotes',
            };
        case 'BAD_SCALAR_START':
            return { message: `a value cannot start with ${rest.slice(0, 1)}`, hint: 'put it in quotes' };
        case 'BLOCK_AS_IMPLICIT_KEY':
            return {
                message: 'a second ": " stands in the value of a key',
                hint: 'put the value in quotes, or on lines of its own',
            };
        case 'BLOCK_IN_FLOW':
            return { message: 'a list or mapping in indented form cannot stand inside brackets' };
        case 'KEY_OVER_1024_CHARS':
            return { message: 'a key is longer than 1,024 characters' };
        case 'MISSING_CHAR':
            return missing(error.message, rest);
        case 'MULTILINE_IMPLICIT_KEY':
            return {
                message: 'a key goes over several lines',
                hint: 'is a ":" missing after the key, or is the next line indented wrongly?',
            };
        case 'MULTIPLE_ANCHORS':
            return { message: 'a value has two anchors' };
        case 'MULTIPLE_TAGS':
            return { message: 'a value has two tags', code: 'L106' };
        case 'MULTIPLE_DOCS':
            return { message: 'a second document starts here', code: 'L107' };
        case 'TAG_RESOLVE_FAILED':
        case 'BAD_COLLECTION_TYPE':
            return {
                message: `the tag ${/^!\S{0,40}/.exec(rest)?.[0] ?? ''} is not supported`.replace('  ', ' '),
                code: 'L106',
                hint: 'put the value in quotes if it starts with !',
            };
        case 'BAD_DIRECTIVE':
            return { message: 'this line starts with %, which YAML keeps for itself' };
        case 'BAD_PROP_ORDER':
            return { message: 'an anchor or tag stands after the sign it belongs before' };
        case 'RESOURCE_EXHAUSTION':
            return { message: 'lists and mappings are nested too deeply', code: 'L103' };
        case 'UNEXPECTED_TOKEN':
            return yaml_errors_unexpected(error.message, rest);
        case 'DUPLICATE_KEY':
        case 'NON_STRING_KEY':
        case 'IMPOSSIBLE':
            return { message: 'this cannot be read' };
    }
}
function missing(message, rest) {
    if (/closing 'quote/.test(message))
        return { message: "a text in single quotes has no closing '" };
    if (/closing "quote/.test(message))
        return { message: 'a text in double quotes has no closing "' };
    if (/Implicit map keys/.test(message))
        return {
            message: 'a key has no ":" after it',
            hint: 'every line of a mapping is "key: value"',
        };
    if (message.endsWith('indicator') && /Sequence/.test(message))
        return { message: 'an item of this list has no "-"' };
    if (/Missing , /.test(message))
        return { message: 'a comma is missing in this bracket' };
    if (/space after :/.test(message))
        return { message: 'a space is missing after ":"' };
    if (/Comments must/.test(message))
        return {
            message: 'a space is missing before "#"',
            hint: 'put the value in quotes if the # belongs to it',
        };
    if (/more-indented leading/.test(message))
        return { message: 'the first lines of this text are indented more than the text' };
    return { message: rest === '' ? 'something is missing at the end' : 'something is missing here' };
}
function yaml_errors_unexpected(message, rest) {
    if (/doc-end/.test(message))
        return { message: '"..." ends a document that has not begun' };
    if (/header includes extra/.test(message))
        return { message: 'after | or > only an indentation digit, + or - may stand' };
    if (/empty item/.test(message) || /Unexpected ,/.test(message))
        return { message: 'a comma with nothing before it' };
    const sign = rest.trim().slice(0, 1);
    if (sign === '')
        return { message: 'the file ends where more was expected' };
    return {
        message: `"${sign}" is not expected here`,
        ...(/[@`%]/.test(sign) ? { hint: 'put the value in quotes' } : {}),
    };
}

;// CONCATENATED MODULE: ./lib/lattice/yaml.js
/**
 * YAML text as a small tree that knows where everything stands. The `yaml` package reads; this file bounds what it may
 * do (size, nesting, aliases), says its errors in our words and drops everything JSON does not have.
 */




/** A single value. */
class YamlScalar {
    kind = 'scalar';
    value;
    /** As written, for values that are no strings: `1.0`; else the value. */
    text;
    span;
    /** Stands for something that could not be read and has been reported: nothing more is to be said about it. */
    isUnreadable;
    #style;
    #file;
    #positions;
    constructor(scalar) {
        this.value = scalar.value;
        this.text = scalar.text;
        this.span = scalar.span;
        this.isUnreadable = scalar.isUnreadable ?? false;
        this.#style = scalar.style;
        this.#file = scalar.file;
    }
    /** Offset in the file of the unit `index` of `text`; `text.length` gives the end. */
    offsetOf(index) {
        const { start, end } = this.span;
        this.#positions ??= scalarPositions(this.#style, this.#file.slice(start, end), this.text);
        return start + (this.#positions[index] ?? end - start);
    }
    /** The file's range of `text.slice(from, to)`, exact also where an escape stands at its end. */
    spanOf(from, to) {
        if (from === 0 && to === this.text.length)
            return this.span;
        const start = this.offsetOf(from);
        if (to <= from)
            return { start, end: start };
        const last = this.offsetOf(to - 1);
        return { start, end: last + writtenLength(this.#style, this.#file, last) };
    }
}
/** Bytes of a lattice file. */
const MAX_FILE_BYTES = 1024 * 1024;
const yaml_MAX_DEPTH = 64;
/** Values that aliases may add to those that are written. */
const MAX_ALIASED = 100_000;
const MAX_YAML_ERRORS = 20;
/** Reads one document. Undefined: it is broken beyond further checks, and why has been reported. */
function readYaml(file, text, report) {
    const at = (code, span, message, hint) => {
        report(diagnose(code, { file, span }, message, { hint }));
    };
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_FILE_BYTES) {
        at('L102', { start: 0, end: 0 }, `the file has ${bytes} bytes; ${MAX_FILE_BYTES} are allowed`);
        return undefined;
    }
    const tokens = parseTokens(text);
    const deep = tokens === undefined ? { start: 0, end: 0 } : yaml_tooDeep(tokens);
    if (tokens === undefined || deep !== undefined) {
        at('L103', deep ?? { start: 0, end: 0 }, `lists and mappings are nested more than ${yaml_MAX_DEPTH} deep`);
        return undefined;
    }
    const documents = [...compose(tokens)];
    const [document, second] = documents;
    const problems = problemsOf(file, text, documents);
    if (problems.length > 0) {
        problems.forEach(report);
        return undefined;
    }
    if (second !== undefined) {
        at('L107', { start: second.range[0], end: second.range[0] + 3 }, 'a second document starts here');
        return undefined;
    }
    if (document === undefined || document.contents === null || isEmpty(document.contents)) {
        at('L110', { start: 0, end: 0 }, 'the file has no content');
        return undefined;
    }
    return new TreeBuilder(file, text, report).build(document.contents);
}
/** The token stage is iterative but for its lexer, which recurses over `- - - …` on one line. */
function parseTokens(text) {
    try {
        return [...new yaml_dist/* Parser */.iX().parse(text)];
    }
    catch (error) {
        if (error instanceof RangeError)
            return undefined;
        throw error;
    }
}
/** The composer recurses, so nesting is measured before it starts. Gives the first place that is too deep. */
function yaml_tooDeep(tokens) {
    const open = tokens.map((token) => ({ token, depth: 0 }));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { token, depth } = next;
        if (depth > yaml_MAX_DEPTH)
            return { start: token.offset, end: token.offset + 1 };
        if (token.type === 'document') {
            if (token.value)
                open.push({ token: token.value, depth });
        }
        else if ('items' in token) {
            for (const item of token.items) {
                if (item.key)
                    open.push({ token: item.key, depth: depth + 1 });
                if (item.value)
                    open.push({ token: item.value, depth: depth + 1 });
            }
        }
    }
    return undefined;
}
function* compose(tokens) {
    const composer = new yaml_dist/* Composer */.Dk({
        version: '1.2',
        schema: 'core',
        merge: false,
        uniqueKeys: false,
        keepSourceTokens: true,
        strict: true,
        logLevel: 'silent',
    });
    for (const document of composer.compose(tokens))
        yield document;
}
/** All errors of the package, each place once, in file order. */
function problemsOf(file, text, documents) {
    const byPlace = new Map();
    for (const document of documents) {
        const fatal = document.warnings.filter((warning) => warning.code === 'TAG_RESOLVE_FAILED');
        for (const problem of [...document.errors, ...fatal]) {
            const found = explainYamlError(problem, text);
            if (byPlace.has(found.span.start))
                continue;
            byPlace.set(found.span.start, diagnose(found.code, { file, span: found.span }, found.message, { hint: found.hint }));
        }
    }
    const sorted = [...byPlace.values()].sort((a, b) => a.location.span.start - b.location.span.start);
    return sorted.slice(0, MAX_YAML_ERRORS);
}
function isEmpty(node) {
    return (0,yaml_dist/* isScalar */.jn)(node) && node.value === null && node.source === '';
}
class TreeBuilder {
    #file;
    #text;
    #report;
    #anchors = new Map();
    #weights = new Map();
    #aliased = 0;
    #tooMuch = false;
    constructor(file, text, report) {
        this.#file = file;
        this.#text = text;
        this.#report = report;
    }
    build(node) {
        const root = this.#node(node, undefined, 0);
        return this.#tooMuch ? undefined : root;
    }
    #say(code, span, message, hint) {
        this.#report(diagnose(code, { file: this.#file, span }, message, { hint }));
    }
    /** `owner` is where an empty value is shown: its key or its dash. */
    #node(node, owner, depth) {
        const result = this.#read(node, owner, depth);
        if (node !== null && !(0,yaml_dist/* isAlias */.Vj)(node) && node.anchor !== undefined) {
            this.#anchors.set(node.anchor, result);
        }
        return result;
    }
    #read(node, owner, depth) {
        const span = this.#span(node, owner);
        if (node === null)
            return this.#scalar(null, '', span, 'plain');
        if ((0,yaml_dist/* isAlias */.Vj)(node))
            return this.#alias(node.source, span, depth);
        if ((0,yaml_dist/* isMap */.jh)(node))
            return this.#map(node, span, depth);
        if ((0,yaml_dist/* isSeq */.oP)(node)) {
            const items = node.items.map((item) => (0,yaml_dist/* isPair */.tO)(item)
                ? this.#scalar(null, '', span, 'plain')
                : this.#node(item, this.#dashBefore(item, span), depth + 1));
            return { kind: 'list', items, span };
        }
        return this.#value(node, span);
    }
    #value(node, span) {
        const style = styles[node.type ?? 'PLAIN'] ?? 'plain';
        const { value } = node;
        if (typeof value === 'string')
            return this.#scalar(value, value, span, style);
        const text = node.source ?? '';
        if (typeof value === 'number') {
            if (!Number.isFinite(value)) {
                this.#say('L112', span, `${text} is not a number that can be passed on`, 'put it in quotes');
                return this.#scalar(text, text, span, style);
            }
            if (changes(text, value)) {
                const hint = `write '${text}' in quotes to keep every digit`;
                this.#say('L902', span, `${text} is read as the number ${value}`, hint);
            }
            return this.#scalar(value, text, span, style);
        }
        if (typeof value === 'boolean' || value === null) {
            return this.#scalar(value, text, span, style);
        }
        this.#say('L106', this.#tagBefore(span), 'this type is not one that JSON has');
        return this.#unreadable(span);
    }
    #map(node, span, depth) {
        const entries = [];
        const seen = new Map();
        for (const pair of node.items) {
            const key = this.#key(pair.key, span);
            const value = this.#node(pair.value, key?.span ?? span, depth + 1);
            if (key === undefined)
                continue;
            const first = seen.get(key.text);
            if (first === undefined) {
                seen.set(key.text, key.span);
                entries.push({ key, value });
            }
            else {
                this.#report(diagnose('L104', this.#at(key.span), `the key "${key.text}" is here a second time`, {
                    notes: [{ message: 'the first one', location: this.#at(first) }],
                }));
            }
        }
        return { kind: 'map', entries, span };
    }
    #key(node, map) {
        const span = this.#span(node, { start: map.start, end: Math.min(map.end, map.start + 1) });
        if (node !== null && (0,yaml_dist/* isScalar */.jn)(node) && !isEmpty(node)) {
            const key = this.#value(node, span);
            if (key.text === '<<' && node.type === 'PLAIN') {
                const hint = 'repeat the keys here, or put them into "defaults"';
                this.#say('L105', span, 'merge keys are not supported', hint);
                return undefined;
            }
            return this.#scalar(key.text, key.text, span, styles[node.type ?? 'PLAIN'] ?? 'plain');
        }
        const braces = this.#text.startsWith('{', span.start);
        const hint = braces ? 'put "${{ … }}" in quotes if an expression is meant' : undefined;
        const what = node === null || isEmpty(node)
            ? 'nothing'
            : (0,yaml_dist/* isMap */.jh)(node)
                ? 'a mapping'
                : (0,yaml_dist/* isSeq */.oP)(node)
                    ? 'a list'
                    : 'an alias';
        this.#say('L111', span, `${what} cannot be a key`, hint);
        return undefined;
    }
    #alias(name, span, depth) {
        const target = this.#anchors.get(name);
        if (target === undefined) {
            const short = name.length > 60 ? `${name.slice(0, 57)}...` : name;
            const hint = 'an anchor stands before its aliases and not around them';
            this.#say('L108', span, `there is no anchor "&${short}" before this place`, hint);
            return this.#unreadable(span);
        }
        const weight = this.#weigh(target);
        this.#aliased += weight.values;
        if ((this.#aliased > MAX_ALIASED || depth + weight.depth > yaml_MAX_DEPTH) && !this.#tooMuch) {
            this.#tooMuch = true;
            const limit = this.#aliased > MAX_ALIASED
                ? `aliases repeat more than ${MAX_ALIASED} values up to here`
                : `lists and mappings are nested more than ${yaml_MAX_DEPTH} deep here`;
            this.#say('L109', span, limit);
        }
        return this.#tooMuch ? this.#unreadable(span) : target;
    }
    /** Values and depth below a node as if every alias were written out; each node is counted once. */
    #weigh(node) {
        const known = this.#weights.get(node);
        if (known !== undefined)
            return known;
        let values = 1;
        let depth = 0;
        const children = node.kind === 'list'
            ? node.items
            : node.kind === 'map'
                ? node.entries.map((e) => e.value)
                : [];
        for (const child of children) {
            const below = this.#weigh(child);
            values += below.values;
            depth = Math.max(depth, below.depth + 1);
        }
        const weight = { values, depth };
        this.#weights.set(node, weight);
        return weight;
    }
    #unreadable(span) {
        return new YamlScalar({
            value: null,
            text: '',
            span,
            style: 'plain',
            file: this.#text,
            isUnreadable: true,
        });
    }
    #scalar(value, text, span, style) {
        return new YamlScalar({ value, text, span, style, file: this.#text });
    }
    #at(span) {
        return { file: this.#file, span };
    }
    /** Without the line break that the package counts to a block; an empty value is shown at its owner. */
    #span(node, owner) {
        const range = node?.range;
        if (!range || range[0] >= range[1])
            return owner ?? { start: range?.[0] ?? 0, end: range?.[0] ?? 0 };
        let end = range[1];
        while (end > range[0] && /\s/.test(this.#text[end - 1] ?? ''))
            end -= 1;
        return { start: range[0], end: Math.max(end, range[0] + 1) };
    }
    /** The tag of a value; its token stands apart from the value's own. */
    #tagBefore(span) {
        const before = this.#text.slice(Math.max(0, span.start - 200), span.start);
        const tag = /(!\S*)\s+$/.exec(before);
        if (tag === null)
            return span;
        const start = span.start - (before.length - tag.index);
        return { start, end: start + (tag[1] ?? '').length };
    }
    /** Where an empty item of a list in lines is shown. */
    #dashBefore(item, list) {
        const range = item?.range;
        if (!range || range[0] < range[1] || this.#text[list.start] === '[')
            return undefined;
        const dash = this.#text.lastIndexOf('-', range[0]);
        return dash < list.start ? undefined : { start: dash, end: dash + 1 };
    }
}
const styles = {
    PLAIN: 'plain',
    QUOTE_SINGLE: 'single',
    QUOTE_DOUBLE: 'double',
    BLOCK_LITERAL: 'block',
    BLOCK_FOLDED: 'block',
};
/** Leading zeros, and digits beyond what a number can hold. */
function changes(text, value) {
    if (/^[-+]?0\d/.test(text))
        return true;
    return /^[-+]?\d+$/.test(text) && !Number.isSafeInteger(value);
}

;// CONCATENATED MODULE: ./lib/lattice/model/reading.js


/** Keys of a mapping; none for anything else. Rejected values are left out, unless they are only lacking a key. */
function fieldsOf(reading, node, file = reading.file) {
    const fields = new Map();
    if (node?.kind === 'map') {
        for (const { key, value } of node.entries) {
            if (!reading.rejected.has(value))
                fields.set(key.text, { key, value, file });
        }
    }
    return fields;
}
/** Entries of a mapping that can be read on. */
function entriesOf(reading, node) {
    if (node?.kind !== 'map')
        return [];
    return node.entries.filter(({ value }) => !reading.rejected.has(value));
}
/** Items of a list, or the one value that may stand instead of a list. */
function itemsOf(reading, node) {
    if (node === undefined)
        return [];
    const items = node.kind === 'list' ? node.items : [node];
    return items.filter((item) => !reading.rejected.has(item));
}
/** Reads a value as a template; undefined when it is absent or wrong. */
function templateOf(reading, field, scope, secretsAllowed = false) {
    if (field === undefined)
        return undefined;
    const file = field.file ?? scope.file;
    const here = file === scope.file ? scope : { ...scope, file };
    const template = parseTemplate(field.value, here, file === reading.file ? reading.report : inherited(reading));
    if (template !== undefined)
        noteReads(reading, template, scope.place, secretsAllowed);
    return template;
}
/** What is right in the lattice that has the defaults may be wrong in one that takes them over. */
function inherited(reading) {
    return (diagnostic) => {
        const message = `${diagnostic.message}, in ${reading.file}, which has these defaults too`;
        const hint = `give ${reading.file} "defaults" of its own, if only an empty mapping: {}`;
        reading.report({ ...diagnostic, message, hint });
    };
}
/** Remembers what a template reads, and keeps secret inputs out of everything that is stored. */
function noteReads(reading, template, place, secretsAllowed) {
    for (const expression of expressionsOf(template)) {
        noteExpression(reading, expression, place, secretsAllowed && isWholeValue(template, expression));
    }
}
/** The same for a single expression. */
function noteExpression(reading, expression, place, secretAllowed) {
    for (const path of expression.reads) {
        reading.reads.add(path);
        const [context, name = ''] = path.split('.');
        if (context !== 'inputs' || reading.inputs.get(name)?.type !== 'secret')
            continue;
        if (secretAllowed && expression.source.trim() === `inputs.${name}`)
            continue;
        reading.report(diagnose('L410', expression.location, `the secret input "${name}" would be stored with the run`, {
            hint: `it can be used as a whole value of "env"${place === '"env"' ? ': ${{ inputs.' + name + ' }} and nothing else' : ''}`,
        }));
    }
}
function isWholeValue(template, expression) {
    if (template.kind === 'expression')
        return template.expression === expression;
    if (template.kind !== 'map')
        return false;
    return [...template.entries.values()].some((value) => isWholeValue(value, expression));
}
/** A place of this file. */
function reading_at(reading, span) {
    return { file: reading.file, span };
}
/** Reports at a place of a field's own file. */
function say(reading, code, place, message, more = {}) {
    const location = { file: place.file ?? reading.file, span: place.span };
    reading.report(diagnose(code, location, message, more));
}
/** The text of a field that has been checked to be one. */
function reading_textOf(field) {
    return field?.value.kind === 'scalar' ? field.value.text : undefined;
}
/** The text of a value without expressions; empty for lists and mappings. */
function written(template) {
    const { value } = template;
    return typeof value === 'object' ? '' : String(value);
}
/** A literal that was not written but stands for a default; shown at the electron. */
function literal(value, location) {
    return { kind: 'literal', value, location };
}

;// CONCATENATED MODULE: ./lib/lattice/model/injection.js


/** Fields of `github` that hold what someone outside may have chosen: names of branches and people. */
const FREE_GITHUB = new Set(['ref', 'ref_name', 'head_ref', 'base_ref', 'actor']);
/** Warns where a string that others choose becomes part of a script. */
function warnOfInjection(reading, script) {
    if (script.kind !== 'text' && script.kind !== 'expression')
        return;
    for (const expression of expressionsOf(script)) {
        const path = expression.reads.find((read) => isFreeText(reading, read));
        if (path === undefined || !givesText(expression))
            continue;
        say(reading, 'L901', expression.location, `the text of ${path} becomes part of the script, so it can be code`, {
            hint: 'pass it by "with" or "env" and use the variable',
        });
    }
}
function isFreeText(reading, path) {
    const [context = '', name, part] = path.split('.');
    switch (context) {
        case 'inputs': {
            const type = name === undefined ? undefined : reading.inputs.get(name)?.type;
            return type === undefined || type === 'string' || type === 'json';
        }
        case 'each':
            return name === undefined || name === 'outputs';
        case 'needs':
            return part === undefined || part === 'outputs' || part === 'tasks';
        case 'github':
            return name === undefined || FREE_GITHUB.has(name);
        default:
            return false;
    }
}
/** Comparisons and tests give true or false whatever they read. */
function givesText({ source }) {
    if (/^\s*(contains|startsWith|endsWith|length|range)\s*\(/i.test(source))
        return false;
    return /&&|\|\|/.test(source) || !/==|!=|<|>|^\s*!/.test(source);
}

;// CONCATENATED MODULE: ./lib/lattice/model/present.js
/** Leaves out what is undefined, so that absent keys are absent. */
function present(value) {
    const entries = Object.entries(value).filter(([, part]) => part !== undefined);
    return Object.fromEntries(entries);
}

// EXTERNAL MODULE: ./lib/lattice/fargate-sizes.js
var fargate_sizes = __webpack_require__(831);
;// CONCATENATED MODULE: ./lib/lattice/model/resources.js



/** What the tasks run on; sizes that are written out are compared with what Fargate offers. */
function readResources(reading, fields, scope) {
    const read = (key) => templateOf(reading, fields.get(key), scope(`"${key}"`));
    const vcpu = read('vcpu');
    const memory = read('memory');
    checkSize(reading, vcpu, memory);
    return present({
        vcpu,
        memory,
        storage: read('storage'),
        architecture: read('architecture'),
        spot: read('spot'),
        image: read('image'),
        taskRole: read('task-role'),
        readOnlyRoot: read('read-only-root'),
    });
}
function checkSize(reading, vcpu, memory) {
    const size = (0,fargate_sizes/* fargateSize */.EJ)(resources_written(vcpu), resources_written(memory));
    if (size.ok)
        return;
    const place = (size.wrong === 'vcpu' ? vcpu : memory)?.location;
    if (place !== undefined)
        say(reading, 'L403', place, size.message, { hint: size.hint });
}
function resources_written(template) {
    const value = template?.kind === 'literal' ? template.value : undefined;
    return typeof value === 'number' ? value : undefined;
}

;// CONCATENATED MODULE: ./lib/lattice/model/retry.js

/** `retry`: a number of attempts, or the whole policy. */
function readRetry(reading, field, scope, location) {
    const isPolicy = field?.value.kind === 'map';
    const fields = fieldsOf(reading, field?.value, field?.file);
    const attempts = isPolicy ? fields.get('attempts') : field;
    const when = fields.get('when');
    const setting = (key, from, otherwise) => templateOf(reading, from, scope(`"${key}"`)) ?? literal(otherwise, location);
    return {
        attempts: setting('retry', attempts, 1),
        when: when === undefined
            ? ['failure', 'timeout', 'oom']
            : itemsOf(reading, when.value).map((item) => classOf(reading_textOf({ value: item }) ?? '')),
        backoffSeconds: setting('backoff-seconds', fields.get('backoff-seconds'), 0),
        memoryFactor: setting('memory-factor', fields.get('memory-factor'), 1),
    };
}
function classOf(text) {
    return text === 'failure' || text === 'timeout' || text === 'oom' ? text : Number(text);
}

;// CONCATENATED MODULE: ./lib/lattice/model/needs.js


/** Reads `needs` and `for-each` of every electron; names that do not exist are reported and left out. */
function readNeeds(reading, electrons) {
    const places = new Map(electrons.map(({ key }) => [key.text, key.span]));
    return new Map(electrons.map(({ key, value }) => {
        const fields = fieldsOf(reading, value);
        const needs = new Map();
        for (const item of itemsOf(reading, fields.get('needs')?.value)) {
            addNeed({ reading, places, needs, id: key.text, item, listed: true });
        }
        const partner = fields.get('for-each')?.value;
        if (partner !== undefined) {
            addNeed({ reading, places, needs, id: key.text, item: partner, listed: false });
        }
        return [key.text, needs];
    }));
}
function addNeed(context) {
    const { reading, places, needs, id, item, listed } = context;
    if (item.kind !== 'scalar')
        return;
    const name = item.text;
    const first = needs.get(name);
    if (name === id) {
        say(reading, 'L205', item, `"${id}" needs itself`);
    }
    else if (!places.has(name)) {
        unknownElectron(reading, item.span, `"${id}" needs "${name}", which does not exist`, name, places);
    }
    else if (first === undefined) {
        needs.set(name, item.span);
    }
    else if (listed) {
        say(reading, 'L212', item, `"${name}" is listed twice`, {
            notes: [{ message: 'the first time', location: reading_at(reading, first) }],
        });
    }
}
/** A name that no electron has, with the one that was probably meant and where that stands. */
function unknownElectron(reading, span, message, name, places) {
    const hint = didYouMean(name, places.keys());
    const meant = hint === undefined ? undefined : /"(.*)"/.exec(hint)?.[1];
    const place = meant === undefined ? undefined : places.get(meant);
    say(reading, 'L204', { span }, message, {
        hint,
        notes: place === undefined
            ? []
            : [{ message: `"${meant}" is defined here`, location: reading_at(reading, place) }],
    });
}
/** Electrons in topological order, ties as written. Reports a shortest cycle of each knot; then undefined. */
function orderOf(reading, graph) {
    const dependents = new Map([...graph.keys()].map((id) => [id, []]));
    const open = new Map();
    for (const [id, needs] of graph) {
        open.set(id, needs.size);
        for (const need of needs.keys())
            dependents.get(need)?.push(id);
    }
    const order = byPosition([...graph.keys()], dependents, open);
    if (order.length === graph.size)
        return order;
    const settled = new Set(order);
    reportCycles(reading, graph, new Set([...graph.keys()].filter((id) => !settled.has(id))));
    return undefined;
}
/** Kahn's algorithm; among the ready ones the first as written comes first, in rounds. */
function byPosition(ids, dependents, open) {
    const position = new Map(ids.map((id, index) => [id, index]));
    const place = (id) => position.get(id) ?? 0;
    const order = [];
    let ready = ids.filter((id) => open.get(id) === 0);
    while (ready.length > 0) {
        order.push(...ready);
        const next = [];
        for (const id of ready) {
            for (const dependent of dependents.get(id) ?? []) {
                const left = (open.get(dependent) ?? 0) - 1;
                open.set(dependent, left);
                if (left === 0)
                    next.push(dependent);
            }
        }
        ready = next.sort((a, b) => place(a) - place(b));
    }
    return order;
}
const MAX_CYCLES = 10;
/** Steps that are taken for a shorter circle than the first one that is found. */
const MAX_STEPS = 200_000;
function reportCycles(reading, graph, knotted) {
    const left = new Set(knotted);
    for (let count = 0; count < MAX_CYCLES; count += 1) {
        const cycle = shortestCycle(graph, left);
        if (cycle === undefined)
            return;
        reportCycle(reading, graph, cycle);
        for (const id of reachingOrReached(graph, left, cycle))
            left.delete(id);
    }
}
/** The shortest circle, ties by position: a breadth-first search back to each electron. */
function shortestCycle(graph, among) {
    let best;
    const budget = { steps: MAX_STEPS };
    for (const start of among) {
        if (best !== undefined && (best.length === 2 || budget.steps <= 0))
            break;
        const found = pathBack(graph, among, start, budget);
        if (found !== undefined && (best === undefined || found.length < best.length))
            best = found;
    }
    return best;
}
function pathBack(graph, among, start, budget) {
    const from = new Map();
    const queue = [start];
    for (const id of queue) {
        for (const need of graph.get(id)?.keys() ?? []) {
            budget.steps -= 1;
            if (need === start) {
                const path = [id];
                for (let back = id; back !== start;) {
                    back = from.get(back) ?? start;
                    path.push(back);
                }
                return path.reverse();
            }
            if (!among.has(need) || from.has(need))
                continue;
            from.set(need, id);
            queue.push(need);
        }
    }
    return undefined;
}
/** The knot around a cycle: what is told once is not told again through another circle of the same knot. */
function reachingOrReached(graph, among, cycle) {
    const knot = new Set(cycle);
    const queue = [...cycle];
    const neighbours = new Map();
    for (const id of among) {
        for (const need of graph.get(id)?.keys() ?? []) {
            if (!among.has(need))
                continue;
            add(neighbours, id, need);
            add(neighbours, need, id);
        }
    }
    for (const id of queue) {
        for (const other of neighbours.get(id) ?? []) {
            if (knot.has(other))
                continue;
            knot.add(other);
            queue.push(other);
        }
    }
    return knot;
}
function add(neighbours, id, other) {
    const known = neighbours.get(id);
    if (known === undefined)
        neighbours.set(id, [other]);
    else
        known.push(other);
}
/** Beyond that a circle is not written out. */
const MAX_EDGES = 20;
function reportCycle(reading, graph, cycle) {
    const edges = cycle.map((id, index) => {
        const need = cycle[(index + 1) % cycle.length] ?? id;
        return { id, need, span: graph.get(id)?.get(need) ?? { start: 0, end: 0 } };
    });
    const [first] = edges;
    if (first === undefined)
        return;
    const isLong = edges.length > MAX_EDGES;
    const round = isLong
        ? `${cycle.slice(0, MAX_EDGES).join(' -> ')} -> … (${edges.length} in all)`
        : [...cycle, cycle[0]].join(' -> ');
    say(reading, 'L206', first, `these electrons wait for each other: ${round}`, {
        notes: edges.slice(0, MAX_EDGES).map(({ id, need, span }) => ({
            message: `"${id}" needs "${need}"`,
            location: reading_at(reading, span),
        })),
    });
}

;// CONCATENATED MODULE: ./lib/lattice/model/work.js





/** The keys of which an electron has at most one. */
const WORK_KEYS = ['run', 'command', 'call', 'uses'];
/** The kind of work as written, right or wrong; a second kind is reported. */
function workKeyOf(reading, node) {
    if (node.kind !== 'map')
        return undefined;
    const given = node.entries.flatMap(({ key }) => {
        const kind = WORK_KEYS.find((name) => name === key.text);
        return kind === undefined ? [] : [{ kind, key }];
    });
    const [first, ...others] = given;
    for (const other of others) {
        say(reading, 'L208', other.key, `an electron has one kind of work, and "${other.kind}" is another one`, {
            notes: [
                {
                    message: `"${first?.kind}" is here`,
                    location: reading_at(reading, first?.key.span ?? other.key.span),
                },
            ],
        });
    }
    return first?.kind;
}
/** What the tasks of an electron do. */
function readWork(context) {
    const { reading, kind, fields, scope } = context;
    if (kind === undefined)
        return { kind: 'image' };
    const field = fields.get(kind);
    if (field === undefined)
        return undefined;
    const location = { file: field.file, span: field.value.span };
    switch (kind) {
        case 'run': {
            const script = templateOf(reading, field, scope('"run"'));
            if (script === undefined)
                return undefined;
            warnOfInjection(reading, script);
            return {
                kind,
                script,
                ...present({ shell: readShell(reading, fields.get('shell'), scope) }),
            };
        }
        case 'command': {
            const words = templateOf(reading, field, scope('"command"'));
            return words === undefined ? undefined : { kind, words };
        }
        case 'call':
            return readCall(reading, context.files, field);
        case 'uses':
            return context.used === undefined ? undefined : { kind, lattice: context.used, location };
    }
}
const shells = ['bash', 'sh', 'python'];
/** A shell by name, or a command line with a place for the script. */
function readShell(reading, field, scope) {
    const shell = templateOf(reading, field, scope('"shell"'));
    if (shell?.kind === 'literal') {
        const text = written(shell);
        if (!shells.includes(text) && !text.includes('{0}')) {
            say(reading, 'L218', { file: shell.location.file, span: shell.location.span }, `"${text}" is no shell that is known here`, {
                hint: didYouMean(text, shells) ??
                    `bash, sh, python, or a command with {0} for the script: ${text} {0}`,
            });
        }
    }
    return shell;
}
function readCall(reading, files, field) {
    const { value } = field;
    if (value.kind !== 'scalar')
        return undefined;
    const text = reading_textOf(field) ?? '';
    const colon = text.lastIndexOf(':');
    const file = text.slice(0, Math.max(colon, 0));
    const name = text.slice(colon + 1);
    const language = file.endsWith('.py')
        ? 'python'
        : /\.(mjs|js|cjs)$/.test(file)
            ? 'node'
            : undefined;
    if (colon < 1 || language === undefined || !/^[A-Za-z_$][\w$]*$/.test(name)) {
        say(reading, 'L216', value, `"${text}" names no function in a file`, {
            hint: 'file.py:function or file.mjs:function',
        });
        return undefined;
    }
    const span = value.spanOf(0, colon);
    if (leavesFolder(file)) {
        say(reading, 'L505', { span }, `"${file}" is not below the folder of the lattice`, {
            hint: 'only what is in the workspace is there when a task runs',
        });
        return undefined;
    }
    const path = joinPath(reading.folder, file);
    if (!files.exists(path)) {
        say(reading, 'L501', { span }, `there is no file ${path}`, {
            hint: 'the path starts at the folder of the lattice file',
        });
        return undefined;
    }
    return { kind: 'call', file, function: name, language, location: reading_at(reading, value.span) };
}
/** Absolute, or climbing out. */
function leavesFolder(path) {
    return path.startsWith('/') || joinPath('.', path).startsWith('..');
}

;// CONCATENATED MODULE: ./lib/lattice/model/staged-files.js




/** Reads `files`. */
function readStagedFiles(context) {
    const { reading, field } = context;
    const fields = fieldsOf(reading, field?.value, field?.file);
    const file = field?.file ?? reading.file;
    return {
        filesIn: itemsOf(reading, fields.get('in')?.value).flatMap((item) => readIn(context, item, file)),
        filesOut: itemsOf(reading, fields.get('out')?.value).flatMap((item) => readOut(context, item, file)),
        filesNeeds: readNeeded(context, fields.get('needs')),
    };
}
function readIn(context, item, file) {
    const { reading, scope } = context;
    const location = { file, span: item.span };
    const fields = fieldsOf(reading, item, file);
    const place = scope('"files.in"');
    const from = templateOf(reading, item.kind === 'map' ? fields.get('from') : { value: item, file }, place);
    if (from === undefined)
        return [];
    const sha256 = templateOf(reading, fields.get('sha256'), place);
    checkAddress(reading, from, sha256 !== undefined || fields.has('sha256'));
    const to = templateOf(reading, fields.get('to'), place);
    if (to !== undefined)
        checkGlob(reading, to);
    return [
        {
            from,
            ...present({ to, sha256 }),
            optional: reading_textOf(fields.get('optional')) === 'true',
            location,
        },
    ];
}
/** Text before the first expression decides the kind of an address. */
function checkAddress(reading, from, hasDigest) {
    const text = staged_files_startOf(from);
    const place = { file: from.location.file, span: from.location.span };
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
    if (scheme === undefined) {
        if (leavesFolder(text)) {
            say(reading, 'L412', place, `"${text}" is not below the folder of the lattice`);
        }
    }
    else if (scheme === 'https') {
        if (!hasDigest) {
            say(reading, 'L217', place, 'a file from the web has no "sha256", so another one could be put in its place', {
                hint: 'write {from: https://…, sha256: …}; `sha256sum` prints it',
            });
        }
    }
    else if (scheme !== 's3') {
        const hint = scheme === 'http' ? 'did you mean "https://"?' : 'a path, s3://… or https://…';
        say(reading, 'L217', place, `files cannot come from ${scheme}://`, { hint });
    }
    else if (from.kind === 'literal' && !/^s3:\/\/[^/]+\/./.test(text)) {
        say(reading, 'L217', place, `"${text}" names no object in S3`, {
            hint: 's3://bucket/key, or s3://bucket/prefix/',
        });
    }
}
/** What is known of a text before it is rendered. */
function staged_files_startOf(template) {
    if (template.kind === 'literal')
        return written(template);
    const first = template.kind === 'text' ? template.parts[0] : undefined;
    return typeof first === 'string' ? first : '';
}
function readOut(context, item, file) {
    const { reading, scope } = context;
    const place = scope('"files.out"');
    if (item.kind !== 'map') {
        const glob = templateOf(reading, { value: item, file }, place);
        if (glob === undefined)
            return [];
        checkGlob(reading, glob);
        return [{ glob }];
    }
    const fields = fieldsOf(reading, item, file);
    const from = templateOf(reading, fields.get('from'), place);
    const to = templateOf(reading, fields.get('to'), place);
    if (from === undefined || to === undefined)
        return [];
    checkGlob(reading, from);
    const address = staged_files_startOf(to);
    if (to.kind !== 'expression' && !address.startsWith('s3://')) {
        say(reading, 'L217', { file, span: to.location.span }, `"${address}" is no address in S3`, {
            hint: 's3://bucket/prefix/; what stays with the run needs no "to"',
        });
    }
    return [{ from, to }];
}
/** A glob or path that is written out stays below the folder it starts at. */
function checkGlob(reading, glob, folder = 'the working directory') {
    const text = staged_files_startOf(glob);
    if (leavesFolder(text)) {
        say(reading, 'L412', glob.location, `"${text}" is not below ${folder}`);
    }
}
function readNeeded(context, field) {
    const { reading, scope } = context;
    if (field?.value.kind !== 'map') {
        return { rest: reading_textOf(field) === 'none' ? 'none' : 'all', only: new Map() };
    }
    const only = new Map();
    for (const [name, { key, value, file }] of fieldsOf(reading, field.value, field.file)) {
        if (context.needs !== undefined && !context.needs.has(name)) {
            foreign(context, name, key.span, file);
            continue;
        }
        const globs = itemsOf(reading, value)
            .map((item) => templateOf(reading, { value: item, file }, scope('"files.needs"')))
            .filter((glob) => glob !== undefined);
        globs.forEach((glob) => checkGlob(reading, glob));
        only.set(name, globs);
    }
    return { rest: 'all', only };
}
function foreign({ reading, electrons }, name, span, file) {
    const place = electrons.get(name);
    if (place === undefined) {
        unknownElectron(reading, span, `there is no electron "${name}"`, name, electrons);
        return;
    }
    say(reading, 'L308', { file, span }, `"${name}" is not among the needs of this electron`, {
        hint: `add it: needs: [${name}]`,
        notes: [
            { message: `"${name}" is defined here`, location: { file: reading.file, span: place } },
        ],
    });
}

;// CONCATENATED MODULE: ./lib/lattice/model/strategy.js






/** `strategy` with everything settled. */
function readStrategy(reading, field, scopes) {
    const fields = fieldsOf(reading, field?.value, field?.file);
    const pack = fields.get('pack');
    if (pack !== undefined) {
        say(reading, 'L214', { file: pack.file, span: pack.key.span }, '"pack" is reserved for a later version', {
            hint: 'chunk(list, size) puts several values into one task',
        });
    }
    const matrix = readMatrix(reading, fields.get('matrix'), scopes.matrix);
    return {
        ...present({
            matrix,
            maxParallel: templateOf(reading, fields.get('max-parallel'), scopes.limits('"max-parallel"')),
            tolerateFailures: readTolerance(reading, fields, scopes),
        }),
        failFast: readFailFast(reading, fields, scopes),
        ifEmpty: reading_textOf(fields.get('if-empty')) === 'fail' ? 'fail' : 'skip',
    };
}
function readTolerance(reading, fields, scopes) {
    const place = '"tolerate-failures"';
    const template = templateOf(reading, fields.get('tolerate-failures'), scopes.limits(place));
    if (template?.kind !== 'literal' || typeof template.value !== 'string')
        return template;
    if (Number.parseFloat(template.value) <= 100)
        return template;
    say(reading, 'L401', template.location, `${place} is at most 100%, not ${template.value}`);
    return undefined;
}
function readFailFast(reading, fields, scopes) {
    const template = templateOf(reading, fields.get('fail-fast'), scopes.limits('"fail-fast"'));
    if (template === undefined)
        return 'false';
    if (template.kind !== 'literal')
        return template;
    const word = written(template);
    return word === 'drain' || word === 'true' ? word : 'false';
}
function readMatrix(reading, field, scope) {
    if (field === undefined)
        return undefined;
    const location = { file: field.file, span: field.key.span };
    if (field.value.kind !== 'map') {
        const whole = templateOf(reading, field, scope);
        if (whole === undefined)
            return undefined;
        return { whole, dimensions: new Map(), location, isStatic: isStatic([whole]) };
    }
    const fields = fieldsOf(reading, field.value, field.file);
    const isBroken = field.value.entries.some(({ value }) => reading.rejected.has(value));
    if (field.value.entries.length === 0) {
        say(reading, 'L405', { file: field.file, span: field.key.span }, 'the matrix has no keys', {
            hint: 'give it a key with a list, or leave "matrix" away',
        });
        return undefined;
    }
    const dimensions = new Map();
    let isComplete = !isBroken;
    for (const [name, { value, key, file }] of fields) {
        if (name === 'include' || name === 'exclude')
            continue;
        const dimension = readDimension(reading, { key, value, file }, scope);
        if (dimension === undefined)
            isComplete = false;
        else
            dimensions.set(name, dimension);
    }
    const include = templateOf(reading, fields.get('include'), scope);
    const exclude = templateOf(reading, fields.get('exclude'), scope);
    if ((fields.has('include') && !include) || (fields.has('exclude') && !exclude))
        isComplete = false;
    if (!isComplete)
        return undefined;
    const templates = [include, exclude, ...[...dimensions.values()].map(valuesOf)];
    return {
        dimensions,
        ...present({ include, exclude }),
        location,
        isStatic: [...dimensions.values()].every((dimension) => dimension.kind === 'values') &&
            isStatic(templates.filter((template) => template !== undefined)),
    };
}
function valuesOf(dimension) {
    return dimension.kind === 'values' ? dimension.values : undefined;
}
/** Known before anything runs: reads neither `needs` nor `each`. */
function isStatic(templates) {
    return templates.every((template) => expressionsOf(template).every((expression) => expression.reads.every((path) => !/^(needs|each)\b/.test(path))));
}
function readDimension(reading, field, scope) {
    const { value, key } = field;
    const location = { file: field.file, span: key.span };
    if (value.kind === 'list' || isExpression(value)) {
        const values = templateOf(reading, field, scope);
        return values === undefined ? undefined : { kind: 'values', values, location };
    }
    if (value.kind === 'map')
        return readSource(reading, value, field, scope);
    return undefined;
}
const sources = ['s3', 'file', 'glob'];
/** `{s3: …}`, `{file: …}` or `{glob: …}`. */
function readSource(reading, node, field, scope) {
    const fields = fieldsOf(reading, node, field.file);
    if (node.entries.some(({ value }) => reading.rejected.has(value)))
        return undefined;
    const given = sources.filter((name) => fields.has(name));
    const location = { file: field.file, span: field.key.span };
    const [kind, second] = given;
    if (kind === undefined) {
        say(reading, 'L203', location, `the matrix key "${field.key.text}" has none of s3, file and glob`);
        return undefined;
    }
    for (const name of ['match', 'per-task', ...(second === undefined ? [] : [second])]) {
        const other = fields.get(name);
        if (other === undefined || (kind === 's3' && name !== second))
            continue;
        say(reading, 'L209', { file: field.file, span: other.key.span }, `"${name}" has no meaning beside "${kind}"`);
        return undefined;
    }
    const source = templateOf(reading, fields.get(kind), scope);
    if (source === undefined)
        return undefined;
    if (kind !== 's3')
        checkGlob(reading, source, 'the folder of the lattice');
    if (kind === 'file')
        return { kind, path: source, location };
    if (kind === 'glob')
        return { kind, pattern: source, location };
    const uri = source.kind === 'literal' ? written(source) : undefined;
    if (uri !== undefined && !/^s3:\/\/[^/]+/.test(uri)) {
        say(reading, 'L217', { file: field.file, span: source.location.span }, `"${uri}" is no address in S3`, {
            hint: 's3://bucket/prefix/',
        });
        return undefined;
    }
    return {
        kind: 's3',
        uri: source,
        ...present({
            match: templateOf(reading, fields.get('match'), scope),
            perTask: templateOf(reading, fields.get('per-task'), scope),
        }),
        location,
    };
}
/** Keys that `matrix.<key>` can have; `any` when they are known only later, none without a matrix. */
function matrixKeys(reading, strategy) {
    const matrix = fieldsOf(reading, strategy).get('matrix')?.value;
    if (matrix === undefined)
        return hasRejectedMatrix(strategy) ? 'any' : new Set();
    if (matrix.kind !== 'map')
        return 'any';
    const keys = new Set();
    for (const { key, value } of matrix.entries) {
        if (key.text === 'include') {
            const items = value.kind === 'list' ? value.items : [value];
            for (const item of items) {
                if (item.kind !== 'map')
                    return 'any';
                for (const entry of item.entries)
                    keys.add(entry.key.text);
            }
        }
        else if (key.text !== 'exclude') {
            keys.add(key.text);
        }
    }
    return keys;
}
function hasRejectedMatrix(strategy) {
    if (strategy === undefined)
        return false;
    return strategy.kind !== 'map' || strategy.entries.some(({ key }) => nearlyMatrix(key.text));
}
function nearlyMatrix(name) {
    return name === 'matrix' || didYouMean(name, ['matrix']) !== undefined;
}

;// CONCATENATED MODULE: ./lib/lattice/model/electron.js










/** Contexts of what is rendered once per task. */
const TASK = [
    'inputs',
    'env',
    'matrix',
    'strategy',
    'needs',
    'each',
    'lattice',
    'github',
];
/** Contexts of what is decided before the tasks are known. */
const BEFORE = ['inputs', 'needs', 'lattice', 'github'];
/** A matrix may be expanded before the run has an id. */
const MATRIX = ['inputs', 'needs', 'each', 'github'];
/** One electron; undefined when something in it is wrong, which has then been reported. */
function readElectron(context, entry, needs) {
    const { reading } = context;
    const id = entry.key.text;
    const location = { file: reading.file, span: entry.key.span };
    const kind = workKeyOf(reading, entry.value);
    checkCompany(reading, entry, kind);
    const fields = withDefaults(reading, fieldsOf(reading, entry.value), context.defaults, kind);
    const scopes = scopesOf(context, entry, fields, needs);
    const { task } = scopes;
    const one = (key) => templateOf(reading, fields.get(key), task(`"${key}"`));
    const partner = reading_textOf(fields.get('for-each'));
    const condition = readCondition(reading, fields.get('if'), scopes.condition);
    const strategy = readStrategy(reading, fields.get('strategy'), scopes);
    const work = readWork({
        reading,
        files: context.files,
        kind,
        fields,
        scope: task,
        used: context.used.get(id),
    });
    const setup = one('setup');
    const cleanup = one('cleanup');
    for (const script of [setup, cleanup])
        if (script !== undefined)
            warnOfInjection(reading, script);
    checkVariables(reading, fields);
    const electron = {
        id,
        location,
        needs: [...needs],
        ...(partner === undefined ? {} : { forEach: partner }),
        ...(condition === undefined ? {} : { condition: condition.expression }),
        conditionReadsStatus: condition?.readsStatus ?? false,
        strategy,
        ...present({
            name: one('name'),
            with: templateOf(reading, fields.get('with'), task('"with"'), kind === 'uses'),
            setup,
            cleanup,
            shell: work?.kind === 'run' ? work.shell : undefined,
        }),
        env: readVariables(reading, fields.get('env'), scopes.env, true),
        secrets: readSecrets(reading, fields.get('secrets'), task('"secrets"')),
        ...readStagedFiles({
            reading,
            field: fields.get('files'),
            scope: task,
            needs: needsAreKnown(reading, entry) ? needs : undefined,
            electrons: context.places,
        }),
        ...readResources(reading, fields, task),
        junit: readJunit(reading, fields.get('reports'), task('"junit"')),
        timeoutMinutes: one('timeout-minutes') ?? literal(360, location),
        retry: readRetry(reading, fields.get('retry'), task, location),
        continueOnError: one('continue-on-error') ?? literal(false, location),
        cache: readCache(reading, fields.get('cache'), task('"cache"'), location),
        ...present({
            checkpointEveryMinutes: readCheckpoint(reading, fields.get('checkpoint'), task),
            outputs: readDeclaredOutputs(reading, fields.get('outputs')),
        }),
    };
    return work === undefined ? undefined : { ...electron, work };
}
/** Keys that would be ignored silently beside the electron's kind of work. */
function checkCompany(reading, entry, kind) {
    if (entry.value.kind !== 'map')
        return;
    const isComplete = entry.value.entries.every(({ key }) => Object.hasOwn(ELECTRON_KEYS, key.text));
    for (const { key } of entry.value.entries) {
        const schema = Object.hasOwn(ELECTRON_KEYS, key.text) ? ELECTRON_KEYS[key.text] : undefined;
        if (schema === undefined || key.text === kind)
            continue;
        if (kind === 'uses' && !schema.withUses && !isWork(key.text)) {
            say(reading, 'L209', key, `"${key.text}" has no meaning beside "uses"`, {
                hint: 'set it in the lattice that is used',
            });
        }
        else if (key.text === 'shell' && kind !== 'run' && (kind !== undefined || isComplete)) {
            say(reading, 'L209', key, '"shell" has no meaning without "run"');
        }
    }
}
function isWork(key) {
    return key === 'run' || key === 'command' || key === 'call' || key === 'uses';
}
/** The electron's own keys over the defaults; `env` and `secrets` name by name. */
function withDefaults(reading, own, defaults, kind) {
    const fields = new Map();
    for (const [key, field] of defaults) {
        const isUseless = kind === 'uses' ? !ELECTRON_KEYS[key]?.withUses : key === 'shell' && kind !== 'run';
        if (!isUseless)
            fields.set(key, field);
    }
    for (const [key, field] of own) {
        const below = fields.get(key);
        const isMerged = key === 'env' || key === 'secrets';
        fields.set(key, isMerged && below !== undefined ? merged(reading, below, field) : field);
    }
    return fields;
}
/** Both mappings as one; only their place in the electron's file is kept. */
function merged(reading, below, above) {
    if (above.value.kind !== 'map' || below.value.kind !== 'map' || above.file !== below.file)
        return above;
    const own = new Set(above.value.entries.map(({ key }) => key.text));
    const inherited = below.value.entries.filter(({ key, value }) => !own.has(key.text) && !reading.rejected.has(value));
    return { ...above, value: { ...above.value, entries: [...inherited, ...above.value.entries] } };
}
function scopesOf(context, entry, fields, needs) {
    const { reading, shapes } = context;
    const partner = reading_textOf(fields.get('for-each'));
    const each = partner === undefined ? undefined : shapes.get(partner);
    const isChain = fields.has('for-each') || hasKey(entry, 'for-each');
    const variables = variablesOf(reading, fields.get('env'));
    const names = {
        inputs: reading.inputs,
        env: new Set([...context.variables, ...variables]),
        matrix: hasKey(entry, 'strategy') && !fields.has('strategy')
            ? 'any'
            : matrixKeys(reading, fields.get('strategy')?.value),
        electrons: shapes,
        ...(each === undefined ? {} : { each }),
        ...(needsAreKnown(reading, entry) ? { needs: knownNeeds(reading, entry, needs, shapes) } : {}),
    };
    const scope = (place, contexts, statusFunctions = false) => ({
        file: reading.file,
        place,
        contexts: isChain ? contexts : contexts.filter((name) => name !== 'each'),
        statusFunctions,
        names,
    });
    const withoutEnv = TASK.filter((name) => name !== 'env');
    return {
        task: (place) => scope(place, TASK),
        limits: (place) => scope(place, BEFORE),
        // Asked for each task of a for-each electron, when its partner has ended.
        condition: scope('"if"', [...BEFORE, 'each'], true),
        matrix: scope('"matrix"', MATRIX),
        env: {
            ...scope('"env"', context.variables.size > 0 ? TASK : withoutEnv),
            names: { ...names, env: context.variables },
        },
    };
}
function hasKey(entry, name) {
    return entry.value.kind === 'map' && entry.value.entries.some(({ key }) => key.text === name);
}
/** False when `needs` is there but could not be read: then nothing is said about what is missing from it. */
function needsAreKnown(reading, entry) {
    const fields = fieldsOf(reading, entry.value);
    return ['needs', 'for-each'].every((key) => {
        if (hasKey(entry, key) && !fields.has(key))
            return false;
        const node = fields.get(key)?.value;
        return node?.kind !== 'list' || node.items.every((item) => !reading.rejected.has(item));
    });
}
/** Needs with a wrong name have been reported once; what reads them is not reported again. */
function knownNeeds(reading, entry, needs, shapes) {
    const known = new Map();
    const fields = fieldsOf(reading, entry.value);
    for (const item of itemsOf(reading, fields.get('needs')?.value)) {
        known.set(reading_textOf({ value: item }) ?? '', { outputs: 'any' });
    }
    for (const id of needs)
        known.set(id, shapes.get(id) ?? { outputs: 'any' });
    return known;
}
/** Names of the variables of an `env`. */
function variablesOf(reading, field) {
    return [...fieldsOf(reading, field?.value).keys()];
}
function readCondition(reading, field, scope) {
    if (field === undefined)
        return undefined;
    const condition = parseCondition(field.value, scope, reading.report);
    if (condition !== undefined)
        noteExpression(reading, condition.expression, scope.place, false);
    return condition;
}
/** A variable has one value; ECS too refuses a name that is both. */
function checkVariables(reading, fields) {
    const [env, secrets] = [fields.get('env'), fields.get('secrets')];
    const variables = fieldsOf(reading, env?.value, env?.file);
    for (const [name, { key, file }] of fieldsOf(reading, secrets?.value, secrets?.file)) {
        const variable = variables.get(name);
        if (variable === undefined)
            continue;
        say(reading, 'L209', { file, span: key.span }, `"${name}" is also in "env"`, {
            hint: 'a variable is either set here or taken from a secret',
            notes: [
                {
                    message: `"${name}" is set here`,
                    location: { file: variable.file, span: variable.key.span },
                },
            ],
        });
    }
}
/** `env` of a lattice or an electron. */
function readVariables(reading, field, scope, secretsAllowed) {
    const variables = new Map();
    for (const [name, variable] of fieldsOf(reading, field?.value, field?.file)) {
        const template = templateOf(reading, variable, scope, secretsAllowed);
        if (template !== undefined)
            variables.set(name, template);
    }
    return variables;
}
/** ARNs have colons of their own; names of parameters have slashes. */
const secretAddress = /^(secretsmanager:[^\s#]+(#[^\s#]+)?|ssm:[^\s#]+)$/;
/** Of an address with expressions in it, the start is known only. */
function isSecretAddress(template) {
    if (template.kind === 'literal')
        return secretAddress.test(written(template));
    const start = staged_files_startOf(template);
    return ['secretsmanager:', 'ssm:'].some((kind) => start.startsWith(kind) || kind.startsWith(start));
}
function readSecrets(reading, field, scope) {
    const secrets = readVariables(reading, field, scope, false);
    for (const template of secrets.values()) {
        if (isSecretAddress(template))
            continue;
        say(reading, 'L215', template.location, 'this is no address of a secret', {
            hint: 'secretsmanager:<name or ARN>[#json-key] or ssm:<name or ARN>',
        });
    }
    return secrets;
}
function readJunit(reading, field, scope) {
    const junit = fieldsOf(reading, field?.value, field?.file).get('junit');
    const globs = itemsOf(reading, junit?.value)
        .map((value) => templateOf(reading, { value, file: junit?.file ?? reading.file }, scope))
        .filter((glob) => glob !== undefined);
    globs.forEach((glob) => checkGlob(reading, glob));
    return globs;
}
function readCheckpoint(reading, field, scope) {
    const every = fieldsOf(reading, field?.value, field?.file).get('every-minutes');
    return templateOf(reading, every, scope('"every-minutes"'));
}
function readCache(reading, field, scope, location) {
    if (field?.value.kind !== 'map') {
        return { enabled: templateOf(reading, field, scope) ?? literal(false, location) };
    }
    const fields = fieldsOf(reading, field.value, field.file);
    const files = fields.get('files');
    const globs = itemsOf(reading, files?.value)
        .map((value) => templateOf(reading, { value, file: field.file }, scope))
        .filter((glob) => glob !== undefined);
    globs.forEach((glob) => checkGlob(reading, glob));
    return {
        enabled: literal(true, { file: field.file, span: field.key.span }),
        ...present({ key: templateOf(reading, fields.get('key'), scope) }),
        ...(files === undefined ? {} : { files: globs }),
    };
}
function readDeclaredOutputs(reading, field) {
    if (field === undefined)
        return undefined;
    const fields = [...fieldsOf(reading, field.value)];
    return new Map(fields.map(([name, output]) => [name, reading_textOf(output) ?? '']));
}

;// CONCATENATED MODULE: ./lib/lattice/model/image.js


/** The environment of a lattice: a reference or a build. */
function readImage(reading, field, scope) {
    if (field === undefined)
        return undefined;
    if (field.value.kind !== 'map') {
        const reference = templateOf(reading, field, scope('"image"'));
        return reference === undefined ? undefined : { kind: 'reference', reference };
    }
    const build = fieldsOf(reading, fieldsOf(reading, field.value).get('build')?.value);
    const read = (key) => templateOf(reading, build.get(key), scope(`"${key}"`));
    const context = read('context');
    const parts = {
        file: read('file'),
        args: read('args'),
        target: read('target'),
        secrets: read('secrets'),
        cacheFrom: read('cache-from'),
        cacheTo: read('cache-to'),
    };
    return context === undefined ? undefined : { kind: 'build', context, ...present(parts) };
}

;// CONCATENATED MODULE: ./lib/lattice/model/inputs.js


/** The declared inputs of a file. */
function readInputs(reading, node) {
    const inputs = new Map();
    for (const { key, value } of entriesOf(reading, node)) {
        const fields = fieldsOf(reading, value);
        const description = reading_textOf(fields.get('description'));
        const given = fields.get('default');
        const declaration = {
            name: key.text,
            ...(description === undefined ? {} : { description }),
            type: (reading_textOf(fields.get('type')) ?? 'string'),
            options: itemsOf(reading, fields.get('options')?.value).map((item) => reading_textOf({ value: item }) ?? ''),
            required: reading_textOf(fields.get('required')) === 'true',
            ...(given === undefined ? {} : { default: plainValue(given.value) }),
            location: reading_at(reading, key.span),
        };
        inputs.set(key.text, declaration);
        if (!isBroken(reading, value))
            check(reading, declaration, fields);
    }
    return inputs;
}
/** A declaration with a wrong key says nothing certain about the others. */
function isBroken(reading, node) {
    return node.kind === 'map' && node.entries.some(({ value }) => reading.rejected.has(value));
}
function check(reading, declaration, fields) {
    const { name, type } = declaration;
    const options = fields.get('options');
    const given = fields.get('default');
    if (type === 'choice' && options === undefined) {
        const place = fields.get('type')?.value ?? declaration.location;
        say(reading, 'L219', place, `the choice "${name}" has no "options"`);
        return;
    }
    if (type !== 'choice' && options !== undefined) {
        say(reading, 'L219', options.key, `"options" belongs to a choice, and "${name}" is of type ${type}`, {
            hint: 'add type: choice',
        });
        return;
    }
    if (given === undefined)
        return;
    if (declaration.required) {
        say(reading, 'L219', given.key, `"${name}" is required, so its default is never used`);
    }
    else if (type === 'secret') {
        say(reading, 'L219', given.key, `the secret "${name}" cannot have a default: the file is no secret`);
    }
    else if (containsExpression(given.value)) {
        say(reading, 'L219', given.value, `the default of "${name}" cannot be an expression`);
    }
    else {
        const fit = coerceInput(declaration, plainValue(given.value));
        if (!fit.ok)
            say(reading, 'L219', given.value, `the default does not fit: ${fit.error.message}`, fit.error);
    }
}
function containsExpression(node) {
    if (node.kind === 'scalar')
        return typeof node.value === 'string' && node.value.includes('${{');
    return node.kind === 'list'
        ? node.items.some(containsExpression)
        : node.entries.some(({ value }) => containsExpression(value));
}
/** A tree as JSON. */
function plainValue(node) {
    switch (node.kind) {
        case 'scalar':
            return node.value;
        case 'list':
            return node.items.map(plainValue);
        case 'map':
            return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plainValue(value)]));
    }
}

;// CONCATENATED MODULE: ./lib/lattice/model/outputs.js




/** The outputs of a lattice. */
function readOutputs(reading, node, scope, electrons) {
    const outputs = new Map();
    for (const { key, value } of entriesOf(reading, node)) {
        const location = reading_at(reading, key.span);
        // Names of outputs ignore case in workflows.
        if (ACTION_OUTPUTS.includes(key.text.toLowerCase())) {
            say(reading, 'L213', key, `"${key.text}" is an output that the action always sets`, {
                hint: `choose another name, for example "${key.text}-value"`,
            });
        }
        if (value.kind === 'map') {
            const output = readFiles(reading, value, scope, electrons);
            if (output !== undefined)
                outputs.set(key.text, { ...output, location });
        }
        else {
            const template = templateOf(reading, { value }, scope);
            if (template !== undefined)
                outputs.set(key.text, { kind: 'value', value: template, location });
        }
    }
    return outputs;
}
function readFiles(reading, node, scope, electrons) {
    const fields = fieldsOf(reading, node);
    const electron = fields.get('electron');
    const name = reading_textOf(electron);
    if (electron === undefined || name === undefined)
        return undefined;
    if (!electrons.has(name)) {
        unknownElectron(reading, electron.value.span, `there is no electron "${name}"`, name, electrons);
        return undefined;
    }
    const files = itemsOf(reading, fields.get('files')?.value)
        .map((item) => templateOf(reading, { value: item }, scope))
        .filter((glob) => glob !== undefined);
    files.forEach((glob) => checkGlob(reading, glob));
    return { kind: 'files', electron: name, files };
}

;// CONCATENATED MODULE: ./lib/lattice/model/sub-lattice.js




/** Compares the `with` of a `uses` with the inputs of the lattice that is used. */
function checkWith(reading, used, uses, field, template) {
    if (field !== undefined && template?.kind !== 'map')
        return;
    const given = template?.kind === 'map' ? template.entries : new Map();
    const keys = field?.value.kind === 'map' ? field.value.entries.map(({ key }) => key) : [];
    for (const key of keys) {
        const declaration = used.inputs.get(key.text);
        if (declaration === undefined) {
            const known = [...used.inputs.keys()];
            say(reading, 'L406', { file: field?.file ?? reading.file, span: key.span }, `${used.file} has no input "${key.text}"`, {
                hint: didYouMean(key.text, known) ??
                    (known.length === 0 ? 'it declares no inputs' : `its inputs are ${known.join(', ')}`),
            });
            continue;
        }
        const value = given.get(key.text);
        const literal = value === undefined ? undefined : staticValue(value);
        if (value === undefined || literal === undefined)
            continue;
        const fit = coerceInput(declaration, literal);
        if (!fit.ok) {
            say(reading, 'L408', value.location, fit.error.message, {
                hint: fit.error.hint,
                notes: [{ message: `"${key.text}" is declared here`, location: declaration.location }],
            });
        }
    }
    for (const declaration of used.inputs.values()) {
        if (!declaration.required || given.has(declaration.name))
            continue;
        say(reading, 'L407', uses.value, `${used.file} requires the input "${declaration.name}"`, {
            hint: `give it: with: { ${declaration.name}: … }`,
            notes: [
                { message: `"${declaration.name}" is declared here`, location: declaration.location },
            ],
        });
    }
}

;// CONCATENATED MODULE: ./lib/lattice/model/unused.js

/** Warns of inputs that no expression reads; silent where `inputs` is read as a whole. */
function warnOfUnused(reading) {
    const { reads, inputs } = reading;
    const names = new Set([...reads].filter((path) => /^inputs\b/.test(path)).map((path) => path.split('.')[1]));
    if ([...names].some((name) => name === undefined || !inputs.has(name)))
        return;
    for (const { name, location } of inputs.values()) {
        if (!names.has(name))
            say(reading, 'L903', location, `nothing reads the input "${name}"`);
    }
}

;// CONCATENATED MODULE: ./lib/lattice/model/lattice.js
/** From the text of a file to a checked lattice, with everything that it uses. */
















/** Nesting of `uses`. */
const lattice_MAX_NESTING = 4;
/** Reads lattices and what they use, each file once. */
class LatticeReader {
    /** Every text that was read, by file. */
    sources = new Map();
    /** Where the inputs of the main file are declared. */
    inputsSpan;
    #files;
    #report;
    #rejected = new Set();
    #known = new Map();
    #errors = 0;
    constructor(files, report) {
        this.#files = files;
        this.#report = (diagnostic) => {
            if (diagnostic.severity === 'error')
                this.#errors += 1;
            report(diagnostic);
        };
    }
    /** The lattice, or undefined when an error was reported in it or below. */
    read(file, text) {
        return this.#read(file, text, [], undefined);
    }
    #read(file, text, steps, inherited) {
        const errors = this.#errors;
        this.sources.set(file, text);
        const root = readYaml(file, text, this.#report);
        if (root === undefined)
            return undefined;
        for (const node of checkStructure(file, root, LATTICE_SHAPE, this.#report))
            this.#rejected.add(node);
        if (root.kind !== 'map')
            return undefined;
        const folder = folderOf(file);
        const started = {
            file,
            folder,
            report: this.#report,
            rejected: this.#rejected,
            reads: new Set(),
            inputs: new Map(),
        };
        const fields = fieldsOf(started, root);
        const reading = {
            ...started,
            inputs: readInputs(started, fields.get('inputs')?.value),
        };
        const electrons = entriesOfElectrons(root);
        if (steps.length === 0)
            this.inputsSpan = fields.get('inputs')?.key.span;
        const lattice = this.#build(reading, fields, electrons, steps, inherited);
        if (this.#errors > errors || lattice === undefined)
            return undefined;
        warnOfUnused(reading);
        return { ...lattice, digest: (0,external_node_crypto_.createHash)('sha256').update(text).digest('hex') };
    }
    #build(reading, fields, electrons, steps, inherited) {
        const { inputs } = reading;
        const places = new Map(electrons.map(({ key }) => [key.text, key.span]));
        const needs = readNeeds(reading, electrons);
        const order = orderOf(reading, needs);
        const defaults = fields.has('defaults')
            ? fieldsOf(reading, fields.get('defaults')?.value)
            : (inherited?.defaults ?? new Map());
        const used = this.#used(reading, electrons, defaults, steps);
        const shapes = new Map(electrons.map((entry) => [
            entry.key.text,
            {
                ...shapeOf(used, entry.key.text, reading.file, entry.key.span),
                matrix: keysOfMatrix(reading, entry, defaults),
            },
        ]));
        const scope = (place, contexts, names = {}) => ({
            file: reading.file,
            place,
            contexts,
            statusFunctions: false,
            names: { inputs, ...names },
        });
        const image = readImage(reading, fields.get('image'), (place) => scope(place, ['inputs', 'github']));
        const env = readVariables(reading, fields.get('env'), scope('"env"', ['inputs', 'lattice', 'github']), true);
        const maxParallel = templateOf(reading, fields.get('max-parallel'), scope('"max-parallel"', ['inputs', 'github']));
        const context = {
            reading,
            files: this.#files,
            defaults,
            shapes,
            places,
            variables: new Set(variablesOf(reading, fields.get('env'))),
            used,
        };
        const built = new Map();
        for (const entry of electrons) {
            if (this.#rejected.has(entry.value) && entry.value.kind !== 'map')
                continue;
            const id = entry.key.text;
            const electron = readElectron(context, entry, new Set(needs.get(id)?.keys()));
            if (electron === undefined)
                continue;
            built.set(id, electron);
            const own = fieldsOf(reading, entry.value);
            const uses = own.get('uses');
            if (uses !== undefined && electron.work.kind === 'uses') {
                const values = own.get('with') ?? defaults.get('with');
                checkWith(reading, electron.work.lattice, uses, values, electron.with);
            }
        }
        const outputScope = scope('"outputs"', ['inputs', 'electrons', 'lattice', 'github'], {
            electrons: shapes,
        });
        const outputs = readOutputs(reading, fields.get('outputs')?.value, outputScope, places);
        const workspace = fields.get('workspace');
        for (const item of itemsOf(reading, workspace?.value))
            checkWorkspace(reading, item);
        if (order === undefined)
            return undefined;
        return {
            name: reading_textOf(fields.get('name')) || stemOf(reading.file),
            ...present({ description: reading_textOf(fields.get('description')), image, maxParallel }),
            file: reading.file,
            folder: reading.folder,
            inputs,
            ...(workspace === undefined
                ? {}
                : {
                    workspace: itemsOf(reading, workspace.value).map((item) => reading_textOf({ value: item }) ?? ''),
                }),
            env,
            electrons: new Map(order.flatMap((id) => {
                const electron = built.get(id);
                return electron === undefined ? [] : [[id, electron]];
            })),
            outputs,
        };
    }
    /** Reads the lattices behind every `uses`; undefined for those that are wrong. */
    #used(reading, electrons, defaults, steps) {
        const used = new Map();
        const inherited = {
            defaults: new Map([...defaults].filter(([key]) => !OWN_KEYS.has(key))),
        };
        for (const { key, value } of electrons) {
            const uses = fieldsOf(reading, value).get('uses');
            if (uses !== undefined)
                used.set(key.text, this.#use(reading, uses, steps, inherited));
        }
        return used;
    }
    #use(reading, uses, steps, inherited) {
        const written = reading_textOf(uses) ?? '';
        const path = joinPath(reading.folder, written);
        const location = { file: reading.file, span: uses.value.span };
        if (written.startsWith('/')) {
            say(reading, 'L505', uses.value, `"${written}" is an absolute path`, {
                hint: 'the path starts at the folder of this file',
            });
            return undefined;
        }
        const stack = [...steps, { file: reading.file, location }];
        const from = stack.findIndex((step) => step.file === path);
        if (from !== -1) {
            this.#cycle(reading, uses, stack.slice(from));
            return undefined;
        }
        if (stack.length > lattice_MAX_NESTING) {
            say(reading, 'L504', uses.value, `lattices are nested more than ${lattice_MAX_NESTING} deep here`, {
                notes: steps.map((step) => ({
                    message: `${step.file} uses the next one`,
                    location: step.location,
                })),
            });
            return undefined;
        }
        const id = JSON.stringify([path, inherited.defaults.size > 0 ? reading.file : '']);
        if (this.#known.has(id))
            return this.#known.get(id);
        const text = this.#files.read(path);
        if (text === undefined) {
            say(reading, 'L502', uses.value, `there is no lattice ${path}`, {
                hint: 'the path starts at the folder of this file',
            });
            return undefined;
        }
        const lattice = this.#read(path, text, stack, inherited);
        this.#known.set(id, lattice);
        return lattice;
    }
    #cycle(reading, uses, steps) {
        const files = steps.map(({ file }) => file);
        say(reading, 'L503', uses.value, `the lattices use each other: ${[...files, files[0]].join(' -> ')}`, {
            notes: steps.map(({ file, location }, index) => ({
                message: `${file} uses ${files[(index + 1) % files.length]}`,
                location,
            })),
        });
    }
}
/** Defaults of the caller that a used lattice never has. */
const OWN_KEYS = new Set(['env', 'with', 'strategy', 'name', 'secrets']);
function checkWorkspace(reading, item) {
    const glob = reading_textOf({ value: item }) ?? '';
    if (!leavesFolder(glob.replace(/^!/, '')))
        return;
    say(reading, 'L412', item, `"${glob}" is not below the folder of the lattice`);
}
function entriesOfElectrons(root) {
    const node = root.entries.find(({ key }) => key.text === 'electrons')?.value;
    return node?.kind === 'map' ? node.entries : [];
}
/** What `each.matrix` and `tasks[0].matrix` of the electron can have; that of a for-each task has its partner's too. */
function keysOfMatrix(reading, entry, defaults) {
    if (entry.value.kind !== 'map')
        return 'any';
    const keys = entry.value.entries.map(({ key }) => key.text);
    if (keys.includes('for-each'))
        return 'any';
    const own = fieldsOf(reading, entry.value).get('strategy');
    if (own === undefined && keys.includes('strategy'))
        return 'any';
    return matrixKeys(reading, (own ?? defaults.get('strategy'))?.value);
}
function shapeOf(used, id, file, span) {
    const lattice = used.get(id);
    return {
        outputs: lattice === undefined ? 'any' : new Set(lattice.outputs.keys()),
        location: { file, span },
    };
}

;// CONCATENATED MODULE: ./lib/lattice/compile.js





/** Tasks of one lattice. */
const MAX_TASKS = 10_000;
/** Reads, checks and expands a lattice. All mistakes are told at once, in file order. */
function compile(request) {
    const found = [];
    const report = (diagnostic) => {
        found.push(diagnostic);
    };
    const reader = new LatticeReader(request.files, report);
    const lattice = reader.read(request.file, request.text);
    const { sources } = reader;
    if (lattice === undefined)
        return { ok: false, diagnostics: inOrder(found, sources), sources };
    const bound = bindInputs(lattice, request.inputs);
    if (!bound.ok) {
        const place = { file: lattice.file, span: reader.inputsSpan ?? { start: 0, end: 0 } };
        const mistakes = bound.error.map((mistake) => mistake.code === 'L406' ? { ...mistake, location: place } : mistake);
        return { ok: false, diagnostics: inOrder([...found, ...mistakes], sources), sources };
    }
    const { inputs, secrets } = bound.value;
    checkUsed(lattice, report);
    const combinations = expandStatic(lattice, { inputs, github: request.github }, report);
    const diagnostics = inOrder(found, sources);
    if (diagnostics.some(({ severity }) => severity === 'error')) {
        return { ok: false, diagnostics, sources };
    }
    const plan = {
        lattice,
        inputs,
        secretInputs: [...lattice.inputs.values()].flatMap(({ name, type }) => type === 'secret' ? [name] : []),
        context: { github: request.github },
        combinations,
        warnings: diagnostics,
        sources,
    };
    // The brand of a plan is given here and nowhere else.
    return { ok: true, plan: plan, warnings: diagnostics, secrets, sources };
}
/** Combinations of every electron whose tasks are known before anything runs. */
function expandStatic(lattice, contexts, report) {
    const combinations = new Map();
    let tasks = 0;
    for (const [id, electron] of lattice.electrons) {
        const { matrix, ifEmpty } = electron.strategy;
        if (electron.forEach !== undefined || matrix?.isStatic === false)
            continue;
        const expanded = expandMatrix(electron, contexts, new Map());
        if (!expanded.ok) {
            report(expanded.error);
            continue;
        }
        combinations.set(id, expanded.value);
        const location = matrix?.location ?? electron.location;
        if (expanded.value.length === 0 && ifEmpty === 'skip') {
            report(diagnose('L904', location, `the matrix of "${id}" has no combination, so it is skipped`));
        }
        if (tasks <= MAX_TASKS && tasks + expanded.value.length > MAX_TASKS) {
            const total = tasks + expanded.value.length;
            report(diagnose('L404', location, `with "${id}" the lattice has ${total} tasks; ${MAX_TASKS} are allowed`, {
                hint: 'put several values into one task: ${{ chunk(list, size) }}',
            }));
        }
        tasks += expanded.value.length;
    }
    return combinations;
}
/** A matrix that is written out in a used lattice is tried now, and not only when its turn has come. */
function checkUsed(lattice, report, seen = new Set()) {
    for (const { work } of lattice.electrons.values()) {
        if (work.kind !== 'uses' || seen.has(work.lattice))
            continue;
        seen.add(work.lattice);
        for (const electron of work.lattice.electrons.values()) {
            const { matrix } = electron.strategy;
            if (matrix === undefined || !isConstant(matrix))
                continue;
            const expanded = expandMatrix(electron, { inputs: {} }, new Map());
            if (!expanded.ok)
                report(expanded.error);
        }
        checkUsed(work.lattice, report, seen);
    }
}
/** Reads nothing at all, so that it comes out the same wherever the lattice is used. */
function isConstant(matrix) {
    const parts = [matrix.whole, matrix.include, matrix.exclude];
    for (const dimension of matrix.dimensions.values()) {
        if (dimension.kind === 'values')
            parts.push(dimension.values);
    }
    return (matrix.isStatic &&
        parts.every((part) => part === undefined ||
            expressionsOf(part).every((expression) => expression.reads.length === 0)));
}
/** By file as read, then by place; what the same text gives twice (an alias, a default) is told once. */
function inOrder(diagnostics, sources) {
    const files = new Map([...sources.keys()].map((file, index) => [file, index]));
    const told = new Set();
    return diagnostics
        .filter(({ code, message, location }) => {
        const { file, span } = location;
        const key = `${code} ${span.start} ${span.end} ${file} ${message}`;
        return !told.has(key) && told.add(key);
    })
        .sort(({ location: a }, { location: b }) => (files.get(a.file) ?? 0) - (files.get(b.file) ?? 0) ||
        a.span.start - b.span.start ||
        a.span.end - b.span.end);
}

;// CONCATENATED MODULE: ./lib/lattice/codes.js
/**
 * The catalogue of diagnostics. `docs/diagnostics.md` is this text; a test keeps them equal. Codes are never reused:
 * L1 file and YAML, L2 structure, L3 expressions, L4 values and limits, L5 other files, L9 warnings.
 */
const CATALOGUE = {
    L101: {
        title: 'The file is not valid YAML',
        explanation: 'Nothing else is checked until the file can be read. The caret stands where reading stopped making sense; the mistake is there or just before.',
    },
    L102: {
        title: 'The file is too large',
        explanation: 'A lattice file may have 1 MB. Put data in files that tasks read, not in the lattice.',
    },
    L103: {
        title: 'Nested too deeply',
        explanation: 'Lists and mappings may be nested 64 deep.',
    },
    L104: {
        title: 'Duplicate key',
        explanation: 'A mapping has the same key twice. YAML tools silently keep one of them, so neither is trusted.',
    },
    L105: {
        title: 'Merge keys are not supported',
        explanation: 'As in GitHub workflows, anchors and aliases are allowed, but `<<` is not. Repeat the keys, or use `defaults`.',
    },
    L106: {
        title: 'YAML tags are not supported',
        explanation: 'Only the types that JSON has can be used: strings, numbers, booleans, null, lists and mappings. Quote a value to make it a string.',
    },
    L107: {
        title: 'More than one document',
        explanation: 'A lattice file holds one YAML document; `---` may stand only at its top.',
    },
    L108: {
        title: 'Unknown alias',
        explanation: 'An alias (`*name`) refers to an anchor (`&name`) that stands before it in the file and does not contain it.',
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
        explanation: 'Keys are words; a list, a mapping, an alias or nothing cannot be one. Often a `{{ }}` without `$` is read as a mapping: quote it.',
    },
    L112: {
        title: 'Not a JSON value',
        explanation: 'Infinity and NaN cannot be passed between tasks. Quote them to pass them as text.',
    },
    L201: {
        title: 'Unknown key',
        explanation: 'The key means nothing at this place. The reference lists the keys; every key is valid only where it is described.',
    },
    L202: {
        title: 'Wrong type',
        explanation: 'The value has another shape than the key asks for: text, number, true or false, list or mapping.',
    },
    L203: {
        title: 'A key is missing',
        explanation: 'The mapping needs a key that it does not have.',
    },
    L204: {
        title: 'Unknown electron',
        explanation: 'A name in `needs`, `for-each`, `files.needs` or `outputs` is not the id of an electron of this lattice.',
    },
    L205: {
        title: 'An electron needs itself',
        explanation: 'It would wait for its own end.',
    },
    L206: {
        title: 'A cycle of needs',
        explanation: 'The electrons wait for each other in a circle, so none could start. The notes walk round the shortest circle.',
    },
    L207: {
        title: 'Invalid name',
        explanation: "Ids are as GitHub's job ids: a letter or `_` first, then letters, digits, `-` and `_`, at most 100 characters. Environment variables have no `-`.",
    },
    L208: {
        title: 'More than one kind of work',
        explanation: "An electron has exactly one of `run`, `command`, `call` and `uses`, or none for the image's own command.",
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
        explanation: 'Outputs of a lattice become outputs of the step under their own names, beside those that the action always sets. Choose another name.',
    },
    L214: {
        title: 'Reserved',
        explanation: 'The key is reserved for a later version.',
    },
    L215: {
        title: 'Not the address of a secret',
        explanation: 'A secret is `secretsmanager:<name or ARN>`, with `#json-key` for one field, or `ssm:<name or ARN>`.',
    },
    L216: {
        title: 'Not a function in a file',
        explanation: '`call` is `file.py:function` or `file.mjs:function` (also `.js`).',
    },
    L217: {
        title: 'Not a file that can be put in place',
        explanation: "`from` is a path below the lattice's folder, `s3://bucket/key` (a prefix when it ends in `/`), or `https://…` with its `sha256`.",
    },
    L218: {
        title: 'Not a shell',
        explanation: "`shell` is `bash`, `sh`, `python`, or a command with `{0}` where the script's path is put.",
    },
    L219: {
        title: 'The declaration of an input contradicts itself',
        explanation: '`options` belong to the type `choice`, which needs them; a required input needs no default; a default has the declared type.',
    },
    L301: {
        title: 'Syntax error in an expression',
        explanation: 'Expressions are those of GitHub Actions: contexts, literals in single quotes, comparisons, `&&`, `||`, `!`, and functions. There is no arithmetic.',
    },
    L302: {
        title: 'An expression has no end',
        explanation: '`${{` needs its `}}` in the same value.',
    },
    L303: {
        title: 'Unknown context',
        explanation: 'The name is none of inputs, env, matrix, strategy, needs, each, lattice, github, electrons.',
    },
    L304: {
        title: 'A context that is not available here',
        explanation: 'Each key sees some contexts only: what is decided before a matrix is expanded cannot read it, and so on. The hint lists those of this place.',
    },
    L305: {
        title: 'Unknown function',
        explanation: 'The functions are those of GitHub Actions, and range, chunk, length, keys, values.',
    },
    L306: {
        title: 'Wrong number of arguments',
        explanation: 'The function takes more or fewer arguments.',
    },
    L307: {
        title: 'Unknown name in a context',
        explanation: 'The context has no such entry: no input, matrix key, environment variable or declared output of that name.',
    },
    L308: {
        title: 'Not among the needs',
        explanation: 'The electron exists, but this electron does not need it, so there is no saying when its results are there. Add it to `needs`.',
    },
    L309: {
        title: 'A status function outside of if',
        explanation: '`success()`, `failure()`, `always()` and `cancelled()` can be asked only in `if`.',
    },
    L310: {
        title: 'The expression is too long',
        explanation: 'An expression may have 21,000 characters, as in workflows, and be nested 50 deep.',
    },
    L311: {
        title: 'The expression cannot be evaluated',
        explanation: 'A function refused its arguments, for example `fromJSON` of text that is not JSON.',
    },
    L312: {
        title: 'The expression gives another type than the key takes',
        explanation: 'An expression keeps its type, so a list stays a list; the key takes something else.',
    },
    L313: {
        title: 'A condition that is always true',
        explanation: 'Text around `${{ }}` in `if` makes the condition a text that is not empty, which is always true. Write the whole condition inside one pair of braces, or without any.',
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
        explanation: 'Fargate offers certain pairs of vCPU and memory only. Name one of the two and the smallest valid partner is picked.',
    },
    L404: {
        title: 'Too many tasks',
        explanation: 'A lattice may have 10,000 tasks in all. Put several values into one task, for example with `chunk`.',
    },
    L405: {
        title: 'Not a matrix',
        explanation: 'A matrix is a mapping of keys to lists; `include` and `exclude` are lists of mappings; `exclude` may name keys of the matrix only.',
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
        explanation: 'The value given is not of the declared type and cannot be read as it, or is none of the options.',
    },
    L409: {
        title: 'A value is too large',
        explanation: 'An evaluated value may have 8 MB; a value for the environment 128 KiB: pass it by `with`, which arrives as a file.',
    },
    L410: {
        title: 'A secret would become visible',
        explanation: 'A secret input can be used in `env` as a whole value and in the `with` of `uses` only: anywhere else it would be stored with the run.',
    },
    L411: {
        title: 'A dimension of the matrix has no list',
        explanation: 'The value of the dimension came out as null or as no list when the electron was about to start.',
    },
    L412: {
        title: 'Not a glob or path inside the folder',
        explanation: 'Paths are relative, with `/`, and stay inside the folder: no `..`, no leading `/`.',
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
        explanation: 'Text of inputs, needs or github becomes part of the script before the shell reads it, so it can be code. Pass it by `with` or `env` and read the variable.',
    },
    L902: {
        title: 'A number that YAML changes',
        explanation: 'Without quotes this is a number, and its leading zeros or last digits are lost. Account numbers and versions want quotes.',
    },
    L903: {
        title: 'An input that nothing reads',
        explanation: 'The input is declared, but no expression reads it.',
    },
    L904: {
        title: 'An empty matrix',
        explanation: 'The matrix has no combination, so the electron is skipped (`strategy.if-empty: fail` makes that a failure).',
    },
    L905: {
        title: 'An output that nobody set',
        explanation: 'The electron has ended without setting the output; expressions read null.',
    },
};

;// CONCATENATED MODULE: ./lib/lattice/locate.js
/** Line and column of an offset, both from 1. A column counts UTF-16 units. */
function locate_locate(text, offset) {
    let line = 1;
    let start = 0;
    const end = Math.max(0, Math.min(offset, text.length));
    for (let next = text.indexOf('\n'); next !== -1 && next < end; next = text.indexOf('\n', start)) {
        line += 1;
        start = next + 1;
    }
    return { line, column: end - start + 1 };
}

;// CONCATENATED MODULE: ./lib/lattice/conditions.js


/**
 * Whether an electron runs. As in workflows, a condition that asks for no status holds only where `success()` does too,
 * and is then not even evaluated.
 */
function evaluateCondition(electron, contexts) {
    const success = contexts.status?.success ?? true;
    if (!success && !electron.conditionReadsStatus)
        return (0,result.ok)(false);
    return electron.condition === undefined
        ? (0,result.ok)(success)
        : renderCondition(electron.condition, contexts);
}

;// CONCATENATED MODULE: ./lib/lattice/resources.js





/** What a task of the electron runs on: the smallest valid size where only a part is given. */
function resolveResources(electron, contexts) {
    const reader = new ResourceReader(contexts);
    const vcpu = reader.number('vcpu', electron.vcpu);
    const memory = reader.number('memory', electron.memory);
    const size = (0,fargate_sizes/* fargateSize */.EJ)(vcpu, memory);
    if (!size.ok) {
        const wrong = size.wrong === 'vcpu' ? electron.vcpu : electron.memory;
        reader.refuse('L403', wrong, size.message, size.hint);
    }
    const storage = reader.number('storage', electron.storage) ?? fargate_sizes/* STORAGE */.O3.smallest;
    if (!Number.isInteger(storage)) {
        reader.refuse('L402', electron.storage, `"storage" takes a whole number, not ${storage}`);
    }
    else if (storage < fargate_sizes/* STORAGE */.O3.smallest || storage > fargate_sizes/* STORAGE */.O3.largest) {
        const message = `"storage" is ${fargate_sizes/* STORAGE */.O3.smallest} to ${fargate_sizes/* STORAGE */.O3.largest} GiB, not ${storage}`;
        reader.refuse('L401', electron.storage, message);
    }
    const architecture = reader.word('architecture', electron.architecture, [
        'x86_64',
        'arm64',
    ]);
    const spot = reader.word('spot', electron.spot, ['false', 'true', 'prefer']);
    const readOnlyRoot = reader.word('read-only-root', electron.readOnlyRoot, [
        'false',
        'true',
    ]);
    const image = reader.text('image', electron.image);
    const taskRole = reader.text('task-role', electron.taskRole);
    if (reader.mistake !== undefined || !size.ok) {
        return (0,result/* err */._)(reader.mistake ?? neverReached());
    }
    return (0,result.ok)({
        vcpu: size.vcpu,
        memory: size.memory,
        storage,
        architecture: architecture ?? 'x86_64',
        spot: spot === 'prefer' ? 'prefer' : spot === 'true',
        ...(image === undefined ? {} : { image }),
        ...(taskRole === undefined ? {} : { taskRole }),
        readOnlyRoot: readOnlyRoot === 'true',
    });
}
function neverReached() {
    throw new Error('Internal error: a size was refused without a place');
}
/** Renders one key after the other and keeps the first mistake. */
class ResourceReader {
    mistake;
    #contexts;
    constructor(contexts) {
        this.#contexts = contexts;
    }
    refuse(code, template, message, hint) {
        if (template === undefined)
            return;
        this.mistake ??= diagnose(code, template.location, message, { hint });
    }
    number(key, template) {
        const value = this.#value(template);
        if (value === undefined || value === null || value === '')
            return undefined;
        const number = typeof value === 'string' ? Number(value) : value;
        if (typeof number === 'number' && Number.isFinite(number))
            return number;
        this.refuse('L312', template, `"${key}" takes a number, not ${JSON.stringify(value)}`);
        return undefined;
    }
    text(key, template) {
        const value = this.#value(template);
        if (value === undefined || value === null || value === '')
            return undefined;
        if (typeof value === 'string')
            return value;
        this.refuse('L312', template, `"${key}" takes text, not ${JSON.stringify(value)}`);
        return undefined;
    }
    word(key, template, words) {
        const value = this.#value(template);
        if (value === undefined || value === null || value === '')
            return undefined;
        const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
        const found = words.find((word) => word === text);
        const hint = didYouMean(text, words) ?? `one of ${words.join(', ')}`;
        if (found === undefined)
            this.refuse('L210', template, `"${key}" cannot be "${text}"`, hint);
        return found;
    }
    #value(template) {
        if (template === undefined || this.mistake !== undefined)
            return undefined;
        const rendered = render(template, this.#contexts);
        if (rendered.ok)
            return rendered.value;
        this.mistake = rendered.error;
        return undefined;
    }
}

;// CONCATENATED MODULE: ./lib/lattice/schema-json.js

/** A text with an expression in it. */
const EXPRESSION = { type: 'string', pattern: '\\$\\{\\{' };
/** The schema, draft-07: what editors understand best. */
function latticeSchema() {
    return {
        $schema: 'http://json-schema.org/draft-07/schema#',
        title: 'Lattice',
        description: 'A graph of electrons: what to run, what it needs, and what comes out.',
        ...objectOf(LATTICE_KEYS, undefined),
    };
}
function keyOf(key) {
    const shape = schema_json_shapeOf(key.shape);
    const suffix = key.default === undefined ? '' : ` Default: ${key.default}.`;
    return {
        description: `${key.description}${suffix}`,
        ...shape,
        ...(key.examples === undefined ? {} : { examples: key.examples }),
    };
}
function schema_json_shapeOf(shape) {
    const own = plainShape(shape);
    const isTemplate = 'template' in shape && shape.template;
    const takesAnyText = shape.kind === 'text' && shape.words === undefined && shape.pattern === undefined;
    return isTemplate && !takesAnyText ? { anyOf: [own, EXPRESSION] } : own;
}
function plainShape(shape) {
    switch (shape.kind) {
        case 'text':
            return schema_json_textOf(shape);
        case 'number':
            return {
                type: shape.whole ? 'integer' : 'number',
                ...(shape.min === undefined ? {} : { minimum: shape.min }),
                ...(shape.max === undefined ? {} : { maximum: shape.max }),
            };
        case 'flag':
            return { type: 'boolean' };
        case 'list':
            return {
                type: 'array',
                items: schema_json_shapeOf(shape.of),
                ...(shape.mayBeEmpty ? {} : { minItems: 1 }),
            };
        case 'map':
            return {
                type: 'object',
                additionalProperties: schema_json_shapeOf(shape.of),
                ...namesOf(shape.names),
                ...(shape.mayBeEmpty ? {} : { minProperties: 1 }),
            };
        case 'object':
            return objectOf(shape.keys, shape.others);
        case 'any':
            return {};
        case 'either':
            return { anyOf: shape.options.map(schema_json_shapeOf) };
    }
}
function schema_json_textOf(shape) {
    return {
        type: shape.scalars ? ['string', 'number', 'boolean'] : 'string',
        ...(shape.words === undefined ? {} : { enum: shape.words }),
        ...(shape.pattern === undefined ? {} : { pattern: shape.pattern }),
        ...(shape.mayBeEmpty || shape.words !== undefined ? {} : { minLength: 1 }),
    };
}
function namesOf(names) {
    if (names === 'any')
        return {};
    const pattern = names === 'id' ? '^[A-Za-z_][A-Za-z0-9_-]*$' : '^[A-Za-z_][A-Za-z0-9_]*$';
    return { propertyNames: { pattern, ...(names === 'id' ? { maxLength: 100 } : {}) } };
}
function objectOf(keys, others) {
    const required = Object.entries(keys).flatMap(([name, key]) => (key.required ? [name] : []));
    return {
        type: 'object',
        properties: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, keyOf(key)])),
        additionalProperties: others === undefined ? false : schema_json_shapeOf(others),
        ...(required.length === 0 ? {} : { required }),
    };
}

;// CONCATENATED MODULE: ./lib/lattice/index.js
/** The language: `compile` makes plans, the rest renders what a plan holds while it runs. */













/***/ })

};
