package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stage puts everything in place that the work finds when it starts.
func (t *Task) stage(ctx context.Context) error {
	work := t.folder.path
	inputs := []byte("{}")
	if len(t.spec.Inputs) > 0 {
		var err error
		if inputs, err = marshal(t.spec.Inputs); err != nil {
			return err
		}
	}
	if err := writeFile(work+"/inputs.json", inputs, 0o600); err != nil {
		return err
	}
	// They exist from the start: libraries made for $GITHUB_OUTPUT refuse a file that is not there.
	for _, name := range []string{"/output", "/summary.md"} {
		if err := writeFile(work+name, nil, 0o600); err != nil {
			return err
		}
	}
	if err := os.Mkdir(work+"/files", 0o755); err != nil {
		return err
	}
	if err := t.chooseFolder(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, need := range t.spec.Needs {
		if err := t.stageNeed(ctx, need); err != nil {
			return fmt.Errorf("the files of the need %s cannot be put in place: %w", need.Electron, err)
		}
	}
	if each := t.spec.Each; each != nil {
		if err := os.Mkdir(work+"/each", 0o755); err != nil {
			return err
		}
		if err := t.stageFiles(ctx, each.FilesAt, each.Files, nil, work+"/each"); err != nil {
			return fmt.Errorf("the files of the for-each partner cannot be put in place: %w", err)
		}
	}
	for _, file := range t.spec.FilesIn {
		if err := t.stageFileIn(ctx, file); err != nil {
			return fmt.Errorf("files.in: %w", err)
		}
	}
	if t.spec.Checkpoint != nil {
		t.checkpoint = newCheckpointer(t)
		return t.checkpoint.restore(ctx)
	}
	return nil
}

// chooseFolder finds the working directory, or makes a private one of links.
func (t *Task) chooseFolder(ctx context.Context) error {
	switch {
	case t.spec.Workdir != nil:
		t.dir = *t.spec.Workdir
	case isFolder("/workspace"):
		t.dir = "/workspace"
	default:
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		t.dir = dir
	}
	if t.spec.View == nil {
		return nil
	}
	body, err := t.readChecked(t.spec.View.List, t.spec.View.SHA256)
	if err != nil {
		return fmt.Errorf("the list of files of the working directory: %w", err)
	}
	var paths []string
	if err := json.Unmarshal(body, &paths); err != nil {
		return fmt.Errorf("the list of files of the working directory is not JSON: %w", err)
	}
	view := t.folder.path + "/view"
	if err := os.Mkdir(view, 0o755); err != nil {
		return err
	}
	for _, path := range paths {
		if !safePath(path) {
			return fmt.Errorf("the list of files of the working directory has %q, which is not a relative path inside it", path)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		target := view + "/" + path
		if err := withParents(target, func() error { return os.Symlink(t.dir+"/"+path, target) }); err != nil {
			return err
		}
	}
	t.dir = view
	return nil
}

func (t *Task) readChecked(key, digest string) ([]byte, error) {
	body, err := t.store.Read(key, 1<<30)
	if err != nil {
		return nil, err
	}
	if got := sum(body); got != digest {
		return nil, fmt.Errorf("%s has SHA-256 %s and not %s: it was changed after the launch", key, got, digest)
	}
	return body, nil
}

func (t *Task) stageNeed(ctx context.Context, need NeedSpec) error {
	if !safePath(need.Electron) || strings.Contains(need.Electron, "/") {
		return fmt.Errorf("%q is no name of an electron", need.Electron)
	}
	body, err := t.readChecked(need.Document, need.SHA256)
	if err != nil {
		return err
	}
	var document NeedDocument
	if err := json.Unmarshal(body, &document); err != nil {
		return fmt.Errorf("%s is no document of a need: %w", need.Document, err)
	}
	folder := t.folder.path + "/needs/" + need.Electron
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	globs, err := newGlobs(need.Files, true)
	if err != nil {
		return err
	}
	for _, task := range document.Tasks {
		if err := t.stageNeedTask(ctx, task, document.Width, globs, folder); err != nil {
			return err
		}
		delete(task, "filesAt")
	}
	if document.Tasks == nil {
		document.Tasks = []map[string]json.RawMessage{}
	}
	tasks, err := marshal(document.Tasks)
	if err != nil {
		return err
	}
	return writeFile(folder+"/tasks.json", tasks, 0o644)
}

func (t *Task) stageNeedTask(ctx context.Context, task map[string]json.RawMessage, width int, globs []glob, folder string) error {
	var filesAt *string
	var index int
	var files []FileEntry
	if err := errors.Join(unmarshal(task["filesAt"], &filesAt), unmarshal(task["index"], &index), unmarshal(task["files"], &files)); err != nil {
		return err
	}
	if filesAt == nil || len(globs) == 0 {
		return nil
	}
	return t.stageFiles(ctx, *filesAt, files, globs, fmt.Sprintf("%s/%0*d", folder, width, index))
}

func unmarshal(body json.RawMessage, into any) error {
	if len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, into)
}

// stageFiles copies kept files into a folder; without globs all of them.
func (t *Task) stageFiles(ctx context.Context, prefix string, files []FileEntry, globs []glob, folder string) error {
	for _, file := range files {
		if globs != nil && !matchAny(globs, file.Path) {
			continue
		}
		if !safePath(file.Path) {
			return fmt.Errorf("the path %q does not stay inside its folder", file.Path)
		}
		target := folder + "/" + file.Path
		var size int64
		err := withParents(target, func() (err error) {
			size, err = t.store.Fetch(ctx, prefix+file.Path, target, os.FileMode(file.Mode))
			return err
		})
		if err != nil {
			return err
		}
		if size != file.Size {
			return fmt.Errorf("%s%s has %d bytes and not %d: it was changed after its task had ended", prefix, file.Path, size, file.Size)
		}
	}
	return nil
}

// stageFileIn puts one entry of files.in in place. A link of the private working directory is replaced, never written
// through.
func (t *Task) stageFileIn(ctx context.Context, file FileIn) error {
	target := file.To
	if !filepath.IsAbs(target) {
		target = t.dir + "/" + target
	}
	source := file.From
	if strings.HasSuffix(file.To, "/") && !strings.HasSuffix(source, "/") {
		target += source[strings.LastIndex(source, "/")+1:]
	}
	mode := os.FileMode(0o644)
	if file.Mode != nil {
		mode = os.FileMode(*file.Mode)
	}
	var err error
	switch {
	case strings.HasPrefix(source, "store:"):
		err = withParents(target, func() error {
			_, err := t.store.Fetch(ctx, strings.TrimPrefix(source, "store:"), target, mode)
			return err
		})
	case strings.HasPrefix(source, "file://"):
		err = t.stageLocal(ctx, source, target, file.Mode)
	case strings.HasPrefix(source, "https://"):
		if file.SHA256 == "" {
			return fmt.Errorf("%s: a download needs its sha256", source)
		}
		err = withParents(target, func() error { return download(ctx, source, target, mode) })
	default:
		return fmt.Errorf("%s: this entrypoint can take files from the store, from file:/// and from https://", source)
	}
	if err != nil && file.Optional && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s does not exist; `optional: true` lets the task start without it", source)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	if file.SHA256 != "" && !strings.HasSuffix(source, "/") {
		if _, digest, err := hashFile(ctx, target); err != nil || digest != strings.ToLower(file.SHA256) {
			os.Remove(target)
			return fmt.Errorf("%s has SHA-256 %s and not %s", source, digest, file.SHA256)
		}
	}
	return nil
}

// stageLocal copies a file of this machine, or all of a folder.
func (t *Task) stageLocal(ctx context.Context, address, target string, mode *int) error {
	path, err := filePath(address)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return t.copyIn(ctx, path, target, info, mode)
	}
	return filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() {
			t.warn("files.in: %s is not a readable file: left out", name)
			return nil
		}
		relative, err := filepath.Rel(path, name)
		if err != nil {
			return err
		}
		return t.copyIn(ctx, name, filepath.Join(target, relative), info, mode)
	})
}

func (t *Task) copyIn(ctx context.Context, source, target string, info os.FileInfo, mode *int) error {
	bits := info.Mode().Perm()
	if mode != nil {
		bits = os.FileMode(*mode)
	}
	return withParents(target, func() error {
		_, err := copyFile(ctx, source, target, bits, nil)
		return err
	})
}
