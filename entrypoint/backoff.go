package main

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pauses between tries: anything between nothing and a bound that doubles, so that thousands of tasks that were refused
// together do not come back together.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
var (
	firstPause   = 100 * time.Millisecond // tests shorten it
	longestPause = 20 * time.Second
)

// rest waits before the next try; false when there is no time left for one.
func rest(ctx context.Context, try int) bool {
	bound := longestPause
	if try < 10 {
		bound = min(firstPause<<try, longestPause)
	}
	pause := time.Millisecond + rand.N(bound)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < pause {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
