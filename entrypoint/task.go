package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"
)

// stagingLimit bounds what is copied before the work, and after it.
const stagingLimit = 15 * time.Minute

// Task is one attempt on its way from spec to result.
type Task struct {
	spec       *WorkSpec
	store      Store
	supervisor *Supervisor
	folder     *workFolder
	redactor   *Redactor
	log        *Log
	console    *Console
	dir        string
	env        []string
	input      int
	output     *os.File
	oomBefore  int64
	checkpoint *checkpointer
	mu         sync.Mutex // guards the warnings
	result     Result
	exitCode   int
}

func newTask(spec *WorkSpec, store Store, supervisor *Supervisor, folder *workFolder, started time.Time) *Task {
	t := &Task{spec: spec, store: store, supervisor: supervisor, folder: folder, console: newConsole(1)}
	t.result = Result{
		Version: contractVersion, RunID: spec.RunID, Task: spec.Task, Attempt: spec.Attempt, Epoch: spec.Epoch, Fingerprint: spec.Fingerprint,
		Outputs: map[string]json.RawMessage{}, Files: []FileEntry{}, JUnit: []string{}, Warnings: []string{},
		Times: Times{Started: started.UnixMilli()},
	}
	var secrets []string
	for _, name := range spec.Secrets {
		value := os.Getenv(name)
		if trimmed := strings.TrimSpace(value); trimmed != "" && len(trimmed) < secretMinimum {
			t.warn("the secret %s is shorter than %d characters: it is not redacted", name, secretMinimum)
		}
		secrets = append(secrets, value)
	}
	t.redactor = newRedactor(secrets)
	return t
}

// run is the life of an attempt; it gives the exit code of the program.
func (t *Task) run() int {
	t.guarded(t.work)
	t.supervisor.leaveIfGone()
	saved := t.save()
	t.folder.remove()
	t.console.finish()
	if !saved {
		return exitNoResult
	}
	return t.exitCode
}

// guarded turns a bug of ours into a result that says so, and leaves no process behind.
func (t *Task) guarded(action func()) {
	defer func() {
		if bug := recover(); bug != nil {
			t.supervisor.kill()
			t.supervisor.sweep()
			trace := string(debug.Stack())
			t.end(statusInternalError, exitInternal, "internal", fmt.Sprintf("the entrypoint %s has a bug, please report it: %v", version, bug))
			t.result.Error.Traceback = &trace
		}
	}()
	action()
}

// work runs everything up to the end of the processes, and leaves the outcome in the result.
func (t *Task) work() {
	logPath, local := t.store.LocalPath(attemptKey(t.spec, "log.txt"))
	if err := t.folder.make(); err != nil {
		t.end(statusStagingFailed, exitFailed, "stage-in", fmt.Sprintf("the work folder cannot be made: %v; LATTICE_WORK_DIR names another place", err))
		return
	}
	if !local {
		logPath = t.folder.path + "/log.txt"
	}
	t.log = newLog(logPath, t.redactor, t.console, logLimit)
	if t.spec.Lease {
		watcher := &watcher{spec: t.spec, store: t.store, supervisor: t.supervisor}
		watcher.look(seconds(hurriedLimit))
		go watcher.run()
	}
	pipe, err := t.stageIn()
	now := time.Now().UnixMilli()
	if err != nil {
		if t.endedByCause(t.supervisor.settle()) {
			return
		}
		var spawn spawnError
		if errors.As(err, &spawn) {
			t.end(statusFailed, spawn.code, "spawn", spawn.message)
			return
		}
		t.end(statusStagingFailed, exitFailed, "stage-in", err.Error())
		return
	}
	t.result.Times.StagedIn = &now
	t.steps()
	t.supervisor.sweep()
	t.output.Close()
	t.log.drain(pipe)
	pipe.Close()
}

// stageIn puts everything in place and opens the pipe that takes the work's words.
func (t *Task) stageIn() (*os.File, error) {
	ctx, cancel := context.WithTimeout(t.supervisor.halting, stagingLimit)
	defer cancel()
	if err := t.stage(ctx); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("putting the inputs in place took longer than %v: %w", stagingLimit, err)
		}
		return nil, err
	}
	deadline := time.Now().Add(t.timeout())
	if err := t.environment(deadline); err != nil {
		return nil, spawnError{err.Error(), exitSpawn - 1}
	}
	t.oomBefore = oomKills()
	var err error
	if t.input, err = syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0); err != nil {
		t.input = 0
	}
	pipe, output, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	t.output = output
	go t.log.pump(pipe)
	return pipe, nil
}

func (t *Task) timeout() time.Duration {
	if t.spec.TimeoutSeconds <= 0 {
		return 360 * time.Minute
	}
	return time.Duration(t.spec.TimeoutSeconds * float64(time.Second))
}

// steps runs setup, work and cleanup.
func (t *Task) steps() {
	timer := time.AfterFunc(t.timeout(), func() { t.supervisor.stop(causeTimeout) })
	if t.checkpoint != nil {
		t.checkpoint.start()
	}
	started := time.Now().UnixMilli()
	ready := true
	if t.spec.Setup != nil {
		what, err := t.shellStep("setup", ".sh", t.spec.Setup.Script, t.spec.Setup.Shell)
		status, err := t.start(what, err)
		ready = err == nil && status.Exited() && status.ExitStatus() == 0
		if !ready {
			t.judge(what, status, err, t.supervisor.settle(), "setup")
		}
	}
	if ready {
		t.result.Times.WorkStarted = &started
		if t.spec.Setup != nil {
			now := time.Now().UnixMilli()
			t.result.Times.WorkStarted = &now
		}
		what, err := t.workStep()
		status, err := t.start(what, err)
		t.judge(what, status, err, t.supervisor.settle(), "")
		now := time.Now().UnixMilli()
		t.result.Times.WorkEnded = &now
	}
	timer.Stop()
	if t.checkpoint != nil {
		t.checkpoint.stop()
	}
	t.collectUsage() // before the cleanup, which is not the work
	if t.spec.Cleanup != nil && !t.supervisor.isKilled() {
		what, err := t.shellStep("cleanup", ".sh", t.spec.Cleanup.Script, t.spec.Cleanup.Shell)
		what.cleanup, what.limit = true, cleanupLimit
		if t.supervisor.isHurried() {
			what.limit = min(cleanupLimit, grace(causeCancel))
		}
		status, err := t.start(what, err)
		if err != nil && !errors.Is(err, errStopped) {
			t.warn("cleanup could not run: %v", err)
		} else if err == nil && status != 0 {
			t.warn("cleanup ended with %s", describe(status))
		}
	}
}

func (t *Task) start(what step, err error) (syscall.WaitStatus, error) {
	if err != nil {
		return 0, err
	}
	status, err := t.supervisor.run(what)
	if err != nil && !errors.Is(err, errStopped) {
		return status, t.explainSpawn(what, err)
	}
	return status, err
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return "signal " + signalName(status.Signal())
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}

// judge turns the end of setup or work into an outcome.
func (t *Task) judge(what step, status syscall.WaitStatus, err error, why cause, phase string) {
	ran := err == nil
	if ran && status.Exited() {
		code := status.ExitStatus()
		t.result.ExitCode = &code
	} else if ran {
		name := signalName(status.Signal())
		t.result.Signal = &name
	}
	if t.endedByCause(why) {
		return
	}
	if !ran {
		var spawn spawnError
		if errors.As(err, &spawn) {
			t.end(statusFailed, spawn.code, "spawn", spawn.message)
		} else {
			t.end(statusStagingFailed, exitFailed, "stage-in", fmt.Sprintf("the script cannot be written: %v", err))
		}
		return
	}
	code := status.ExitStatus()
	if status.Signaled() {
		code = 128 + int(status.Signal())
	}
	subject := "the work"
	if phase == "setup" {
		subject = "setup"
	}
	switch {
	case code == 0:
		t.end(statusSucceeded, 0, "", "")
	case code == 128+int(syscall.SIGKILL) && oomKills() > t.oomBefore && t.oomBefore >= 0:
		t.end(statusFailed, code, "oom", subject+" used more memory than it was given and was killed: give it more `memory`, or let it use less")
	case phase == "setup":
		t.end(statusFailed, code, "setup", "setup ended with "+describe(status))
	case status.Signaled():
		t.end(statusFailed, code, "signal", "the work was ended by "+signalName(status.Signal()))
	default:
		t.end(statusFailed, code, "exit", "the work ended with "+describe(status))
	}
}

// endedByCause sets the outcome of work that did not end by itself, whatever its exit code.
func (t *Task) endedByCause(why cause) bool {
	if why == causeInterrupt && t.spec.Lease {
		ctx, cancel := context.WithTimeout(background, seconds(hurriedLimit))
		if cancelled(ctx, t.spec, t.store) {
			why = causeCancel // the platform's SIGTERM came before our look at the cancel object
		}
		cancel()
	}
	switch why {
	case causeTimeout:
		t.end(statusTimedOut, exitTimeout, "timeout", fmt.Sprintf("stopped after %s: `timeout-minutes` is over", durationText(t.timeout())))
	case causeCancel:
		t.end(statusCancelled, exitCancelled, "cancelled", "cancelled")
	case causeLease:
		t.end(statusCancelled, exitCancelled, "lease", "stopped: the driver of this run has not renewed its lease")
	case causeInterrupt:
		t.end(statusInterrupted, exitInterrupted, "interrupted", "stopped by a signal from outside")
	default:
		return false
	}
	return true
}

func durationText(d time.Duration) string {
	if d >= time.Minute && d%time.Minute == 0 {
		return counted(float64(d/time.Minute), "minute")
	}
	return counted(d.Seconds(), "second")
}

func counted(count float64, unit string) string {
	if count == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%g %ss", count, unit)
}

// end sets the outcome.
func (t *Task) end(status string, code int, class, message string) {
	t.result.Status, t.exitCode, t.result.Error = status, code, nil
	if class != "" {
		t.result.Error = &TaskError{Class: class, Message: shortened(message, limitTextBytes)}
	}
}

func (t *Task) warn(format string, arguments ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch count := len(t.result.Warnings); {
	case count < limitWarnings:
		t.result.Warnings = append(t.result.Warnings, shortened(fmt.Sprintf(format, arguments...), limitTextBytes))
	case count == limitWarnings:
		t.result.Warnings = append(t.result.Warnings, "more warnings are left out")
	}
}

func (t *Task) collectUsage() {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage) != nil {
		return
	}
	t.result.Usage = Usage{
		MaxRSSBytes: usage.Maxrss * maxRSSUnit,
		CPUSeconds:  float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6,
	}
}

func signalName(s syscall.Signal) string {
	names := map[syscall.Signal]string{
		syscall.SIGABRT: "SIGABRT", syscall.SIGALRM: "SIGALRM", syscall.SIGBUS: "SIGBUS", syscall.SIGFPE: "SIGFPE", syscall.SIGHUP: "SIGHUP",
		syscall.SIGILL: "SIGILL", syscall.SIGINT: "SIGINT", syscall.SIGKILL: "SIGKILL", syscall.SIGPIPE: "SIGPIPE", syscall.SIGQUIT: "SIGQUIT",
		syscall.SIGSEGV: "SIGSEGV", syscall.SIGSYS: "SIGSYS", syscall.SIGTERM: "SIGTERM", syscall.SIGTRAP: "SIGTRAP", syscall.SIGUSR1: "SIGUSR1",
		syscall.SIGUSR2: "SIGUSR2", syscall.SIGXCPU: "SIGXCPU", syscall.SIGXFSZ: "SIGXFSZ",
	}
	if name, ok := names[s]; ok {
		return name
	}
	return fmt.Sprintf("signal %d", int(s))
}
