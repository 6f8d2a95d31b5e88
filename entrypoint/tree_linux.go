package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// adoptOrphans makes processes whose parent has died our children, wherever they have gone (setsid included). PID 1 has
// them anyway.
func adoptOrphans() {
	const prSetChildSubreaper = 36
	if os.Getpid() != 1 {
		syscall.RawSyscall(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0)
	}
}

// workAttributes puts a step into a group of its own, which dies with us even if we are killed by SIGKILL.
func workAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// descendants lists all living processes below this one.
func descendants() []int {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	names, _ := folder.Readdirnames(-1)
	folder.Close()
	children := map[int][]int{}
	dead := map[int]bool{}
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		stat, err := readFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		// "pid (name) state ppid …": the name may hold anything, so count from its last parenthesis.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(string(fields[1]))
		children[parent] = append(children[parent], pid)
		dead[pid] = fields[0][0] == 'Z' || fields[0][0] == 'X'
	}
	var found []int
	queue := []int{os.Getpid()}
	for len(queue) > 0 {
		for _, pid := range children[queue[0]] {
			queue = append(queue, pid)
			if !dead[pid] {
				found = append(found, pid)
			}
		}
		queue = queue[1:]
	}
	return found
}

// maxRSSUnit is what getrusage counts the resident set in.
const maxRSSUnit = 1024
