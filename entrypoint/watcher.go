package main

import (
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

// watchEvery is the time between two looks; tests are built with a shorter one (-ldflags -X).
var watchEvery = "30s"

func (w *watcher) run() {
	every, err := time.ParseDuration(watchEvery)
	if err != nil {
		panic(err)
	}
	for range time.Tick(every) {
		w.look()
	}
}

func (w *watcher) look() {
	if cancelled(w.spec, w.store) {
		w.supervisor.stop(causeCancel)
	} else if w.expired() {
		w.supervisor.stop(causeLease)
	}
}

func (w *watcher) expired() bool {
	key := "runs/" + w.spec.RunID + "/lease"
	body, err := w.store.Read(key, limitOutputBytes)
	if err != nil {
		return false
	}
	var lease struct {
		TTLSeconds float64 `json:"ttlSeconds"`
	}
	if json.Unmarshal(body, &lease) != nil || lease.TTLSeconds <= 0 {
		return false
	}
	age, err := w.store.Age(key)
	return err == nil && age.Seconds() > lease.TTLSeconds
}

// cancelled tells whether this incarnation of the run, or a later one, was cancelled.
func cancelled(spec *WorkSpec, store Store) bool {
	body, err := store.Read("runs/"+spec.RunID+"/cancel", limitOutputBytes)
	if err != nil {
		return false
	}
	var order struct {
		Epoch *int64 `json:"epoch"`
	}
	return json.Unmarshal(body, &order) == nil && order.Epoch != nil && *order.Epoch >= spec.Epoch
}
