package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ownVariables are those that we set, or that only we read: the work never inherits them, also not in a lattice that runs
// inside another.
var ownVariables = map[string]bool{
	"LATTICE_SPEC": true, "LATTICE_SPEC_SHA256": true, "LATTICE_PARENT_FD": true, "LATTICE_WORK_DIR": true, "LATTICE_STOP_SECONDS": true, "LATTICE_WORKSPACE": true,
	"LATTICE_INPUTS": true, "LATTICE_OUTPUT": true, "LATTICE_FILES": true, "LATTICE_NEEDS": true, "LATTICE_EACH": true, "LATTICE_CHECKPOINT": true,
	"LATTICE_SUMMARY": true, "LATTICE_RUN_ID": true, "LATTICE_ELECTRON": true, "LATTICE_TASK": true, "LATTICE_INDEX": true, "LATTICE_TOTAL": true,
	"LATTICE_ATTEMPT": true, "LATTICE_DEADLINE": true, "PWD": true, "OLDPWD": true,
}

// environment is what the work sees: our own variables, then the spec's env, the inputs, and where everything is.
func (t *Task) environment(deadline time.Time) error {
	inherited := os.Environ()
	set := make(map[string]string, len(t.spec.Env)+len(t.spec.Inputs)+16)
	for name, value := range t.spec.Env {
		if ownVariables[name] {
			t.warn("env sets %s, which this program sets itself: left out", name)
			continue
		}
		if name == "" || strings.ContainsAny(name, "=\x00") || strings.ContainsRune(value, 0) {
			return fmt.Errorf("the environment variable %s cannot be set: a name has no equals sign, and neither name nor value has a NUL byte", quote(name))
		}
		if len(name)+len(value)+2 > limitEnvironmentBytes {
			return fmt.Errorf("the environment variable %s has %s, and the system's limit for one is %s: pass large values by `with`, which the work reads from the file $LATTICE_INPUTS",
				name, sizeText(int64(len(value))), sizeText(limitEnvironmentBytes))
		}
		set[name] = value
	}
	for name, value := range t.spec.Inputs {
		variable := "INPUT_" + strings.ToUpper(strings.ReplaceAll(name, " ", "_"))
		text := string(value)
		if len(value) > 0 && value[0] == '"' {
			json.Unmarshal(value, &text)
		}
		if len(variable)+len(text)+2 > limitEnvironmentBytes || strings.ContainsRune(text, 0) || strings.ContainsAny(variable, "=\x00") {
			if t.spec.Work.Kind != "call" {
				t.warn("the input %s (%s) does not fit into an environment variable: there is no %s; read it from the file $LATTICE_INPUTS", name, sizeText(int64(len(text))), variable)
			}
			continue
		}
		set[variable] = text
	}
	work := t.folder.path
	set["LATTICE_INPUTS"] = work + "/inputs.json"
	set["LATTICE_OUTPUT"] = work + "/output"
	set["LATTICE_FILES"] = work + "/files"
	set["LATTICE_SUMMARY"] = work + "/summary.md"
	if len(t.spec.Needs) > 0 {
		set["LATTICE_NEEDS"] = work + "/needs"
	}
	if t.spec.Each != nil {
		set["LATTICE_EACH"] = work + "/each"
	}
	if t.spec.Checkpoint != nil {
		set["LATTICE_CHECKPOINT"] = work + "/checkpoint"
	}
	set["LATTICE_RUN_ID"] = t.spec.RunID
	set["LATTICE_ELECTRON"] = t.spec.Electron
	set["LATTICE_TASK"] = t.spec.TaskID
	set["LATTICE_INDEX"] = strconv.Itoa(t.spec.Index)
	set["LATTICE_TOTAL"] = strconv.Itoa(t.spec.Total)
	set["LATTICE_ATTEMPT"] = strconv.Itoa(t.spec.Attempt)
	set["LATTICE_DEADLINE"] = strconv.FormatInt(deadline.Unix(), 10)
	set["PWD"] = t.dir
	if folder, err := t.temporaryFolder(set); err != nil {
		return err
	} else if folder != "" {
		set["TMPDIR"] = folder
	}

	t.env = make([]string, 0, len(inherited)+len(set))
	for _, entry := range inherited {
		name, _, _ := strings.Cut(entry, "=")
		if _, replaced := set[name]; !replaced && !ownVariables[name] {
			t.env = append(t.env, entry)
		}
	}
	own := len(t.env)
	for name, value := range set {
		t.env = append(t.env, name+"="+value)
	}
	sort.Strings(t.env[own:])
	return nil
}

// commonTemporary is where programs put temporary files; tests name another.
var commonTemporary = "/tmp"

// temporaryFolder makes a folder for temporary files where there is none: the root of a container may be read-only.
func (t *Task) temporaryFolder(set map[string]string) (string, error) {
	const writable = 0x2 | 0x1 // W_OK, X_OK
	if set["TMPDIR"] != "" || os.Getenv("TMPDIR") != "" || syscall.Access(commonTemporary, writable) == nil {
		return "", nil
	}
	folder := t.folder.path + "/tmp"
	return folder, os.Mkdir(folder, 0o700)
}

func (t *Task) variable(name string) string {
	for i := len(t.env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(t.env[i], name+"="); ok {
			return value
		}
	}
	return ""
}
