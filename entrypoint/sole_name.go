package main

import (
	"os"
	"syscall"
)

// soleName tells that nobody else has this file under another name, so that it can be moved.
func soleName(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Nlink == 1
}
