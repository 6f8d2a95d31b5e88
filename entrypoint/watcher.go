package main

import (
	"context"
	"encoding/json"
	"time"
)

// watcher looks at the cancel object and at the lease of a task that outlives its driver. Only what was read counts: a
// store that does not answer, or refuses, stops nothing.
type watcher struct {
	spec       *WorkSpec
	store      Store
	supervisor *Supervisor
}

// watchEvery is the time between two looks. lookLimit bounds one, so that a store that is slow or busy does not put off
// the next. Tests are built with shorter ones (-ldflags -X).
var (
	watchEvery = "30s"
	lookLimit  = "20s"
)

func (w *watcher) run() {
	for range time.Tick(seconds(watchEvery)) {
		w.look()
	}
}

func seconds(text string) time.Duration {
	duration, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return duration
}

func (w *watcher) look() {
	ctx, cancel := context.WithTimeout(background, seconds(lookLimit))
	defer cancel()
	if cancelled(ctx, w.spec, w.store) {
		w.supervisor.stop(causeCancel)
	} else if w.expired(ctx) {
		w.supervisor.stop(causeLease)
	}
}

func (w *watcher) expired(ctx context.Context) bool {
	body, age, err := w.store.ReadAged(ctx, "runs/"+w.spec.RunID+"/lease", limitOutputBytes)
	if err != nil {
		return false
	}
	var lease struct {
		TTLSeconds float64 `json:"ttlSeconds"`
	}
	if json.Unmarshal(body, &lease) != nil || lease.TTLSeconds <= 0 {
		return false
	}
	return age.Seconds() > lease.TTLSeconds
}

// cancelled tells whether this incarnation of the run, or a later one, was cancelled.
func cancelled(ctx context.Context, spec *WorkSpec, store Store) bool {
	body, err := store.Read(ctx, "runs/"+spec.RunID+"/cancel", limitOutputBytes)
	if err != nil {
		return false
	}
	var order struct {
		Epoch *int64 `json:"epoch"`
	}
	return json.Unmarshal(body, &order) == nil && order.Epoch != nil && *order.Epoch >= spec.Epoch
}
