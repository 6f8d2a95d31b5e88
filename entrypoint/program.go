package main

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

//go:embed shim/call.py
var pythonShim string

//go:embed shim/call.mjs
var nodeShim string

// spawnError is a program that could not be started, in words for the user.
type spawnError struct {
	message string
	code    int
}

func (e spawnError) Error() string { return e.message }

// shellStep writes a script and gives the step that runs it.
func (t *Task) shellStep(name, extension, script string, shell []string) (step, error) {
	path := t.folder.path + "/" + name + extension
	if err := writeFile(path, []byte(script), 0o700); err != nil {
		return step{}, err
	}
	if len(shell) > 0 {
		words := make([]string, len(shell))
		for i, word := range shell {
			words[i] = strings.ReplaceAll(word, "{0}", path)
		}
		return t.program(words)
	}
	if bash := t.lookUp("bash"); bash != "" {
		return t.programAt(bash, []string{"bash", "-e", path}), nil
	}
	if sh := t.lookUp("sh"); sh != "" {
		return t.programAt(sh, []string{"sh", "-e", path}), nil
	}
	return step{}, spawnError{"the image has no bash and no sh to run a script: use `command` or `call`, or an image with a shell", exitSpawn}
}

// workStep gives the step of the work itself.
func (t *Task) workStep() (step, error) {
	work := t.spec.Work
	switch work.Kind {
	case "run":
		extension := work.Extension
		if extension == "" || strings.ContainsAny(extension, "/\x00") {
			extension = ".sh"
		}
		return t.shellStep("script", extension, work.Script, work.Shell)
	case "command":
		if len(work.Words) == 0 {
			return step{}, spawnError{"`command` has no words", exitSpawn}
		}
		return t.program(work.Words)
	case "call":
		return t.callStep()
	}
	if len(os.Args) < 2 {
		return step{}, spawnError{"this electron has no run, command or call, and there is no image here whose own command could run: give it one of them", exitSpawn}
	}
	return t.program(os.Args[1:])
}

func (t *Task) callStep() (step, error) {
	work := t.spec.Work
	file := work.File
	if !filepath.IsAbs(file) {
		file = filepath.Join(t.dir, file)
		// A private working directory holds what was listed; code beside it is read where it is.
		if _, err := os.Stat(file); err != nil && t.spec.View != nil && t.spec.Workdir != nil {
			file = filepath.Join(*t.spec.Workdir, work.File)
		}
	}
	answer := t.folder.path + "/return.json"
	if work.Language == "node" {
		return t.program([]string{"node", "--input-type=module", "-e", nodeShim, "--", file, work.Function, work.File, t.folder.path + "/inputs.json", answer})
	}
	python := "python3"
	if t.lookUp(python) == "" && t.lookUp("python") != "" {
		python = "python"
	}
	what, err := t.program([]string{python, "-c", pythonShim, file, work.Function, work.File, t.folder.path + "/inputs.json", answer})
	// Nobody wants __pycache__ beside his code from a run, least of all in a folder whose content decides what is reused.
	if t.variable("PYTHONDONTWRITEBYTECODE") == "" && t.variable("PYTHONPYCACHEPREFIX") == "" {
		what.env = append(slices.Clone(t.env), "PYTHONDONTWRITEBYTECODE=1")
	}
	return what, err
}

// program finds the first word on the PATH of the work.
func (t *Task) program(words []string) (step, error) {
	path := words[0]
	if !strings.Contains(path, "/") {
		if path = t.lookUp(words[0]); path == "" {
			return step{}, spawnError{fmt.Sprintf("the program %s was not found on the PATH (%s)", quote(words[0]), t.variable("PATH")), exitSpawn}
		}
	}
	return t.programAt(path, words), nil
}

func (t *Task) programAt(path string, argv []string) step {
	return step{program: path, argv: argv, env: t.env, dir: t.dir, output: t.output.Fd(), input: uintptr(t.input)}
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func (t *Task) lookUp(name string) string {
	path := t.variable("PATH")
	if path == "" {
		path = defaultPath
	}
	for folder := range strings.SplitSeq(path, ":") {
		candidate := folder + "/" + name
		if !strings.HasPrefix(folder, "/") {
			candidate = filepath.Join(t.dir, folder, name)
		}
		var info syscall.Stat_t
		if syscall.Stat(candidate, &info) == nil && info.Mode&syscall.S_IFMT == syscall.S_IFREG && info.Mode&0o111 != 0 {
			return candidate
		}
	}
	return ""
}

// explainSpawn says why the system refused to start a program.
func (t *Task) explainSpawn(what step, err error) spawnError {
	name := quote(what.argv[0])
	switch {
	case !isFolder(what.dir):
		return spawnError{fmt.Sprintf("the working directory %s does not exist", what.dir), exitSpawn}
	case errors.Is(err, syscall.E2BIG):
		return spawnError{fmt.Sprintf("%s cannot be started: its arguments and environment are larger than the system allows (one: %s); pass large values by `with`, which the work reads from the file $LATTICE_INPUTS",
			name, sizeText(limitEnvironmentBytes)), exitSpawn - 1}
	case errors.Is(err, syscall.ENOENT) && fileExists(what):
		return spawnError{fmt.Sprintf("%s cannot be started: the interpreter that its first line or its binary names is missing", name), exitSpawn}
	case errors.Is(err, syscall.ENOEXEC):
		return spawnError{fmt.Sprintf("%s cannot be started: it is neither a program for this machine nor a script with #! in its first line", name), exitSpawn - 1}
	case errors.Is(err, syscall.ENOENT):
		return spawnError{fmt.Sprintf("the program %s was not found", name), exitSpawn}
	}
	return spawnError{fmt.Sprintf("%s cannot be started: %v", name, err), exitSpawn - 1}
}

func fileExists(what step) bool {
	path := what.program
	if !filepath.IsAbs(path) {
		path = filepath.Join(what.dir, path)
	}
	_, err := os.Stat(path)
	return err == nil
}

const cleanupLimit = 60 * time.Second
