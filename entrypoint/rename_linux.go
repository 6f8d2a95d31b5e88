package main

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Numbers of renameat2(2), which the frozen syscall package lacks.
var renameat2 = map[string]uintptr{"amd64": 316, "arm64": 276}[runtime.GOARCH]

// renameNew gives a finished file its name unless that exists. One call where the file system can; else link(2), which
// never replaces either.
func renameNew(from, to string) error {
	const atFdcwd, noReplace = -100, 1
	cwd := atFdcwd
	old, err := syscall.BytePtrFromString(from)
	if err != nil {
		return err
	}
	new, err := syscall.BytePtrFromString(to)
	if err != nil {
		return err
	}
	_, _, code := syscall.Syscall6(renameat2, uintptr(cwd), uintptr(unsafe.Pointer(old)), uintptr(cwd), uintptr(unsafe.Pointer(new)), noReplace, 0)
	switch code {
	case 0:
		return nil
	case syscall.EINVAL, syscall.ENOSYS, syscall.EPERM:
		return linkNew(from, to)
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: code}
}
