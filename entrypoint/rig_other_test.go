//go:build !linux

package main

import "errors"

var errOnlyLinux = errors.New("only on Linux")

func syscallMount(string, string) error { return errOnlyLinux }

func syscallUnmount(string) {}

func memoryGroup(int) (string, error) { return "", errOnlyLinux }
