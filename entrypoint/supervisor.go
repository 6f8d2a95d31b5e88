package main

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// cause is why the work is made to end before it does so by itself.
type cause int

const (
	causeNone cause = iota
	causeTimeout
	causeCancel
	causeLease
	causeInterrupt
)

// Supervisor starts the steps of a task one after another and owns the status of every process below it: nothing else in
// this program waits for a process. All ways to end the work early come together here.
type Supervisor struct {
	mu      sync.Mutex
	group   int   // process group of the step under way; 0 between steps
	groups  []int // all that were started
	cause   cause // the first one wins
	settled bool  // the work has ended by itself: its outcome is no longer changed
	killed  bool  // no grace and no cleanup any more
	gone    bool  // nobody waits for a result: nothing is started or written any more
	hurried bool  // a signal has come from outside: the time for saving is limited
	halt    context.CancelFunc
	halting context.Context // done as soon as there is a cause, or the task is killed
	abort   context.CancelFunc
	killing context.Context // done when the task is killed
	signal  chan struct{}   // closed when a signal has come from outside
	endSave context.CancelFunc
	saving  context.Context // done when the task is killed, or the time that an interruption leaves is nearly over
}

func newSupervisor() *Supervisor {
	s := &Supervisor{signal: make(chan struct{})}
	s.killing, s.abort = context.WithCancel(context.Background())
	s.halting, s.halt = context.WithCancel(s.killing)
	s.saving, s.endSave = context.WithCancel(s.killing)
	return s
}

// The time between SIGTERM and SIGKILL. Tests are built with a shorter one for work that nobody wants.
var (
	shortGrace = "10s"
	longGrace  = "60s" // of the 90 that saveBy leaves
)

// grace is the time between SIGTERM and SIGKILL.
func grace(why cause) time.Duration {
	if seconds := stopSeconds(); seconds > 0 {
		return seconds
	}
	if why == causeInterrupt {
		return seconds(longGrace)
	}
	return seconds(shortGrace)
}

// saveBy is the time from a signal from outside to the writing of the result, whatever could be saved by then: the
// platform's SIGKILL comes 120 seconds after its SIGTERM, and without a result all was in vain.
func saveBy() time.Duration {
	if seconds := stopSeconds(); seconds > 0 {
		return seconds * 3 / 2
	}
	return 90 * time.Second
}

// stop asks the work to end: SIGTERM to its group, SIGKILL after the grace. That somebody wants no more of the task counts
// also when the platform's signal was here first, and leaves only the time that a cancelled task has.
func (s *Supervisor) stop(why cause) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if why == causeInterrupt && !s.hurried {
		s.hurried = true
		close(s.signal)
		time.AfterFunc(saveBy(), s.endSave)
	}
	unwanted := s.cause == causeInterrupt && (why == causeCancel || why == causeLease)
	if s.settled || s.cause != causeNone && !unwanted {
		return
	}
	s.cause = why
	s.halt()
	if group := s.group; group != 0 {
		if !unwanted {
			syscall.Kill(-group, syscall.SIGTERM)
		}
		s.killLater(group, grace(why))
	}
}

func (s *Supervisor) killLater(group int, after time.Duration) *time.Timer {
	return time.AfterFunc(after, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.group == group {
			syscall.Kill(-group, syscall.SIGKILL)
		}
	})
}

// kill ends everything at once; the result still says what was.
func (s *Supervisor) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == causeNone && !s.settled {
		s.cause = causeCancel
	}
	s.killed = true
	s.abort()
	s.killGroups()
}

// abandon ends everything because the driver is gone: no process stays, nothing more is written.
func (s *Supervisor) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock() // never reached: this ends with the program, and the lock keeps a step from being started
	s.killed, s.gone = true, true
	s.abort()
	s.killGroups()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		if left := descendants(); len(left) == 0 {
			return
		} else {
			for _, pid := range left {
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *Supervisor) killGroups() {
	for _, group := range s.groups {
		syscall.Kill(-group, syscall.SIGKILL)
	}
}

// settle closes the books on the work and tells what made it end.
func (s *Supervisor) settle() cause {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settled = true
	return s.cause
}

func (s *Supervisor) isHurried() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hurried
}

func (s *Supervisor) isKilled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed
}

// leaveIfGone never returns once nobody waits for a result; the goroutine that has found out ends the program.
func (s *Supervisor) leaveIfGone() {
	s.mu.Lock()
	gone := s.gone
	s.mu.Unlock()
	if gone {
		select {}
	}
}

var errStopped = errors.New("stopped before it could start")

// step is one program of a task.
type step struct {
	program string
	argv    []string
	env     []string
	dir     string
	output  uintptr // gets stdout and stderr, so that lines keep their order
	input   uintptr
	cleanup bool          // runs although the work was stopped
	limit   time.Duration // SIGKILL after it; 0: none
}

// run runs one step to its end.
func (s *Supervisor) run(what step) (syscall.WaitStatus, error) {
	// The kernel sends the step's death signal when the thread that started it ends: this one stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	s.mu.Lock()
	if s.killed || s.cause != causeNone && !what.cleanup {
		s.mu.Unlock()
		s.leaveIfGone()
		return 0, errStopped
	}
	leader, err := syscall.ForkExec(what.program, what.argv, &syscall.ProcAttr{
		Dir: what.dir, Env: what.env, Files: []uintptr{what.input, what.output, what.output}, Sys: workAttributes(),
	})
	if err != nil {
		s.mu.Unlock()
		return 0, err
	}
	s.group = leader
	s.groups = append(s.groups, leader)
	s.mu.Unlock()

	if what.limit > 0 {
		defer s.killLater(leader, what.limit).Stop()
	}
	var status syscall.WaitStatus
	for {
		var other syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &other, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			s.leaveIfGone()
			return 0, err
		}
		if pid == leader && !other.Stopped() {
			status = other
			break
		}
	}
	s.mu.Lock()
	stopped := s.cause != causeNone || s.killed
	s.mu.Unlock()
	if stopped && !what.cleanup {
		s.waitForGroup(leader)
	}
	s.mu.Lock()
	s.group = 0
	s.mu.Unlock()
	s.leaveIfGone()
	return status, nil
}

// waitForGroup gives the rest of a stopped group its grace too: a shell is gone at SIGTERM while the program it had
// started still saves its state.
func (s *Supervisor) waitForGroup(group int) {
	for end := time.Now().Add(grace(causeInterrupt) + 2*time.Second); time.Now().Before(end); {
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 && err != syscall.EINTR {
				break
			}
		}
		if syscall.Kill(-group, 0) == syscall.ESRCH {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// sweep ends whatever the steps have left running and reaps it.
func (s *Supervisor) sweep() {
	s.mu.Lock()
	s.killGroups()
	s.mu.Unlock()
	pause := 200 * time.Microsecond
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid > 0 || err == syscall.EINTR {
			continue
		}
		if err != nil {
			return // ECHILD: orphans come to us, so without children there are no descendants
		}
		for _, pid := range descendants() {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(pause)
		pause = min(2*pause, 20*time.Millisecond)
	}
}
