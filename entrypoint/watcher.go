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
// the next; hurriedLimit bounds one that something waits for, the start of the work or its end. Tests are built with
// shorter ones (-ldflags -X).
var (
	watchEvery   = "30s"
	lookLimit    = "20s"
	hurriedLimit = "5s"
)

// run looks until the program ends. A signal from outside may be the platform's, whom the driver has told to end a
// cancelled task: then it is looked at once, and more often, as long as the work takes its time.
func (w *watcher) run() {
	ticks := time.Tick(seconds(watchEvery))
	signal, limit := w.supervisor.signal, lookLimit
	for {
		select {
		case <-ticks:
		case <-signal:
			signal, limit = nil, hurriedLimit
			ticks = time.Tick(min(seconds(watchEvery), seconds(hurriedLimit)))
		}
		w.look(seconds(limit))
	}
}

func seconds(text string) time.Duration {
	duration, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return duration
}

func (w *watcher) look(limit time.Duration) {
	ctx, cancel := context.WithTimeout(background, limit)
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
