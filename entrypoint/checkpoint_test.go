package main

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// Whenever a save breaks off, what the manifest names is whole.
func TestACheckpointIsNeverHalf(t *testing.T) {
	f := newFakeS3(t)
	store := f.store(t)
	task := &Task{spec: &WorkSpec{RunID: "run", Task: "t", Attempt: 1, Checkpoint: &CheckpointSpec{}}, store: store, supervisor: newSupervisor(), folder: &workFolder{path: t.TempDir()}}
	writer := newCheckpointer(task)
	os.Mkdir(writer.folder, 0o755)
	put := func(text string) {
		for _, name := range []string{"/a", "/b"} {
			if err := os.WriteFile(writer.folder+name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	expect := func(want string) {
		t.Helper()
		reader := &Task{spec: &WorkSpec{RunID: "run", Task: "t", Attempt: 2, Checkpoint: &CheckpointSpec{From: []string{"runs/run/tasks/t/1/checkpoint/"}}}, store: store,
			supervisor: newSupervisor(), folder: &workFolder{path: t.TempDir()}}
		c := newCheckpointer(reader)
		if err := c.restore(background); err != nil || len(reader.result.Warnings) > 0 {
			t.Error(err, reader.result.Warnings)
		}
		a, _ := os.ReadFile(c.folder + "/a")
		b, _ := os.ReadFile(c.folder + "/b")
		if got := string(a) + string(b); got != want {
			t.Errorf("%q was restored, not %q; there are %v", got, want, f.names())
		}
	}
	put("1")
	if err := writer.save(background); err != nil {
		t.Fatal(err)
	}
	expect("11")

	// The manifest arrives, and that is never heard, because the work has ended meanwhile.
	ctx, stop := context.WithCancel(background)
	f.after = func(c *fakeCall) bool {
		if c.action == "PutObject" && strings.HasSuffix(c.key, "/manifest.json") {
			stop()
			return c.breakOff()
		}
		return false
	}
	put("2")
	if err := writer.save(ctx); err == nil {
		t.Error("a save that was not heard of is told as done")
	}
	f.after = nil
	expect("22")

	// The next save comes as far as its first file.
	var files atomic.Int64
	f.trouble = func(c *fakeCall) bool {
		return c.action == "PutObject" && files.Add(1) > 1 && c.refuse(403, "AccessDenied")
	}
	put("3")
	if err := writer.save(background); err == nil {
		t.Error("half a save is told as done")
	}
	f.trouble = nil
	expect("22")

	put("4")
	if err := writer.save(background); err != nil {
		t.Error(err)
	}
	expect("44")
	if left := f.names(); len(left) != 3 {
		t.Error("old saves are left", left)
	}
}
