import sys


def main():
    import importlib, inspect, json, os, traceback

    path, function, shown, inputs, answer_path = sys.argv[1:6]
    sys.argv = [path]

    def answer(said):
        with open(answer_path, "w", encoding="utf-8") as file:
            json.dump(said, file, allow_nan=False)

    def fail(message, kind="exception", trace=None):
        answer({"ok": False, "class": kind, "message": message, "traceback": trace})
        sys.stdout.flush()
        sys.stderr.write((trace or message + "\n"))
        sys.stderr.flush()
        sys.exit(1)

    def described(error):
        return "".join(traceback.format_exception_only(type(error), error)).strip()

    def user_trace(error):
        """The traceback without the frames of this shim and of the import machinery."""
        told = traceback.TracebackException.from_exception(error)
        seen = set()
        queue = [told]
        while queue:
            one = queue.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            kept = [f for f in one.stack if f.filename != "<string>" and not f.filename.startswith("<frozen importlib")]
            one.stack = traceback.StackSummary.from_list(kept)
            queue += [one.__cause__, one.__context__] + list(getattr(one, "exceptions", None) or [])
        return "".join(told.format())

    if sys.version_info < (3, 7):
        fail("`call` needs Python 3.7 or newer, and %s is %s" % (sys.executable, sys.version.split()[0]))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    if not os.path.isfile(path):
        fail("the file %s of `call` does not exist in %s" % (shown, os.getcwd()))
    sys.path[0:1] = [os.path.dirname(os.path.abspath(path)), os.getcwd()]
    with open(inputs, encoding="utf-8") as file:
        values = json.load(file)

    name = os.path.splitext(os.path.basename(path))[0]
    try:
        from importlib import util

        spec = util.spec_from_file_location(name, path)
        if spec is None:
            fail("%s is no Python file: `call` takes file.py:function" % shown)
        module = util.module_from_spec(spec)
        # Known by its name, so that its classes can be pickled and processes it starts find it.
        sys.modules.setdefault(name, module)
        spec.loader.exec_module(module)
        call = module
        for part in function.split("."):
            if not hasattr(call, part):
                there = sorted(k for k, v in vars(module).items() if callable(v) and not k.startswith("_"))
                fail("%s has no function %s; it has: %s" % (shown, function, ", ".join(there) or "none"))
            call = getattr(call, part)
        try:
            inspect.signature(call).bind(**values)
        except TypeError as error:
            fail("TypeError: %s(): %s; `with` gives: %s" % (function, error, ", ".join(values) or "nothing"))
        except ValueError:
            pass  # a builtin does not tell its parameters
        result = call(**values)
        if inspect.isawaitable(result):
            import asyncio

            async def wait(awaitable):
                return await awaitable

            result = asyncio.run(wait(result))
    except Exception as error:
        fail(described(error), trace=user_trace(error))

    class NotJson(Exception):
        pass

    def plain(value, at, depth=0):
        if value is None or isinstance(value, (bool, str)):
            return str(value) if isinstance(value, str) else value
        if isinstance(value, int):
            return int(value)
        if isinstance(value, float):
            if value != value or value in (float("inf"), float("-inf")):
                raise NotJson("%s is %r, which JSON does not have: return None or a string in its place" % (at, float(value)))
            return float(value)
        if depth > 200:
            raise NotJson("%s is nested too deeply, or holds itself" % at)
        if isinstance(value, dict):
            plain_one = {}
            for key, item in value.items():
                if not isinstance(key, (str, int)):
                    raise NotJson("%s has a key of type %s: JSON has only strings for keys" % (at, type(key).__name__))
                plain_one[str(key)] = plain(item, "%s[%r]" % (at, key), depth + 1)
            return plain_one
        if isinstance(value, (list, tuple)):
            return [plain(item, "%s[%d]" % (at, i), depth + 1) for i, item in enumerate(value)]
        for method in ("tolist", "item"):  # numpy, torch, pandas
            if callable(getattr(value, method, None)):
                try:
                    other = getattr(value, method)()
                except Exception:
                    continue
                if type(other) is not type(value):
                    return plain(other, at, depth + 1)
        kind = type(value)
        kind = kind.__qualname__ if kind.__module__ == "builtins" else kind.__module__ + "." + kind.__qualname__
        raise NotJson(
            "%s is of type %s, which is no JSON: return numbers, strings, lists and dicts, or write it to a file in $LATTICE_FILES" % (at, kind)
        )

    try:
        answer({"ok": True, "result": plain(result, "the returned value")})
    except NotJson as error:
        fail(str(error), "output")


main()
