package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	if partner := t.spec.Each; partner != nil {
		if err := os.Mkdir(work+"/each", 0o755); err != nil {
			return err
		}
		wanted, err := fetches(partner.FilesAt, partner.Files, nil, work+"/each")
		if err == nil {
			err = t.stageFiles(ctx, wanted)
		}
		if err != nil {
			return fmt.Errorf("the files of the for-each partner cannot be put in place: %w", err)
		}
	}
	if err := t.stageFilesIn(ctx); err != nil {
		return fmt.Errorf("files.in: %w", err)
	}
	if t.spec.Checkpoint != nil {
		t.checkpoint = newCheckpointer(t)
		return t.checkpoint.restore(ctx)
	}
	return nil
}

// chooseFolder finds the working directory, or makes a private one of links.
func (t *Task) chooseFolder(ctx context.Context) error {
	own := t.spec.Work.Kind == "image" // the image's own command is made for the image's own working directory
	switch {
	case t.spec.Workdir != nil && !own:
		t.dir = inWorkspace(*t.spec.Workdir)
	case isFolder(workspace()) && !own:
		t.dir = workspace()
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
	body, err := t.readChecked(ctx, t.spec.View.List, t.spec.View.SHA256)
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
	made, err := t.madeGlobs()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if !safePath(path) {
			return fmt.Errorf("the list of files of the working directory has %q, which is not a relative path inside it", path)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		source, target := t.dir+"/"+path, view+"/"+path
		if info, err := os.Stat(source); err == nil && info.Mode().IsRegular() && matchAny(made, path) {
			// Written through a link, it would be written for everybody.
			if _, err := t.copyIn(ctx, source, target, info, nil); err != nil {
				return err
			}
			continue
		}
		if err := withParents(target, func() error { return os.Symlink(source, target) }); err != nil {
			return err
		}
	}
	t.dir = view
	return nil
}

// imageWorkspace is where an image has the files of the lattice. LATTICE_WORKSPACE is set where images are run without
// containers, and the files are elsewhere.
const imageWorkspace = "/workspace"

func workspace() string {
	if elsewhere := os.Getenv("LATTICE_WORKSPACE"); elsewhere != "" {
		return elsewhere
	}
	return imageWorkspace
}

func inWorkspace(path string) string {
	if path == imageWorkspace || strings.HasPrefix(path, imageWorkspace+"/") {
		return workspace() + path[len(imageWorkspace):]
	}
	return path
}

// madeGlobs are those of the files that the work is known to write into its working directory.
func (t *Task) madeGlobs() ([]glob, error) {
	patterns := slices.Clone(t.spec.JUnit)
	for _, out := range t.spec.FilesOut {
		patterns = append(patterns, out.Glob, out.From)
	}
	var made []glob
	for _, pattern := range patterns {
		pattern = strings.TrimSuffix(pattern, "/")
		if pattern == "" || strings.HasPrefix(pattern, "!") {
			continue
		}
		more, err := newGlobs([]string{pattern, pattern + "/"}, false) // a folder's name stands for all in it
		if err != nil {
			return nil, fmt.Errorf("%s, of files.out or reports.junit, is no pattern: %w", pattern, err)
		}
		made = append(made, more...)
	}
	return made, nil
}

func (t *Task) readChecked(ctx context.Context, key, digest string) ([]byte, error) {
	body, err := t.store.Read(ctx, key, 1<<30)
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
	body, err := t.readChecked(ctx, need.Document, need.SHA256)
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
	var wanted []fetch
	for _, task := range document.Tasks {
		more, err := needFetches(task, document.Width, globs, folder)
		if err != nil {
			return err
		}
		wanted = append(wanted, more...)
		delete(task, "filesAt")
	}
	if err := t.stageFiles(ctx, wanted); err != nil {
		return err
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

func needFetches(task map[string]json.RawMessage, width int, globs []glob, folder string) ([]fetch, error) {
	var filesAt *string
	var index int
	var files []FileEntry
	if err := errors.Join(unmarshal(task["filesAt"], &filesAt), unmarshal(task["index"], &index), unmarshal(task["files"], &files)); err != nil {
		return nil, err
	}
	if filesAt == nil || len(globs) == 0 {
		return nil, nil
	}
	return fetches(*filesAt, files, globs, fmt.Sprintf("%s/%0*d", folder, width, index))
}

func unmarshal(body json.RawMessage, into any) error {
	if len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, into)
}

// fetch is a kept file on its way to the work.
type fetch struct {
	key    string
	target string
	file   FileEntry
}

// fetches lists where kept files go below a folder; without globs all of them.
func fetches(prefix string, files []FileEntry, globs []glob, folder string) ([]fetch, error) {
	var wanted []fetch
	for _, file := range files {
		if globs != nil && !matchAny(globs, file.Path) {
			continue
		}
		if !safePath(file.Path) {
			return nil, fmt.Errorf("the path %q does not stay inside its folder", file.Path)
		}
		wanted = append(wanted, fetch{prefix + file.Path, folder + "/" + file.Path, file})
	}
	return wanted, nil
}

// stageFiles copies kept files, several at once, and holds each against what its task has told of it.
func (t *Task) stageFiles(ctx context.Context, wanted []fetch) error {
	return each(ctx, len(wanted), func(ctx context.Context, index int) error {
		one := wanted[index]
		var size int64
		var digest string
		err := withParents(one.target, func() (err error) {
			size, digest, err = t.store.Fetch(ctx, one.key, one.target, os.FileMode(one.file.Mode))
			return err
		})
		switch {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("%s is gone: it was removed after its task had ended", one.key)
		case err != nil:
			return err
		case size != one.file.Size:
			return fmt.Errorf("%s has %d bytes and not %d: it was changed after its task had ended", one.key, size, one.file.Size)
		case digest != one.file.SHA256:
			return fmt.Errorf("%s has SHA-256 %s and not %s: it was changed after its task had ended", one.key, digest, one.file.SHA256)
		}
		return nil
	})
}

// stageFilesIn puts the entries of files.in in place, several at once where no two go to the same place; else the last
// one stays.
func (t *Task) stageFilesIn(ctx context.Context) error {
	files := t.spec.FilesIn
	targets := make(map[string]bool, len(files))
	for _, file := range files {
		targets[filepath.Clean(file.To)] = true
		if strings.HasSuffix(file.To, "/") || strings.HasSuffix(file.From, "/") {
			targets = nil // a folder may hold the place of another entry
			break
		}
	}
	if len(targets) == len(files) {
		return each(ctx, len(files), func(ctx context.Context, index int) error { return t.stageFileIn(ctx, files[index]) })
	}
	for _, file := range files {
		if err := t.stageFileIn(ctx, file); err != nil {
			return err
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
	digest := "" // of what was copied, where it is one file
	var err error
	switch {
	case strings.HasPrefix(source, "store:"):
		err = withParents(target, func() (err error) {
			_, digest, err = t.store.Fetch(ctx, strings.TrimPrefix(source, "store:"), target, mode)
			return err
		})
	case strings.HasPrefix(source, "s3://"):
		digest, err = t.stageS3(ctx, source, target, mode)
	case strings.HasPrefix(source, "file://"):
		digest, err = t.stageLocal(ctx, source, target, file.Mode)
	case strings.HasPrefix(source, "https://"):
		if file.SHA256 == "" {
			return fmt.Errorf("%s: a download needs its sha256", source)
		}
		err = withParents(target, func() (err error) {
			digest, err = download(ctx, source, target, mode)
			return err
		})
	default:
		return fmt.Errorf("%s: this entrypoint can take files from the store, from s3://, from file:/// and from https://", source)
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
	wanted := strings.ToLower(file.SHA256)
	if name, isBlob := strings.CutPrefix(source, "store:blobs/"); isBlob && wanted == "" {
		wanted = name
	}
	if wanted != "" && digest != "" && digest != wanted {
		os.Remove(target)
		return fmt.Errorf("%s has SHA-256 %s and not %s%s", source, digest, wanted, changedSince(source))
	}
	return nil
}

// changedSince says what must have happened to a file of this machine, whose digest was taken when the task was prepared.
func changedSince(source string) string {
	if strings.HasPrefix(source, "file://") {
		return ": it was changed while the run was under way"
	}
	return ""
}

// stageLocal copies a file of this machine and gives its digest, or copies all of a folder.
func (t *Task) stageLocal(ctx context.Context, address, target string, mode *int) (string, error) {
	path, err := filePath(address)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return t.copyIn(ctx, path, target, info, mode)
	}
	return "", filepath.WalkDir(path, func(name string, entry os.DirEntry, err error) error {
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
		_, err = t.copyIn(ctx, name, filepath.Join(target, relative), info, mode)
		return err
	})
}

func (t *Task) copyIn(ctx context.Context, source, target string, info os.FileInfo, mode *int) (digest string, err error) {
	bits := info.Mode().Perm()
	if mode != nil {
		bits = os.FileMode(*mode)
	}
	err = withParents(target, func() (err error) {
		_, digest, err = copyFile(ctx, source, target, bits)
		return err
	})
	return digest, err
}
