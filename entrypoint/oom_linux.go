package main

import (
	"bytes"
	"strconv"
	"strings"
)

// oomKills counts the processes that the kernel has killed in our control group for lack of memory; -1 when it does not
// tell. The count includes groups below (v2), and in a container our group is the root of what is mounted.
func oomKills() int64 {
	groups, err := readFile("/proc/self/cgroup")
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		var candidates []string
		switch {
		case parts[1] == "memory" || strings.Contains(","+parts[1]+",", ",memory,"):
			candidates = []string{"/sys/fs/cgroup/memory" + parts[2] + "/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control"}
		case parts[0] == "0" && parts[1] == "":
			candidates = []string{"/sys/fs/cgroup" + parts[2] + "/memory.events", "/sys/fs/cgroup/memory.events"}
		}
		for _, path := range candidates {
			if body, err := readFile(path); err == nil {
				if count, ok := oomCount(body); ok {
					return count
				}
			}
		}
	}
	return -1
}

// oomCount finds the line "oom_kill N".
func oomCount(events []byte) (int64, bool) {
	for line := range bytes.Lines(events) {
		if text, ok := bytes.CutPrefix(line, []byte("oom_kill ")); ok {
			count, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
			return count, err == nil
		}
	}
	return 0, false
}
