package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// Store is where specs, results, logs and files live. Keys are relative and separated by slashes. A write is whole or
// absent, never half.
type Store interface {
	// Read gives an object of at most limit bytes; os.ErrNotExist when there is none.
	Read(ctx context.Context, key string, limit int64) ([]byte, error)
	// ReadAged also tells how long ago the object was written, by the store's own clock.
	ReadAged(ctx context.Context, key string, limit int64) ([]byte, time.Duration, error)
	// Create writes only where there is nothing; false when somebody was first.
	Create(ctx context.Context, key string, body []byte) (bool, error)
	// Write writes in any case.
	Write(ctx context.Context, key string, body []byte) error
	// Fetch copies an object to a new file of this machine and gives size and SHA-256 of what was copied; os.ErrNotExist
	// when there is none.
	Fetch(ctx context.Context, key, path string, mode os.FileMode) (size int64, digest string, err error)
	// Keep copies a file of this machine into the store and gives size and SHA-256 of what was copied. It may move the
	// file when movable.
	Keep(ctx context.Context, key, path string, movable bool) (size int64, digest string, err error)
	// Remove removes all objects below a prefix that ends in a slash.
	Remove(ctx context.Context, prefix string) error
	// LocalPath is the file of an object where the store is a folder of this machine, so that a log can grow in place.
	LocalPath(key string) (string, bool)
}

// openStore finds the store for an address.
func openStore(address string) (Store, error) {
	if strings.HasPrefix(address, "file://") {
		path, err := filePath(address)
		if err != nil {
			return nil, err
		}
		return newFolderStore(path), nil
	}
	if strings.HasPrefix(address, "s3://") {
		return newS3Store(address)
	}
	return nil, fmt.Errorf("the store %q is none that this entrypoint can use: it knows file:///path and s3://bucket/prefix", address)
}

// attemptKey is a key inside the attempt's own folder.
func attemptKey(spec *WorkSpec, name string) string {
	return fmt.Sprintf("runs/%s/tasks/%s/%d/%s", spec.RunID, spec.Task, spec.Attempt, name)
}

func resultKey(spec *WorkSpec) string {
	return fmt.Sprintf("runs/%s/results/%s/%d.json", spec.RunID, spec.Task, spec.Attempt)
}

// markerKey names an empty object whose name alone tells what is new: names sort by time. Slashes of the task's key are
// tildes, which no key has. A key too long for the name of a file is told by ~ and the beginning of its SHA-256.
func markerKey(spec *WorkSpec, ended int64) string {
	task := strings.ReplaceAll(spec.Task, "/", "~")
	if len(task) > 200 {
		task = "~" + sum([]byte(spec.Task))[:32]
	}
	return fmt.Sprintf("runs/%s/done/%013d-%s-%d", spec.RunID, ended, task, spec.Attempt)
}
