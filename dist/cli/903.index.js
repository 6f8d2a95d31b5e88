export const id = 903;
export const ids = [903];
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

/***/ 903:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   parseData: () => (/* binding */ parseData)
/* harmony export */ });
/* harmony import */ var yaml__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8815);
/* harmony import */ var _base_result_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2292);


/** Aliases may multiply a small text into a huge value; a data file has no use for many. */
const ALIASES = 100;
/** A YAML or JSON text as a value, or what is wrong with it and where: `inputs.yml:3:5 …`. */
function parseData(text, file) {
    const lines = new yaml__WEBPACK_IMPORTED_MODULE_0__/* .LineCounter */ .HN();
    const document = (0,yaml__WEBPACK_IMPORTED_MODULE_0__/* .parseDocument */ .Tp)(text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
        const { line, col } = lines.linePos(problem.pos[0]);
        return (0,_base_result_js__WEBPACK_IMPORTED_MODULE_1__/* .err */ ._)(`${file}:${line}:${col} ${problem.message.charAt(0).toLowerCase()}${problem.message.slice(1)}`);
    }
    try {
        const value = document.toJS({ maxAliasCount: ALIASES });
        // Dates, sets and numbers beyond JSON take JSON's shape here, so that nothing else enters the language.
        return (0,_base_result_js__WEBPACK_IMPORTED_MODULE_1__.ok)((value === undefined ? null : JSON.parse(JSON.stringify(value))));
    }
    catch (error) {
        return (0,_base_result_js__WEBPACK_IMPORTED_MODULE_1__/* .err */ ._)(`${file} ${error instanceof Error ? error.message : String(error)}`);
    }
}


/***/ })

};
