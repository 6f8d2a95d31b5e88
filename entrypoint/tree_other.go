//go:build !linux

package main

import "syscall"

// Elsewhere than on Linux nobody can adopt orphans: the process group is what holds the work together.
func adoptOrphans() {}

func workAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func descendants() []int { return nil }

const maxRSSUnit = 1
