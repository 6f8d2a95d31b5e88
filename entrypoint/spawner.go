package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Spawner is the other role of this program, `entrypoint spawn`: it starts attempts for a driver on the same machine. A
// driver is a large Node process, and Node starts a process by a fork that copies its page tables and blocks it until the
// child has replaced itself: 5.4 of 10.7 seconds of a run of 1,000 tasks that do nothing. This process is small, and Go
// starts a program by vfork, which copies nothing.
//
// It hangs on its driver as attempts hang on it: at the end of its stdin it ends, whereby the pipes of its attempts close.
// Requests are lines of JSON on stdin, as secrets are among them. What becomes of them are frames on stdout.
type Spawner struct {
	program  string
	base     []variable
	null     int
	out      *frames
	mu       sync.Mutex // guards all below, and is held over a start, so that no end is met before its beginning is known
	attempts map[uint32]*attemptProcess
	pids     map[int]*attemptProcess
}

// spawnRequest is one line of a driver. The first gives Program and Environment; the others an ID and what to do with it.
type spawnRequest struct {
	Program     string   `json:"program"`
	Environment []string `json:"environment"`
	ID          uint32   `json:"id"`
	Launch      []string `json:"launch"` // variables beside those of the first line
	Word        string   `json:"word"`   // for the attempt's pipe: c or k
	Kill        bool     `json:"kill"`   // by SIGKILL
}

type variable struct{ name, entry string }

// attemptProcess is one started entrypoint.
type attemptProcess struct {
	id      uint32
	pid     int
	hold    int // the end of its pipe that we hold; -1 once it has ended
	log     *os.File
	drained bool
	status  *syscall.WaitStatus // nil while it runs
	late    *time.Timer
}

// drainTime is for output that is still on its way when an attempt has ended: somebody else may hold its pipe.
const drainTime = 500 * time.Millisecond

func newSpawner(out int) (*Spawner, error) {
	null, err := syscall.Open("/dev/null", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	s := &Spawner{null: null, out: newFrames(out), attempts: map[uint32]*attemptProcess{}, pids: map[int]*attemptProcess{}}
	return s, err
}

// spawn is the whole life of a spawner; it gives its exit code.
func spawn() int {
	s, err := newSpawner(1)
	if err != nil {
		complain("cannot open /dev/null: " + err.Error())
		return exitInternal
	}
	ended := make(chan os.Signal, 1) // one that waits stands for all that have ended
	signal.Notify(ended, syscall.SIGCHLD)
	go s.reap(ended)
	lines := bufio.NewReaderSize(os.Stdin, 64<<10)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return 0 // the driver is done, or dead
		}
		var request spawnRequest
		if err := json.Unmarshal(line, &request); err != nil {
			complain("a request is not understood: " + err.Error())
			return exitInternal
		}
		s.answer(request)
	}
}

func (s *Spawner) answer(request spawnRequest) {
	switch {
	case request.Program != "":
		s.program = request.Program
		for _, entry := range request.Environment {
			name, _, _ := strings.Cut(entry, "=")
			s.base = append(s.base, variable{name, entry})
		}
	case request.Launch != nil:
		if err := s.launch(request.ID, request.Launch); err != nil {
			s.out.sayFailed(request.ID, err)
		}
	case request.Kill:
		s.with(request.ID, func(a *attemptProcess) { syscall.Kill(a.pid, syscall.SIGKILL) })
	case request.Word != "":
		s.with(request.ID, func(a *attemptProcess) { syscall.Write(a.hold, []byte(request.Word)) })
	}
}

// with does something to an attempt that still runs: its number is nobody else's, as it is reaped under the same lock.
func (s *Spawner) with(id uint32, action func(*attemptProcess)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.attempts[id]; a != nil && a.status == nil {
		action(a)
	}
}

// environment lays variables over those of the first line.
func (s *Spawner) environment(own []string) []string {
	names := make(map[string]bool, len(own))
	for _, entry := range own {
		name, _, _ := strings.Cut(entry, "=")
		names[name] = true
	}
	all := make([]string, 0, len(s.base)+len(own))
	for _, v := range s.base {
		if !names[v.name] {
			all = append(all, v.entry)
		}
	}
	return append(all, own...)
}

// launch starts one attempt: leader of a session of its own, one pipe that it hangs on, one for all that it says.
func (s *Spawner) launch(id uint32, own []string) error {
	var hold, log [2]int
	if err := closedPipe(&hold); err != nil {
		return err
	}
	if err := closedPipe(&log); err != nil {
		closeAll(hold[:])
		return err
	}
	s.mu.Lock()
	pid, err := syscall.ForkExec(s.program, []string{s.program}, &syscall.ProcAttr{
		Env:   s.environment(own),
		Files: []uintptr{uintptr(s.null), uintptr(log[1]), uintptr(log[1]), uintptr(hold[0])},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	closeAll([]int{hold[0], log[1]})
	if err != nil {
		s.mu.Unlock()
		closeAll([]int{hold[1], log[0]})
		return err
	}
	syscall.SetNonblock(log[0], true)
	a := &attemptProcess{id: id, pid: pid, hold: hold[1], log: os.NewFile(uintptr(log[0]), "log")}
	s.attempts[id], s.pids[pid] = a, a
	s.mu.Unlock()
	s.out.sayStarted(id, pid)
	go s.pump(a)
	return nil
}

// closedPipe makes a pipe that no program inherits. Only one goroutine here starts programs, so none can come between.
func closedPipe(ends *[2]int) error {
	if err := syscall.Pipe(ends[:]); err != nil {
		return err
	}
	syscall.CloseOnExec(ends[0])
	syscall.CloseOnExec(ends[1])
	return nil
}

func closeAll(descriptors []int) {
	for _, fd := range descriptors {
		syscall.Close(fd)
	}
}

var logBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// pump passes on what an attempt says. A slow driver makes it wait, never the work: the attempt's own console then leaves
// something out, with a note.
func (s *Spawner) pump(a *attemptProcess) {
	buffer := logBuffers.Get().(*[32 << 10]byte)
	for {
		n, err := a.log.Read(buffer[:])
		if n > 0 {
			s.out.sayLog(a.id, buffer[:n])
		}
		if err != nil {
			break
		}
	}
	logBuffers.Put(buffer)
	a.log.Close()
	s.mu.Lock()
	a.drained = true
	s.mu.Unlock()
	s.conclude(a)
}

// reap owns the statuses of all attempts.
func (s *Spawner) reap(ended <-chan os.Signal) {
	for range ended {
		for s.reapOne() {
		}
	}
}

// reapOne takes one status, under the lock, so that no signal goes to a number that is somebody else's by now.
func (s *Spawner) reapOne() bool {
	s.mu.Lock()
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	if err != nil || pid <= 0 {
		s.mu.Unlock()
		return err == syscall.EINTR
	}
	a := s.pids[pid]
	if a == nil {
		s.mu.Unlock()
		return true
	}
	// What is left of its group has nobody to end it.
	syscall.Kill(-pid, syscall.SIGKILL)
	delete(s.pids, pid)
	syscall.Close(a.hold)
	a.hold, a.status = -1, &status
	if !a.drained {
		a.late = time.AfterFunc(drainTime, func() { a.log.SetReadDeadline(time.Now()) })
	}
	s.mu.Unlock()
	s.conclude(a)
	return true
}

// conclude tells the end of an attempt once it has ended and all it said was told.
func (s *Spawner) conclude(a *attemptProcess) {
	s.mu.Lock()
	over := a.drained && a.status != nil && s.attempts[a.id] == a
	if over {
		delete(s.attempts, a.id)
		if a.late != nil {
			a.late.Stop()
		}
	}
	s.mu.Unlock()
	if over {
		s.out.sayEnded(a.id, *a.status)
	}
}

// frames is the way back to the driver: length of the body, number of the attempt (both 32 bits, little-endian), a letter,
// the body. Whoever has something to say writes all that waits, so that what is said meanwhile goes in one call.
type frames struct {
	out     int
	mu      sync.Mutex
	room    *sync.Cond
	waiting []byte
	spare   []byte
	writing bool
}

const (
	frameStarted = 's' // the process id
	frameLog     = 'l' // bytes as they were said
	frameEnded   = 'e' // {"exitCode": …, "signal": …}
	frameFailed  = 'f' // {"code": "ENOENT", "message": …}: it could not be started
)

// framesWaiting is how much may wait for a driver that does not read, beside the few bytes of starts and ends.
const framesWaiting = 1 << 20

func newFrames(out int) *frames {
	f := &frames{out: out}
	f.room = sync.NewCond(&f.mu)
	return f
}

func (f *frames) say(kind byte, id uint32, body []byte) {
	f.mu.Lock()
	for kind == frameLog && len(f.waiting) > framesWaiting {
		f.room.Wait()
	}
	length := uint32(len(body))
	f.waiting = append(f.waiting, byte(length), byte(length>>8), byte(length>>16), byte(length>>24), byte(id), byte(id>>8), byte(id>>16), byte(id>>24), kind)
	f.waiting = append(f.waiting, body...)
	if f.writing {
		f.mu.Unlock()
		return
	}
	if f.write(); len(f.waiting) > 0 {
		f.writing = true
		go f.flush() // the others' words: whoever takes requests must not be kept by them
	}
	f.mu.Unlock()
}

func (f *frames) flush() {
	f.mu.Lock()
	for len(f.waiting) > 0 {
		f.write()
	}
	f.writing = false
	f.mu.Unlock()
}

// write writes what waits, without the lock.
func (f *frames) write() {
	data := f.waiting
	f.waiting, f.spare, f.writing = f.spare[:0], nil, true
	f.mu.Unlock()
	err := writeAll(f.out, data)
	f.mu.Lock()
	f.spare, f.writing = data, false
	f.room.Broadcast()
	if err != nil {
		os.Exit(exitInternal) // nobody listens any more: the driver is dead
	}
}

func (f *frames) sayLog(id uint32, data []byte) { f.say(frameLog, id, data) }

func (f *frames) sayStarted(id uint32, pid int) { f.sayJSON(frameStarted, id, pid) }

func (f *frames) sayEnded(id uint32, status syscall.WaitStatus) {
	var end struct {
		ExitCode *int    `json:"exitCode"`
		Signal   *string `json:"signal"`
	}
	if status.Signaled() {
		name := signalName(status.Signal())
		end.Signal = &name
	} else {
		code := status.ExitStatus()
		end.ExitCode = &code
	}
	f.sayJSON(frameEnded, id, end)
}

var errnoNames = map[syscall.Errno]string{
	syscall.E2BIG: "E2BIG", syscall.EACCES: "EACCES", syscall.EAGAIN: "EAGAIN", syscall.EINVAL: "EINVAL", syscall.EMFILE: "EMFILE", syscall.ENFILE: "ENFILE",
	syscall.ENOENT: "ENOENT", syscall.ENOEXEC: "ENOEXEC", syscall.ENOMEM: "ENOMEM", syscall.ENOTDIR: "ENOTDIR", syscall.EPERM: "EPERM", syscall.ETXTBSY: "ETXTBSY",
}

func (f *frames) sayFailed(id uint32, err error) {
	var code syscall.Errno
	errors.As(err, &code)
	f.sayJSON(frameFailed, id, map[string]string{"code": errnoNames[code], "message": err.Error()})
}

func (f *frames) sayJSON(kind byte, id uint32, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // numbers and texts alone
	}
	f.say(kind, id, text)
}
