// Command entrypoint runs one attempt of one task: it puts the inputs in place, runs the work, keeps what came of it and
// writes the result. docs/contract.md tells what the work sees.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// version is that of the program; contractVersion is what the driver goes by.
const version = "0.1.0"

// Exit codes of our own, beside those of the work. 70, 74 and 78 are those of sysexits.h.
const (
	exitFailed      = 1
	exitInternal    = 70
	exitNoResult    = 74
	exitBadSpec     = 78
	exitTimeout     = 124
	exitSpawn       = 127
	exitCancelled   = 130
	exitInterrupted = 143
)

var background = context.Background()

func main() {
	started := time.Now()
	address := os.Getenv("LATTICE_SPEC")
	if address == "" {
		if len(os.Args) == 2 && (os.Args[1] == "version" || os.Args[1] == "--version") {
			fmt.Printf("lattice-entrypoint %s contract %d %s/%s\n", version, contractVersion, runtime.GOOS, runtime.GOARCH)
			return
		}
		if len(os.Args) == 2 && os.Args[1] == "spawn" {
			os.Exit(spawn())
		}
		complain("LATTICE_SPEC is not set: a driver starts this program and says there what to run; `entrypoint version` prints the version")
		os.Exit(exitBadSpec)
	}
	adoptOrphans()
	supervisor := newSupervisor()
	folder := &workFolder{}
	listen(supervisor, folder)
	spec, err := loadSpec(supervisor.halting, address, os.Getenv("LATTICE_SPEC_SHA256"))
	var store Store
	if err == nil {
		store, err = openStore(spec.Store)
	}
	if err != nil {
		complain(err.Error())
		if supervisor.halting.Err() != nil {
			os.Exit(exitInterrupted) // nothing has begun, and nobody knows whether the spec is bad
		}
		os.Exit(exitBadSpec)
	}
	task := newTask(spec, store, supervisor, folder, started)
	os.Exit(task.run())
}

// listen takes signals, and the driver's words where it holds a pipe: c cancels, k kills, its end of file means that the
// driver is dead.
func listen(supervisor *Supervisor, folder *workFolder) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	go func() {
		for range signals {
			supervisor.stop(causeInterrupt)
		}
	}()
	fd, err := strconv.Atoi(os.Getenv("LATTICE_PARENT_FD"))
	if err != nil {
		return
	}
	syscall.CloseOnExec(fd)
	syscall.SetNonblock(fd, true)
	pipe := os.NewFile(uintptr(fd), "driver")
	go func() {
		word := make([]byte, 1)
		for {
			if n, err := pipe.Read(word); err != nil || n == 0 {
				supervisor.abandon()
				folder.remove()
				os.Exit(128 + int(syscall.SIGKILL))
			}
			switch word[0] {
			case 'c':
				supervisor.stop(causeCancel)
			case 'k':
				supervisor.kill()
			}
		}
	}()
}

// stopSeconds is LATTICE_STOP_SECONDS: the time between SIGTERM and SIGKILL where the platform gives another.
func stopSeconds() time.Duration {
	seconds, err := strconv.ParseFloat(os.Getenv("LATTICE_STOP_SECONDS"), 64)
	if err != nil || seconds <= 0 {
		return 0
	}
	return time.Duration(seconds * float64(time.Second))
}

// complain tells those who read our stderr, in one line.
func complain(message string) {
	syscall.Write(2, []byte("lattice: "+message+"\n"))
}
