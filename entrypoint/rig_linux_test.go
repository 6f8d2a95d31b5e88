package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

func syscallMount(dir, options string) error {
	return syscall.Mount("tmpfs", dir, "tmpfs", 0, options)
}

func syscallUnmount(dir string) { syscall.Unmount(dir, syscall.MNT_DETACH) }

// memoryGroup makes a control group with a limit, below version 2 or version 1.
func memoryGroup(limit int) (string, error) {
	for root, file := range map[string]string{"/sys/fs/cgroup": "memory.max", "/sys/fs/cgroup/memory": "memory.limit_in_bytes"} {
		group := fmt.Sprintf("%s/lattice-test-%d", root, os.Getpid())
		if os.Mkdir(group, 0o755) != nil {
			continue
		}
		if control, err := os.OpenFile(group+"/"+file, os.O_WRONLY, 0); err == nil {
			_, err = control.WriteString(strconv.Itoa(limit))
			control.Close()
			if err == nil {
				return group, nil
			}
		}
		os.Remove(group)
	}
	return "", fmt.Errorf("no memory controller is writable")
}
