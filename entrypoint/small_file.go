package main

import (
	"os"
	"syscall"
)

// writeFile and readFile are os.WriteFile and os.ReadFile without the os package's attempt to watch each file by epoll,
// which takes five more system calls a file; a task that does nothing is mostly these.

func writeFile(path string, body []byte, mode uint32) error {
	return writeFileBy(path, body, syscall.O_TRUNC, mode)
}

func writeFileBy(path string, body []byte, flags int, mode uint32) error {
	fd, err := again(func() (int, error) {
		return syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC|flags, mode)
	})
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	for err == nil && len(body) > 0 {
		var n int
		if n, err = again(func() (int, error) { return syscall.Write(fd, body) }); err == nil {
			body = body[n:]
		}
	}
	if closing := syscall.Close(fd); err == nil {
		err = closing
	}
	if err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	fd, err := again(func() (int, error) { return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0) })
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	body := make([]byte, 0, 4096)
	for {
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
		n, err := again(func() (int, error) { return syscall.Read(fd, body[len(body):cap(body)]) })
		if err != nil {
			return nil, &os.PathError{Op: "read", Path: path, Err: err}
		}
		if n <= 0 {
			return body, nil
		}
		body = body[:len(body)+n]
	}
}

func again(action func() (int, error)) (int, error) {
	for {
		n, err := action()
		if err != syscall.EINTR {
			return n, err
		}
	}
}
