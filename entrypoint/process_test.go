package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// These tests run the program itself, as a driver does, on real processes and files.

var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "lattice-entrypoint-test-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "entrypoint")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.watchEvery=250ms -X main.lookLimit=1s -X main.hurriedLimit=1s -X main.shortGrace=1s", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", out)
		os.Exit(1)
	}
	firstPause, longestPause = time.Millisecond, 20*time.Millisecond
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// attempt is one started entrypoint.
type attempt struct {
	t      *testing.T
	spec   WorkSpec
	store  string
	work   string
	env    []string
	pid1   bool
	user   uint32 // another user than the test's own, when it is root
	driver *os.File
	s3     *fakeS3 // the store, instead of a folder
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr bytes.Buffer
}

func script(text string) WorkStep { return WorkStep{Kind: "run", Script: text, Extension: ".sh"} }

func prepare(t *testing.T, work WorkStep) *attempt {
	dir := t.TempDir()
	a := &attempt{t: t, store: dir + "/store", work: dir + "/work"}
	cwd := dir + "/cwd"
	os.Mkdir(cwd, 0o755)
	a.spec = WorkSpec{Store: "file://" + a.store, RunID: "run", Task: "sample/7", TaskID: "sample[7]", Electron: "sample", Index: 7, Total: 8, Attempt: 1, Epoch: 3,
		Fingerprint: "f", TimeoutSeconds: 60, Workdir: &cwd, Work: work}
	return a
}

func (a *attempt) cwd() string { return *a.spec.Workdir }

func (a *attempt) start() *attempt {
	a.t.Helper()
	body, err := json.Marshal(SpecDocument{Version: 1, Work: []WorkSpec{a.spec}})
	if err != nil {
		a.t.Fatal(err)
	}
	a.put(attemptKey(&a.spec, "spec.json"), string(body))
	address := a.spec.Store + "/" + attemptKey(&a.spec, "spec.json")
	a.cmd = exec.Command(binary)
	if a.pid1 {
		a.cmd = exec.Command("unshare", "--pid", "--fork", "--mount-proc", "--kill-child", binary)
	}
	a.cmd.Env = append(os.Environ(), "LATTICE_SPEC="+address, "LATTICE_SPEC_SHA256="+sum(body), "LATTICE_WORK_DIR="+a.work)
	if !a.pid1 {
		ours, theirs, err := os.Pipe()
		if err != nil {
			a.t.Fatal(err)
		}
		a.driver = theirs
		a.cmd.ExtraFiles = []*os.File{ours}
		a.cmd.Env = append(a.cmd.Env, "LATTICE_PARENT_FD=3")
		defer ours.Close()
		a.t.Cleanup(func() { theirs.Close() })
	}
	a.cmd.Env = append(a.cmd.Env, a.env...)
	a.cmd.Stdout, a.cmd.Stderr = &a.stdout, &a.stderr
	if a.user != 0 {
		a.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: a.user, Gid: a.user}}
		home := filepath.Dir(a.store)
		filepath.WalkDir(home, func(path string, _ os.DirEntry, _ error) error { return os.Chown(path, int(a.user), int(a.user)) })
		for _, folder := range []string{filepath.Dir(home), filepath.Dir(binary)} {
			os.Chmod(folder, 0o755)
		}
	}
	if err := a.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	return a
}

// wait gives the exit code and the result, nil when there is none.
func (a *attempt) wait() (int, *Result) {
	a.t.Helper()
	a.cmd.Wait()
	body, err := os.ReadFile(a.store + "/" + resultKey(&a.spec))
	if a.s3 != nil {
		body, err = []byte(a.s3.body("bucket/run store/"+resultKey(&a.spec))), nil
	}
	if err != nil || len(body) == 0 {
		return a.cmd.ProcessState.ExitCode(), nil
	}
	var result Result
	if err := json.Unmarshal(body, &result); err != nil {
		a.t.Fatal(err)
	}
	return a.cmd.ProcessState.ExitCode(), &result
}

// onS3 has an attempt keep everything in S3.
func onS3(t *testing.T, f *fakeS3, work WorkStep) *attempt {
	a := prepare(t, work)
	a.s3 = f
	a.spec.Store = "s3://bucket/run store"
	a.spec.Lease = true
	return a
}

func (a *attempt) run() (int, *Result) { a.t.Helper(); return a.start().wait() }

// expect checks the outcome: status, class of the error, exit code.
func (a *attempt) expect(status, class string, code int) *Result {
	a.t.Helper()
	got, result := a.wait()
	if result == nil {
		a.t.Fatalf("no result; exit code %d, stderr %s", got, a.stderr.String())
	}
	gotClass := ""
	if result.Error != nil {
		gotClass = result.Error.Class
	}
	if result.Status != status || gotClass != class || got != code {
		a.t.Errorf("got %s %s %d (%+v), want %s %s %d; log %q stderr %s", result.Status, gotClass, got, result.Error, status, class, code, result.Log.Tail, a.stderr.String())
	}
	return result
}

// until waits for a condition, which other processes bring about.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

func (a *attempt) untilFile(name string) string {
	a.t.Helper()
	until(a.t, name, func() bool { body, err := os.ReadFile(a.cwd() + "/" + name); return err == nil && len(body) > 0 })
	body, _ := os.ReadFile(a.cwd() + "/" + name)
	return strings.TrimSpace(string(body))
}

func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if os.IsNotExist(err) && !isFolder("/proc/self") {
		number, _ := strconv.Atoi(pid)
		return syscall.Kill(number, 0) == nil
	}
	return err == nil && !strings.Contains(string(stat[bytes.LastIndexByte(stat, ')'):]), ") Z")
}

func (a *attempt) untilDead(names ...string) {
	a.t.Helper()
	for _, name := range names {
		pid := a.untilFile(name)
		until(a.t, name+" is dead", func() bool { return !alive(pid) })
	}
}

func TestWhatTheWorkSees(t *testing.T) {
	a := prepare(t, script(`echo "to stdout"; echo "to stderr" >&2
		echo "name=value" >> "$LATTICE_OUTPUT"
		echo "seen=$INPUT_TWO_WORDS|$INPUT_LIST|$GREETING|$LATTICE_TASK|$LATTICE_ELECTRON|$LATTICE_INDEX/$LATTICE_TOTAL|$LATTICE_ATTEMPT|$LATTICE_RUN_ID|${LATTICE_SPEC-unset}|${LATTICE_PARENT_FD-unset}" >> "$LATTICE_OUTPUT"
		echo "inputs=$(cat "$LATTICE_INPUTS")" >> "$LATTICE_OUTPUT"
		mkdir -p "$LATTICE_FILES/sub"; echo x > "$LATTICE_FILES/sub/f"; chmod 750 "$LATTICE_FILES/sub/f"
		ln -s sub/f "$LATTICE_FILES/inside"; ln -s /etc/passwd "$LATTICE_FILES/outside"; mkfifo "$LATTICE_FILES/pipe"
		echo "# Done" >> "$LATTICE_SUMMARY"
		mkdir -p build/.hidden; echo 1 > build/a.log; echo 2 > build/.hidden/b.log; echo '<testsuite/>' > build/r.xml; pwd > build/pwd`))
	a.spec.Inputs = map[string]json.RawMessage{"two words": json.RawMessage(`"a \"b\""`), "list": json.RawMessage(`[1,2.50]`)}
	a.spec.Env = map[string]string{"GREETING": "hello"}
	a.spec.FilesOut = []FileOut{{Glob: "build/**"}, {Glob: "!**/*.xml"}, {Glob: "nothing/*.bin"}}
	a.spec.JUnit = []string{"build/*.xml"}
	result := a.start().expect(statusSucceeded, "", 0)
	text := func(name string) (value string) { json.Unmarshal(result.Outputs[name], &value); return value }
	if text("seen") != `a "b"|[1,2.50]|hello|sample[7]|sample|7/8|1|run|unset|unset` || text("inputs") != `{"list":[1,2.50],"two words":"a \"b\""}` {
		t.Errorf("%s", result.Outputs)
	}
	var files []string
	for _, file := range result.Files {
		files = append(files, fmt.Sprintf("%s %d %o", file.Path, file.Size, file.Mode))
		body, err := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "files/"+file.Path))
		if err != nil || sum(body) != file.SHA256 {
			t.Errorf("%s: %v", file.Path, err)
		}
	}
	if got := strings.Join(files, ", "); !strings.HasPrefix(got, "build/a.log 2 644, build/pwd ") || !strings.HasSuffix(got, "inside 2 750, sub/f 2 750") || len(files) != 4 {
		t.Errorf("files: %s", got)
	}
	if warnings := strings.Join(result.Warnings, "\n"); len(result.Warnings) != 3 || !strings.Contains(warnings, "outside leads out") || !strings.Contains(warnings, "pipe is no regular") || !strings.Contains(warnings, "nothing/*.bin matches no file") {
		t.Errorf("warnings: %q", result.Warnings)
	}
	if result.Summary != "# Done\n" || result.Log.Tail != "to stdout\nto stderr\n" || a.stdout.String() != result.Log.Tail || len(result.JUnit) != 1 || result.Usage.MaxRSSBytes == 0 {
		t.Errorf("%+v", result)
	}
	if log, _ := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "log.txt")); string(log) != result.Log.Tail || sum(log) != result.Log.SHA256 {
		t.Errorf("log %q", log)
	}
	if markers, _ := os.ReadDir(a.store + "/runs/run/done"); len(markers) != 1 || !strings.HasSuffix(markers[0].Name(), "-sample~7-1") {
		t.Errorf("markers %v", markers)
	}
	if isFolder(a.work) {
		t.Error("the work folder is left")
	}
}

func TestHowWorkEnds(t *testing.T) {
	for name, one := range map[string]struct {
		work                   WorkStep
		status, class, message string
		code                   int
	}{
		"exit code":          {script("exit 3"), statusFailed, "exit", "exit code 3", 3},
		"first failure ends": {script("false; echo never"), statusFailed, "exit", "exit code 1", 1},
		"signal":             {script("kill -SEGV $$"), statusFailed, "signal", "SIGSEGV", 139},
		"command":            {WorkStep{Kind: "command", Words: []string{"test", "a b", "=", "a b"}}, statusSucceeded, "", "", 0},
		"no such program":    {WorkStep{Kind: "command", Words: []string{"no-such-program"}}, statusFailed, "spawn", `"no-such-program" was not found on the PATH`, 127},
		"not executable":     {WorkStep{Kind: "command", Words: []string{"/etc/passwd"}}, statusFailed, "spawn", "permission denied", 126},
		"template shell":     {WorkStep{Kind: "run", Script: "1 2\n", Shell: []string{"grep", "-q", "1 2", "{0}"}, Extension: ".txt"}, statusSucceeded, "", "", 0},
		"no image here":      {WorkStep{Kind: "image"}, statusFailed, "spawn", "no run, command or call", 127},
		"arguments too long": {WorkStep{Kind: "command", Words: []string{"true", strings.Repeat("x", 200_000)}}, statusFailed, "spawn", "$LATTICE_INPUTS", 126},
		"bad output":         {script("echo hello >> $LATTICE_OUTPUT"), statusFailed, "output", `line 1, "hello"`, 1},
		"output too large":   {script("printf 'a=%01100000d\\n' 0 >> $LATTICE_OUTPUT"), statusFailed, "output", "limit for one output is 1.0 MB", 1},
	} {
		t.Run(name, func(t *testing.T) {
			result := prepare(t, one.work).start().expect(one.status, one.class, one.code)
			if one.message != "" && !strings.Contains(result.Error.Message, one.message) {
				t.Errorf("%q", result.Error.Message)
			}
		})
	}
}

func TestSetupAndCleanup(t *testing.T) {
	a := prepare(t, script("cat order > $LATTICE_FILES/order; echo work >> order; exit 4"))
	a.spec.Setup = &ShellStep{Script: "echo setup >> order; sleep 1000 & echo $! > server"}
	a.spec.Cleanup = &ShellStep{Script: "echo cleanup >> order; kill -0 $(cat server); exit 5"}
	result := a.start().expect(statusFailed, "exit", 4)
	if order := a.untilFile("order"); order != "setup\nwork\ncleanup" || len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "cleanup ended with exit code 5") {
		t.Errorf("%q %q", order, result.Warnings)
	}
	a.untilDead("server")

	b := prepare(t, script("echo work >> order"))
	b.spec.Setup = &ShellStep{Script: "exit 9"}
	b.spec.Cleanup = &ShellStep{Script: "echo cleanup >> order"}
	result = b.start().expect(statusFailed, "setup", 9)
	if order := b.untilFile("order"); order != "cleanup" || result.Times.WorkStarted != nil {
		t.Errorf("%q", order)
	}
}

// deaf ignores SIGTERM; obedient saves its state first. Both leave a process that has moved to a session of its own.
const leavesGrandchild = `setsid sh -c 'echo $$ > grandchild; exec sleep 1000' & sleep 1000 & echo $! > child; `

var endings = map[string]string{
	"obedient": leavesGrandchild + `trap 'echo saved > saved; exit 0' TERM; echo $$ > ready; while :; do sleep 0.02; done`,
	"deaf":     leavesGrandchild + `trap '' TERM; echo $$ > ready; while :; do sleep 0.02; done`,
}

// The matrix of stops: each way to be stopped, for work that obeys and work that does not, as a child and as PID 1. After
// each, the cleanup has run, the state is saved, and nothing is left.
func TestStops(t *testing.T) {
	for _, pid1 := range []bool{false, true} {
		if pid1 && !canUnshare() {
			t.Log("not tested: as PID 1, because unshare(1) needs root on Linux here")
			continue
		}
		for ending, text := range endings {
			for name, one := range map[string]struct {
				stop                 func(*attempt)
				status, class        string
				code                 int
				timeout              float64
				needsPipe, atOnce    bool
				needsSignal, leasing bool
			}{
				"timeout":          {nil, statusTimedOut, "timeout", 124, 0.7, false, false, false, false},
				"cancel":           {func(a *attempt) { a.driver.Write([]byte("c")) }, statusCancelled, "cancelled", 130, 0, true, false, false, false},
				"kill":             {func(a *attempt) { a.driver.Write([]byte("k")) }, statusCancelled, "cancelled", 130, 0, true, true, false, false},
				"cancel then kill": {func(a *attempt) { a.driver.Write([]byte("ck")) }, statusCancelled, "cancelled", 130, 0, true, true, false, false},
				"SIGTERM":          {func(a *attempt) { a.signal(syscall.SIGTERM) }, statusInterrupted, "interrupted", 143, 0, false, false, true, false},
				"SIGINT":           {func(a *attempt) { a.signal(syscall.SIGINT) }, statusInterrupted, "interrupted", 143, 0, false, false, true, false},
				"SIGQUIT":          {func(a *attempt) { a.signal(syscall.SIGQUIT) }, statusInterrupted, "interrupted", 143, 0, false, false, true, false},
				"SIGTERM after the cancel object": {func(a *attempt) {
					os.WriteFile(a.store+"/runs/run/cancel", []byte(`{"epoch":3}`), 0o644)
					a.signal(syscall.SIGTERM)
				}, statusCancelled, "cancelled", 130, 0, false, false, true, true},
			} {
				if pid1 && one.needsPipe {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/pid1=%v", name, ending, pid1), func(t *testing.T) {
					t.Parallel()
					a := prepare(t, script(text))
					a.pid1 = pid1
					a.env = []string{"LATTICE_STOP_SECONDS=1"}
					a.spec.Cleanup = &ShellStep{Script: "echo cleaned > cleaned"}
					a.spec.Lease = one.leasing
					if one.timeout > 0 {
						a.spec.TimeoutSeconds = one.timeout
					}
					a.start()
					child, grandchild := a.untilFile("child"), a.untilFile("grandchild")
					a.untilFile("ready")
					if one.stop != nil {
						one.stop(a)
					}
					a.expect(one.status, one.class, one.code)
					if !one.atOnce {
						a.untilFile("cleaned")
						if ending == "obedient" {
							a.untilFile("saved")
						}
					} else if _, err := os.Stat(a.cwd() + "/cleaned"); err == nil && name == "kill" {
						t.Error("cleanup ran although there was no time")
					}
					if !pid1 && (alive(child) || alive(grandchild)) {
						t.Error("a process is left")
					}
				})
			}
		}
	}
}

// The platform's signal and the order to cancel come together: work that takes no notice has the short grace then, not
// the minute that an interrupted task has to save its state.
func TestCancelledWorkHasTheShortGraceAlsoAfterASignal(t *testing.T) {
	for name, stop := range map[string]func(*attempt){
		"order first": func(a *attempt) { a.put("runs/run/cancel", `{"epoch":3}`); a.signal(syscall.SIGTERM) },
		"signal first": func(a *attempt) {
			a.signal(syscall.SIGTERM)
			a.untilFile("term")
			a.put("runs/run/cancel", `{"epoch":3}`)
		},
	} {
		for _, pid1 := range []bool{false, canUnshare()} {
			t.Run(fmt.Sprintf("%s/pid1=%v", name, pid1), func(t *testing.T) {
				t.Parallel()
				a := prepare(t, script(`trap 'echo 1 > term' TERM; echo $$ > started; while :; do sleep 0.02 || :; done`))
				a.pid1, a.spec.Lease = pid1, true
				a.start().untilFile("started")
				begun := time.Now()
				stop(a)
				a.expect(statusCancelled, "cancelled", 130)
				if took := time.Since(begun); took > 30*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}

// signal sends to the entrypoint itself, also through unshare.
func (a *attempt) signal(s syscall.Signal) {
	pid := a.cmd.Process.Pid
	if a.pid1 {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
		if err != nil {
			a.t.Fatal(err)
		}
		pid, _ = strconv.Atoi(strings.TrimSpace(string(children)))
	}
	if err := syscall.Kill(pid, s); err != nil {
		a.t.Error(err)
	}
}

func canUnshare() bool {
	return exec.Command("unshare", "--pid", "--fork", "--mount-proc", "true").Run() == nil
}

// A driver that was killed by SIGKILL closes its end of the pipe: nothing may stay, and no result is written.
func TestDriversDeathLeavesNothing(t *testing.T) {
	for ending, text := range endings {
		t.Run(ending, func(t *testing.T) {
			a := prepare(t, script(text)).start()
			a.untilFile("ready")
			a.untilFile("grandchild")
			a.driver.Close()
			code, result := a.wait()
			if code != 137 || result != nil {
				t.Errorf("exit code %d, result %v", code, result)
			}
			a.untilDead("child", "grandchild", "ready")
			if isFolder(a.work) {
				t.Error("the work folder is left")
			}
		})
	}
}

// The work's own shell dies with an entrypoint that is killed by SIGKILL.
func TestOwnDeathKillsTheWork(t *testing.T) {
	if !isFolder("/proc/self") {
		t.Skip("only Linux can tie a process to its parent")
	}
	a := prepare(t, WorkStep{Kind: "command", Words: []string{"sh", "-c", "echo $$ > ready; exec sleep 1000"}}).start()
	a.untilFile("ready")
	a.cmd.Process.Kill()
	a.cmd.Wait()
	a.untilDead("ready")
}

func TestCancelAndLeaseBeforeTheStart(t *testing.T) {
	for name, one := range map[string]struct {
		key, body     string
		old           bool
		status, class string
		code          int
	}{
		"cancelled":             {"cancel", `{"epoch":3}`, false, statusCancelled, "cancelled", 130},
		"an earlier driver was": {"cancel", `{"epoch":2}`, false, statusSucceeded, "", 0},
		"broken cancel object":  {"cancel", `{`, false, statusSucceeded, "", 0},
		"lease ran out":         {"lease", `{"epoch":3,"ttlSeconds":900}`, true, statusCancelled, "lease", 130},
		"lease holds":           {"lease", `{"epoch":3,"ttlSeconds":900}`, false, statusSucceeded, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			a := prepare(t, script("echo ran > ran"))
			a.spec.Lease = true
			path := a.store + "/runs/run/" + one.key
			os.MkdirAll(filepath.Dir(path), 0o755)
			os.WriteFile(path, []byte(one.body), 0o644)
			if one.old {
				hour := time.Now().Add(-time.Hour)
				os.Chtimes(path, hour, hour)
			}
			a.start().expect(one.status, one.class, one.code)
			if _, err := os.Stat(a.cwd() + "/ran"); (err == nil) != (one.code == 0) {
				t.Error("ran or not against its outcome")
			}
		})
	}
}

// The lease and the cancel object are looked at again while the work runs; what they say by then counts.
func TestCancelAndLeaseWhileTheWorkRuns(t *testing.T) {
	lease := "runs/run/lease"
	age := func(a *attempt) {
		hour := time.Now().Add(-time.Hour)
		os.Chtimes(a.store+"/"+lease, hour, hour)
	}
	for name, one := range map[string]struct {
		change        func(*attempt)
		status, class string
		code          int
	}{
		"cancelled":                        {func(a *attempt) { a.put("runs/run/cancel", `{"epoch":3}`) }, statusCancelled, "cancelled", 130},
		"a later driver was cancelled":     {func(a *attempt) { a.put("runs/run/cancel", `{"epoch":9}`) }, statusCancelled, "cancelled", 130},
		"lease ran out":                    {age, statusCancelled, "lease", 130},
		"an earlier driver was cancelled":  {func(a *attempt) { a.put("runs/run/cancel", `{"epoch":2}`) }, statusSucceeded, "", 0},
		"lease removed":                    {func(a *attempt) { os.Remove(a.store + "/" + lease) }, statusSucceeded, "", 0},
		"lease unreadable and old":         {func(a *attempt) { a.put(lease, `{"ttlSeconds":`); age(a) }, statusSucceeded, "", 0},
		"lease lasts as long as it says":   {func(a *attempt) { a.put(lease, `{"epoch":3,"ttlSeconds":7200}`); age(a) }, statusSucceeded, "", 0},
		"store cannot be reached any more": {func(a *attempt) { age(a); os.Rename(a.store+"/runs", a.store+"/away") }, statusSucceeded, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := prepare(t, script("echo x > ready; for i in $(seq 100); do test -e go && exit 0; sleep 0.1; done; exit 9"))
			a.spec.Lease = true
			a.put(lease, `{"epoch":3,"ttlSeconds":900}`)
			a.start().untilFile("ready")
			one.change(a)
			if one.code == 0 {
				time.Sleep(600 * time.Millisecond) // two looks
				os.Rename(a.store+"/away", a.store+"/runs")
				os.WriteFile(a.cwd()+"/go", nil, 0o644)
			}
			a.expect(one.status, one.class, one.code)
		})
	}
}

// An entrypoint that dies after it has kept files and before its result leaves no result: the attempt is lost, and the
// next one has a place of its own.
func TestDeathBetweenFilesAndResult(t *testing.T) {
	a := prepare(t, script("echo 1 > $LATTICE_FILES/a"))
	a.put("runs/run/results", "a file where the folder of results has to be")
	a.start()
	until(t, "the file is kept", func() bool {
		_, err := os.Stat(a.store + "/" + attemptKey(&a.spec, "files/a"))
		return err == nil
	})
	a.cmd.Process.Kill()
	if code, result := a.wait(); code != -1 || result != nil {
		t.Error(code, result)
	}
	os.Remove(a.store + "/runs/run/results")
	b := prepare(t, script("echo 2 > $LATTICE_FILES/a"))
	b.store, b.spec.Store, b.spec.Attempt = a.store, a.spec.Store, 2
	result := b.start().expect(statusSucceeded, "", 0)
	first, _ := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "files/a"))
	if len(result.Files) != 1 || result.Files[0].SHA256 != sum([]byte("2\n")) || string(first) != "1\n" {
		t.Errorf("%+v %q", result.Files, first)
	}
	if markers, _ := os.ReadDir(a.store + "/runs/run/done"); len(markers) != 1 {
		t.Errorf("%d markers", len(markers))
	}
}

func TestAResultStaysSmall(t *testing.T) {
	a := prepare(t, WorkStep{Kind: "call", File: "code.mjs", Function: "f", Language: "node"})
	os.WriteFile(a.cwd()+"/code.mjs", []byte(`import { symlinkSync } from 'node:fs';
export function f() {
  for (let i = 0; i < 300; i++) symlinkSync('/nowhere', process.env.LATTICE_FILES + '/' + i);
  throw new Error('begin ' + 'x'.repeat(3e6) + ' end');
}`), 0o644)
	result := a.start().expect(statusFailed, "exception", 1)
	if m := result.Error.Message; len(m) > 20_000 || !strings.Contains(m, "begin") || !strings.HasSuffix(m, " end") || len(*result.Error.Traceback) > 20_000 {
		t.Errorf("%d bytes of message", len(m))
	}
	if w := result.Warnings; len(w) != 101 || w[100] != "more warnings are left out" {
		t.Errorf("%d warnings", len(w))
	}
}

func TestFirstResultWins(t *testing.T) {
	a := prepare(t, script("exit 0"))
	path := a.store + "/" + resultKey(&a.spec)
	os.MkdirAll(filepath.Dir(path), 0o755)
	os.WriteFile(path, []byte(`{"status":"failed"}`), 0o644)
	a.start().wait()
	body, _ := os.ReadFile(path)
	markers, _ := os.ReadDir(a.store + "/runs/run/done")
	if string(body) != `{"status":"failed"}` || len(markers) != 0 || !strings.Contains(a.stderr.String(), "the first one counts") {
		t.Errorf("%s %v %s", body, markers, a.stderr.String())
	}
}

func TestSecretsAreNowhere(t *testing.T) {
	a := prepare(t, script(`printf %s "${TOKEN%????}"; sleep 0.05; echo "$TOKEN"; echo "$KEY" >&2; echo "a=$TOKEN" >> $LATTICE_OUTPUT; echo "$TOKEN" >> $LATTICE_SUMMARY; exit 1`))
	a.spec.Secrets = []string{"TOKEN", "KEY", "TINY"}
	a.env = []string{"TOKEN=s3cr3t-value", "KEY=-----BEGIN-----\nfirstline\nsecondline", "TINY=abc"}
	result := a.start().expect(statusFailed, "exit", 1)
	body, _ := os.ReadFile(a.store + "/" + resultKey(&a.spec))
	log, _ := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "log.txt"))
	for _, text := range []string{string(body), string(log), a.stdout.String()} {
		if strings.Contains(text, "s3cr3t-value") || strings.Contains(text, "firstline") || !strings.Contains(text, "***") {
			t.Errorf("%q", text)
		}
	}
	if len(result.Warnings) != 1 || !strings.Contains(result.Warnings[0], "TINY") {
		t.Errorf("%q", result.Warnings)
	}
}

func (a *attempt) put(key, body string) string {
	if a.s3 != nil {
		a.s3.put("bucket/run store/"+key, body)
		return sum([]byte(body))
	}
	path := a.store + "/" + key
	os.MkdirAll(filepath.Dir(path), 0o755)
	os.WriteFile(path, []byte(body), 0o644)
	return sum([]byte(body))
}

func TestNeedsEachInputsAndView(t *testing.T) {
	a := prepare(t, script(`cd $LATTICE_NEEDS; find . -type f | sort > $LATTICE_FILES/needs; cat train/tasks.json > $LATTICE_FILES/tasks; cat $LATTICE_EACH/e > $LATTICE_FILES/each
		cd "$OLDPWD"; cat in/data.txt conf/blob > $LATTICE_FILES/in; echo changed > shared.txt.new; cat src/code > $LATTICE_FILES/code; echo out > out.txt; ls > $LATTICE_FILES/ls`))
	a.put("runs/run/tasks/train/0/1/files/m/model.bin", "model")
	a.put("runs/run/tasks/train/0/1/files/notes.txt", "notes")
	digest := a.put("runs/run/needs/train.json", `{"electron":"train","width":2,"tasks":[{"id":"train[0]","index":0,"matrix":{"k":1.50},"result":"success","outputs":{},"filesAt":"runs/run/tasks/train/0/1/files/","files":[{"path":"m/model.bin","size":5,"sha256":"`+sum([]byte("model"))+`","mode":420},{"path":"notes.txt","size":5,"sha256":"x","mode":420}]},{"id":"train[1]","index":1,"matrix":{},"result":"failure","outputs":{},"filesAt":null,"files":[]}]}`)
	a.spec.Needs = []NeedSpec{{Electron: "train", Document: "runs/run/needs/train.json", SHA256: digest, Files: []string{"m/**"}}}
	a.put("runs/run/tasks/p/1/files/e", "each")
	a.spec.Each = &EachSpec{FilesAt: "runs/run/tasks/p/1/files/", Files: []FileEntry{{Path: "e", Size: 4, SHA256: sum([]byte("each")), Mode: 0o644}}}
	blob := "blobs/" + sum([]byte("blob"))
	a.put(blob, "blob")
	os.MkdirAll(a.cwd()+"/src", 0o755)
	os.MkdirAll(a.cwd()+"/in", 0o755)
	os.WriteFile(a.cwd()+"/src/code", []byte("code"), 0o644)
	os.WriteFile(a.cwd()+"/in/data.txt", []byte("mine"), 0o644)
	source := t.TempDir() + "/source.txt"
	os.WriteFile(source, []byte("data+"), 0o600)
	a.spec.FilesIn = []FileIn{{From: "file://" + source, To: "in/data.txt", SHA256: sum([]byte("data+"))}, {From: "store:" + blob, To: "conf/"}, {From: "file:///nowhere/x", To: "x", Optional: true}}
	a.spec.FilesIn[1].To = "conf/blob"
	a.spec.View = &ViewSpec{List: "runs/run/view.json", SHA256: a.put("runs/run/view.json", `["src/code","in/data.txt"]`)}
	a.spec.FilesOut = []FileOut{{Glob: "out.txt"}}
	result := a.start().expect(statusSucceeded, "", 0)
	kept := func(name string) string {
		body, _ := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "files/"+name))
		return strings.TrimSpace(string(body))
	}
	if kept("needs") != "./train/00/m/model.bin\n./train/tasks.json" || !strings.Contains(kept("tasks"), `"matrix":{"k":1.50}`) || strings.Contains(kept("tasks"), "filesAt") {
		t.Errorf("%q %s", kept("needs"), kept("tasks"))
	}
	if kept("each") != "each" || kept("in") != "data+blob" || kept("code") != "code" || kept("out.txt") != "out" {
		t.Errorf("%+v", result.Files)
	}
	mine, _ := os.ReadFile(a.cwd() + "/in/data.txt")
	if _, err := os.Stat(a.cwd() + "/out.txt"); err == nil || string(mine) != "mine" {
		t.Error("the shared working directory was written to")
	}
}

func TestMissingInputSaysWhich(t *testing.T) {
	a := prepare(t, script("true"))
	a.spec.FilesIn = []FileIn{{From: "file:///nowhere/data.csv", To: "data.csv"}}
	if result := a.start().expect(statusStagingFailed, "stage-in", 1); !strings.Contains(result.Error.Message, "file:///nowhere/data.csv does not exist") {
		t.Error(result.Error.Message)
	}
}

func TestEnvironmentLimit(t *testing.T) {
	long := strings.Repeat("x", limitEnvironmentBytes)
	a := prepare(t, script(`echo "a=${INPUT_BIG-unset}" >> $LATTICE_OUTPUT`))
	a.spec.Inputs = map[string]json.RawMessage{"big": rawText(long)}
	if result := a.start().expect(statusSucceeded, "", 0); string(result.Outputs["a"]) != `"unset"` || len(result.Warnings) != 1 {
		t.Errorf("%q", result.Warnings)
	}
	b := prepare(t, script("true"))
	b.spec.Env = map[string]string{"BIG": long}
	if result := b.start().expect(statusFailed, "spawn", 126); !strings.Contains(result.Error.Message, "`with`") {
		t.Error(result.Error.Message)
	}
}

func TestCheckpointSurvivesInterruptionAndHalfSaves(t *testing.T) {
	a := prepare(t, script(`trap 'echo 2 > $LATTICE_CHECKPOINT/state; exit 1' TERM; echo 1 > $LATTICE_CHECKPOINT/state; echo x > ready; while :; do sleep 0.02; done`))
	a.spec.Checkpoint = &CheckpointSpec{EverySeconds: 0.05, From: []string{"runs/run/tasks/sample/7/0/checkpoint/"}}
	a.start().untilFile("ready")
	prefix := attemptKey(&a.spec, "checkpoint/")
	until(t, "a save by time", func() bool { _, err := os.Stat(a.store + "/" + prefix + "manifest.json"); return err == nil })
	a.signal(syscall.SIGTERM)
	a.expect(statusInterrupted, "interrupted", 143)

	half := "runs/run/tasks/sample/7/2/checkpoint/"
	a.put(half+"1/state", "9") // killed before its manifest was written
	b := prepare(t, script(`echo "state=$(cat $LATTICE_CHECKPOINT/state)" >> $LATTICE_OUTPUT`))
	b.store, b.spec.Store, b.spec.Attempt = a.store, a.spec.Store, 3
	b.spec.Checkpoint = &CheckpointSpec{EverySeconds: 60, From: []string{half, prefix}}
	if result := b.start().expect(statusSucceeded, "", 0); string(result.Outputs["state"]) != `"2"` {
		t.Errorf("%s %q", result.Outputs, result.Warnings)
	}
}

func TestUnreadableFileIsNamedAndTheOthersKept(t *testing.T) {
	a := prepare(t, script("echo 1 > $LATTICE_FILES/a; echo 2 > $LATTICE_FILES/b; chmod 0 $LATTICE_FILES/a"))
	if os.Getuid() == 0 {
		a.user = 65534 // root reads everything
	}
	result := a.start().expect(statusStagingFailed, "stage-out", 1)
	if !strings.Contains(result.Error.Message, "the file a cannot be kept") || !strings.Contains(result.Error.Message, "permission denied") || len(result.Files) != 1 {
		t.Errorf("%+v", result)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscallMount(dir, "size=400k"); err != nil {
		t.Logf("not tested: mounting a small file system needs root on Linux (%v)", err)
		return
	}
	defer syscallUnmount(dir)
	a := prepare(t, script("head -c 1000000 /dev/zero > $LATTICE_FILES/big; echo small > $LATTICE_FILES/small"))
	a.store, a.spec.Store = dir, "file://"+dir
	result := a.start().expect(statusStagingFailed, "stage-out", 1)
	if !strings.Contains(result.Error.Message, "the file big cannot be kept") || !strings.Contains(result.Error.Message, "the disk of the store is full") || len(result.Files) != 1 {
		t.Errorf("%+v", result)
	}
	b := prepare(t, script("true"))
	b.store, b.spec.Store, b.spec.Attempt = dir, "file://"+dir, 2
	b.spec.Work = script("head -c 1000000 /dev/zero > " + dir + "/filler || true; echo filled > ready")
	if code, result := b.run(); code != exitNoResult || result != nil || !strings.Contains(b.stderr.String(), "could not save its result") || !strings.Contains(b.stderr.String(), "the disk of the store is full") {
		t.Errorf("%d %v %s", code, result, b.stderr.String())
	}
}

func TestOutOfMemory(t *testing.T) {
	group, err := memoryGroup(32 << 20)
	if err != nil {
		t.Logf("not tested: control groups cannot be made here (%v)", err)
		return
	}
	defer os.Remove(group)
	a := prepare(t, WorkStep{Kind: "command", Words: []string{"python3", "-c", "b = b'x' * (300 << 20)"}})
	wrapper := t.TempDir() + "/wrapper"
	os.WriteFile(wrapper, []byte("#!/bin/sh\necho $$ > "+group+"/cgroup.procs\nexec "+binary+"\n"), 0o755)
	real := binary
	binary = wrapper
	a.start()
	binary = real
	a.expect(statusFailed, "oom", 137)
}

func TestCalls(t *testing.T) {
	python := `import asyncio
def add(a, b=2):
    return {"sum": a + b, "parts": (a, b)}
async def later():
    await asyncio.sleep(0)
    return [1, None, "x"]
def broken():
    raise ValueError("no luck")
class Odd: pass
def odd(): return {"deep": [1, Odd()]}
def nan(): return {"loss": float("nan")}
class Scalar:
    def item(self): return 2.5
def scalar(): return Scalar()
`
	node := `export const add = async ({ a, b = 2 }) => ({ sum: a + b, parts: [a, b] });
export const later = async () => [1, null, 'x'];
export function broken() { throw new RangeError('no luck'); }
export const odd = () => ({ deep: [1, new Map()] });
export const nan = () => ({ loss: NaN });
export const nothing = () => undefined;
`
	for _, one := range []struct {
		language, function, inputs, class, want string
	}{
		{"python", "add", `{"a":1}`, "", `{"parts":[1,2],"result":{"sum":3,"parts":[1,2]},"sum":3}`},
		{"python", "later", `{}`, "", `{"result":[1,null,"x"]}`},
		{"python", "scalar", `{}`, "", `{"result":2.5}`},
		{"python", "broken", `{}`, "exception", "ValueError: no luck"},
		{"python", "odd", `{}`, "output", "['deep'][1] is of type code.Odd"},
		{"python", "nan", `{}`, "output", "['loss'] is nan"},
		{"python", "missing", `{}`, "exception", "has no function missing; it has: Odd, Scalar, add"},
		{"python", "add", `{"c":1}`, "exception", "missing a required argument: 'a'; `with` gives: c"},
		{"node", "add", `{"a":1}`, "", `{"parts":[1,2],"result":{"sum":3,"parts":[1,2]},"sum":3}`},
		{"node", "later", `{}`, "", `{"result":[1,null,"x"]}`},
		{"node", "nothing", `{}`, "", `{"result":null}`},
		{"node", "broken", `{}`, "exception", "RangeError: no luck"},
		{"node", "odd", `{}`, "output", "deep[1] is of type Map"},
		{"node", "nan", `{}`, "output", "loss is NaN"},
		{"node", "missing", `{}`, "exception", "has no function missing; it has: add, broken"},
	} {
		t.Run(one.language+"/"+one.function, func(t *testing.T) {
			file := map[string]string{"python": "code.py", "node": "code.mjs"}[one.language]
			a := prepare(t, WorkStep{Kind: "call", File: file, Function: one.function, Language: one.language})
			os.WriteFile(a.cwd()+"/code.py", []byte(python), 0o644)
			os.WriteFile(a.cwd()+"/code.mjs", []byte(node), 0o644)
			json.Unmarshal([]byte(one.inputs), &a.spec.Inputs)
			if one.class == "" {
				result := a.start().expect(statusSucceeded, "", 0)
				got, _ := marshal(result.Outputs)
				if string(bytes.ReplaceAll(got, []byte(" "), nil)) != one.want {
					t.Errorf("%s", got)
				}
				return
			}
			result := a.start().expect(statusFailed, one.class, 1)
			if !strings.Contains(result.Error.Message, one.want) {
				t.Errorf("%q", result.Error.Message)
			}
			if one.function == "broken" && (result.Error.Traceback == nil || !strings.Contains(*result.Error.Traceback, file) || strings.Contains(*result.Error.Traceback, "<string>") || strings.Contains(*result.Error.Traceback, "[eval")) {
				t.Errorf("%v", result.Error.Traceback)
			}
		})
	}
}

func TestSaysWhatIsWrongWithTheSpecInOneLine(t *testing.T) {
	cmd := exec.Command(binary)
	cmd.Env = []string{"LATTICE_SPEC=file:///nowhere/spec.json"}
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitBadSpec || strings.Count(string(out), "\n") != 1 || !strings.Contains(string(out), "cannot read the spec") {
		t.Errorf("%s", out)
	}
	if out, err := exec.Command(binary, "version").Output(); err != nil || !strings.Contains(string(out), "contract 1 ") {
		t.Errorf("%s %v", out, err)
	}
}
