package main

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// transfers is how many files are copied at once: enough to keep a disk busy while others are hashed.
var transfers = min(max(2*runtime.NumCPU(), 4), 16)

// each does something to every one of count items, several at once; the first failure ends it.
func each(ctx context.Context, count int, do func(ctx context.Context, index int) error) error {
	if count <= 1 {
		if count == 1 {
			return do(ctx, 0)
		}
		return nil
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(count, transfers) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for ctx.Err() == nil {
				index := int(next.Add(1)) - 1
				if index >= count {
					return
				}
				if err := do(ctx, index); err != nil {
					stop(err)
					return
				}
			}
		}()
	}
	workers.Wait()
	return context.Cause(ctx)
}
