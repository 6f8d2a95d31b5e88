package main

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// workFolder is where the files of one attempt live on this machine.
type workFolder struct {
	mu   sync.Mutex
	path string
	kept bool // in a container, which goes as a whole
}

// make makes the folder: LATTICE_WORK_DIR, or /.lattice/work where the layer has put /.lattice, or a temporary one. A
// folder that exists is somebody's: the work then gets one inside.
func (f *workFolder) make() error {
	wanted := os.Getenv("LATTICE_WORK_DIR")
	if wanted == "" && isFolder("/.lattice") {
		wanted = "/.lattice/work"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept = os.Getpid() == 1
	if wanted != "" {
		wanted, err := filepath.Abs(wanted)
		if err != nil {
			return err
		}
		err = withParents(wanted, func() error { return os.Mkdir(wanted, 0o700) })
		if err == nil {
			f.path = wanted
			return nil
		}
		if errors.Is(err, os.ErrExist) {
			f.path, err = os.MkdirTemp(wanted, "task-")
		}
		if err == nil || os.Getenv("LATTICE_WORK_DIR") != "" {
			return err
		}
	}
	var err error
	f.path, err = os.MkdirTemp("", "lattice-")
	return err
}

// remove removes the folder; what is nearly always in it goes by name, as reading folders costs more.
func (f *workFolder) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.path == "" || f.kept {
		return
	}
	for _, name := range []string{"inputs.json", "output", "summary.md", "script.sh"} {
		os.Remove(f.path + "/" + name)
	}
	os.Remove(f.path + "/files")
	if os.Remove(f.path) != nil {
		os.RemoveAll(f.path)
	}
	f.path = ""
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
