package main

import (
	"fmt"
	"sync"
	"syscall"
	"time"
)

// consoleBuffer is what waits for a log driver that does not read; more is left out, as the work must not wait for it.
const consoleBuffer = 4 << 20

// Console passes the log to our own stdout, never holding up the one who writes.
type Console struct {
	mu      sync.Mutex
	wake    *sync.Cond
	waiting []byte
	lost    int64
	ended   bool
	done    chan struct{} // nil until something was written
	out     int
}

func newConsole(out int) *Console {
	c := &Console{out: out}
	c.wake = sync.NewCond(&c.mu)
	return c
}

func (c *Console) write(data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		go c.run()
	}
	if c.lost > 0 && len(c.waiting) > 0 || len(c.waiting)+len(data) > consoleBuffer {
		c.lost += int64(len(data))
		return
	}
	c.waiting = append(c.waiting, data...)
	c.wake.Signal()
}

func (c *Console) run() {
	defer close(c.done)
	for {
		c.mu.Lock()
		for len(c.waiting) == 0 && c.lost == 0 && !c.ended {
			c.wake.Wait()
		}
		data, lost := c.waiting, c.lost
		c.waiting, c.lost = nil, 0
		c.mu.Unlock()
		if len(data) == 0 && lost == 0 {
			return
		}
		if lost > 0 {
			data = fmt.Appendf(data, "\n[lattice: %d bytes left out here, as this log was not read fast enough; log.txt has them]\n", lost)
		}
		if writeAll(c.out, data) != nil {
			return // nobody reads any more
		}
	}
}

// finish waits for what was written to get out, within bounds.
func (c *Console) finish() {
	c.mu.Lock()
	c.ended = true
	done := c.done
	c.wake.Signal()
	c.mu.Unlock()
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
}

// writeAll writes to a descriptor of any kind. The os package would end the program when nobody reads our stdout.
func writeAll(fd int, data []byte) error {
	for len(data) > 0 {
		n, err := again(func() (int, error) { return syscall.Write(fd, data) })
		if err == syscall.EAGAIN {
			time.Sleep(time.Millisecond) // somebody shares it and has made it non-blocking
			continue
		}
		if err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
