package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// checkpointManifest is written when all files of a save are there, and is what a restore goes by: half a save is never
// restored.
type checkpointManifest struct {
	Version int         `json:"version"`
	Save    int         `json:"save"` // its files are in checkpoint/<save>/
	Files   []FileEntry `json:"files"`
}

// checkpointer saves $LATTICE_CHECKPOINT while the work runs and once more after it.
type checkpointer struct {
	task   *Task
	folder string
	mu     sync.Mutex // one save at a time
	saves  int        // the newest that the manifest is known to name
	begun  int        // the newest that was begun; none is begun twice, as the manifest may name it although that was not heard
	stale  []int      // what can be removed once the manifest names another
	cancel context.CancelFunc
	done   chan struct{}
}

func newCheckpointer(task *Task) *checkpointer {
	return &checkpointer{task: task, folder: task.folder.path + "/checkpoint"}
}

// restore takes the newest save of an earlier attempt.
func (c *checkpointer) restore(ctx context.Context) error {
	if err := os.Mkdir(c.folder, 0o755); err != nil {
		return err
	}
	for _, prefix := range c.task.spec.Checkpoint.From {
		body, err := c.task.store.Read(ctx, prefix+"manifest.json", limitSpecBytes)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		var manifest checkpointManifest
		if err == nil {
			err = json.Unmarshal(body, &manifest)
		}
		if err == nil && manifest.Version != contractVersion {
			err = fmt.Errorf("its version is %d", manifest.Version)
		}
		if err == nil {
			var wanted []fetch
			if wanted, err = fetches(fmt.Sprintf("%s%d/", prefix, manifest.Save), manifest.Files, nil, c.folder); err == nil {
				err = c.task.stageFiles(ctx, wanted)
			}
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return err
		}
		c.task.warn("the checkpoint %s cannot be restored: %v", prefix, err)
		os.RemoveAll(c.folder)
		if err := os.Mkdir(c.folder, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// start saves every so many seconds.
func (c *checkpointer) start() {
	every := time.Duration(c.task.spec.Checkpoint.EverySeconds * float64(time.Second))
	if every <= 0 {
		return
	}
	ctx, cancel := context.WithCancel(c.task.supervisor.killing)
	c.cancel, c.done = cancel, make(chan struct{})
	go func() {
		defer close(c.done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				// A file that goes while it is read spoils this save only; the last one tells of lasting trouble.
				c.save(ctx)
			}
		}
	}()
}

// stop ends the saving that goes by time.
func (c *checkpointer) stop() {
	if c.cancel != nil {
		c.cancel()
		<-c.done
	}
}

func (c *checkpointer) save(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	manifest := checkpointManifest{Version: contractVersion, Save: c.begun + 1, Files: []FileEntry{}}
	var failure error
	var files []keptFile
	quiet := func(string, ...any) {}
	walkFiles(c.folder, "", []string{c.folder}, nil, func(file keptFile, err error) {
		if err != nil {
			failure = err
		}
		files = append(files, file)
	}, quiet)
	if failure != nil {
		return failure
	}
	if len(files) == 0 && c.begun == 0 {
		return nil
	}
	c.begun++
	prefix := func(save int) string { return attemptKey(c.task.spec, fmt.Sprintf("checkpoint/%d/", save)) }
	manifest.Files = make([]FileEntry, len(files))
	err := each(ctx, len(files), func(ctx context.Context, index int) error {
		file := files[index]
		size, digest, err := c.task.store.Keep(ctx, prefix(manifest.Save)+file.path, file.source, false)
		manifest.Files[index] = FileEntry{Path: file.path, Size: size, SHA256: digest, Mode: int(file.mode)}
		return err
	})
	if err != nil {
		c.tidy(prefix(manifest.Save))
		return err
	}
	body, err := marshal(manifest)
	if err != nil {
		return err
	}
	if err := c.task.store.Write(ctx, attemptKey(c.task.spec, "checkpoint/manifest.json"), body); err != nil {
		c.stale = append(c.stale, manifest.Save)
		return err
	}
	if c.saves > 0 {
		c.stale = append(c.stale, c.saves)
	}
	c.saves = manifest.Save
	for _, save := range c.stale {
		c.tidy(prefix(save))
	}
	c.stale = nil
	return nil
}

// tidyLimit keeps the removal of an old save from holding up what matters.
const tidyLimit = 20 * time.Second

// tidy removes a save that nobody reads any more; where that is not allowed, or there is no time, it goes with the run.
func (c *checkpointer) tidy(prefix string) {
	ctx, cancel := context.WithTimeout(c.task.supervisor.saving, tidyLimit)
	defer cancel()
	c.task.store.Remove(ctx, prefix)
}
