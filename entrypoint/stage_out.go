package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"
)

// keptFile is a file that is to be saved.
type keptFile struct {
	path    string // as it will be called
	source  string
	mode    os.FileMode
	movable bool
}

// keepEverything saves the checkpoint, which the next attempt needs most when time is short, $LATTICE_FILES, files.out
// and JUnit reports. What can be saved is saved; the first failure is told.
func (t *Task) keepEverything(ctx context.Context) {
	var failures []error
	if t.checkpoint != nil {
		if err := t.checkpoint.save(ctx); err != nil {
			failures = append(failures, fmt.Errorf("the checkpoint cannot be saved: %w", err))
		}
	}
	files := t.collectFiles(&failures)
	copies := t.copiesOut(&failures) // before files are moved into the store
	t.copyOut(ctx, copies, &failures)
	t.keepFiles(ctx, files, &failures)
	t.keepReports(ctx, &failures)
	if len(failures) == 0 || t.supervisor.isKilled() {
		return
	}
	if t.supervisor.saving.Err() != nil && t.result.Status == statusSucceeded {
		t.end(statusInterrupted, exitInterrupted, "interrupted", "stopped by a signal from outside before all of its files were kept")
		return
	}
	message := failures[0].Error() + advice(failures[0])
	if len(failures) > 1 {
		message += fmt.Sprintf("; and %d more", len(failures)-1)
	}
	complain(t.redactor.Text(message))
	if t.result.Status == statusSucceeded {
		t.end(statusStagingFailed, exitFailed, "stage-out", message)
	} else {
		t.warn("%s", message)
	}
}

// keepFiles saves several files at once, and goes on after a failure as long as there is time.
func (t *Task) keepFiles(ctx context.Context, files []keptFile, failures *[]error) {
	entries := make([]FileEntry, len(files))
	errs := make([]error, len(files))
	each(ctx, len(files), func(ctx context.Context, index int) error {
		file := files[index]
		size, digest, err := t.keep(ctx, attemptKey(t.spec, "files/"+file.path), file)
		entries[index] = FileEntry{Path: file.path, Size: size, SHA256: digest, Mode: int(file.mode.Perm())}
		errs[index] = err
		return nil
	})
	for i, file := range files {
		switch {
		case errs[i] != nil:
			*failures = append(*failures, fmt.Errorf("the file %s cannot be kept: %w", file.path, errs[i]))
		case entries[i].Path != "":
			t.result.Files = append(t.result.Files, entries[i])
		default:
			*failures = append(*failures, fmt.Errorf("the file %s cannot be kept: %w", file.path, context.Cause(ctx)))
		}
	}
}

// keep saves one file, again after a moment when the disk was full.
func (t *Task) keep(ctx context.Context, key string, file keptFile) (size int64, digest string, err error) {
	size, digest, err = t.store.Keep(ctx, key, file.source, file.movable)
	if err != nil && advice(err) != "" && ctx.Err() == nil && !errors.Is(err, os.ErrPermission) {
		err = t.retry(func() (err error) { size, digest, err = t.store.Keep(ctx, key, file.source, file.movable); return err })
	}
	return size, digest, err
}

func (t *Task) collectFiles(failures *[]error) []keptFile {
	var files []keptFile
	seen := map[string]bool{}
	root := t.folder.path + "/files"
	walkFiles(root, "", []string{root}, nil, func(file keptFile, err error) {
		if err != nil {
			*failures = append(*failures, err)
			return
		}
		seen[file.path] = true
		files = append(files, file)
	}, t.warn)
	var include, exclude []string
	for _, out := range t.spec.FilesOut {
		if pattern, negated := strings.CutPrefix(out.Glob, "!"); negated {
			exclude = append(exclude, pattern)
		} else if out.Glob != "" {
			include = append(include, out.Glob)
		}
	}
	for _, pattern := range include {
		found := 0
		t.walkGlob(pattern, exclude, func(file keptFile, err error) {
			found++
			if err != nil {
				*failures = append(*failures, err)
			} else if !seen[file.path] {
				seen[file.path] = true
				files = append(files, file)
			}
		})
		if found == 0 {
			t.warn("files.out: %s matches no file in %s", pattern, t.dir)
		}
	}
	sort.Slice(files, func(a, b int) bool { return files[a].path < files[b].path })
	return files
}

func (t *Task) keepReports(ctx context.Context, failures *[]error) {
	var reports []keptFile
	seen := map[string]bool{}
	for _, pattern := range t.spec.JUnit {
		t.walkGlob(pattern, nil, func(file keptFile, err error) {
			if err != nil {
				*failures = append(*failures, err)
			} else if !seen[file.path] {
				seen[file.path] = true
				reports = append(reports, file)
			}
		})
	}
	sort.Slice(reports, func(a, b int) bool { return reports[a].path < reports[b].path })
	for _, report := range reports {
		name := fmt.Sprintf("reports/%d.xml", len(t.result.JUnit))
		source, err := t.redacted(report.source, t.folder.path+"/report.xml")
		if err == nil {
			_, _, err = t.store.Keep(ctx, attemptKey(t.spec, name), source, false)
		}
		if err != nil {
			*failures = append(*failures, fmt.Errorf("the report %s cannot be kept: %w", report.path, err))
			continue
		}
		t.result.JUnit = append(t.result.JUnit, name)
	}
}

// redacted gives a copy of a report without secrets, as reports become a part of the run's own; the report itself where
// there are none.
func (t *Task) redacted(source, target string) (string, error) {
	if t.redactor == nil {
		return source, nil
	}
	in, err := openRegular(source)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer out.Close()
	stream := Redactor{secrets: t.redactor.secrets, first: t.redactor.first}
	buffer := make([]byte, 64<<10)
	for {
		n, err := in.Read(buffer)
		if err != nil && err != io.EOF {
			return "", err
		}
		text := stream.Write(buffer[:n])
		if err == io.EOF {
			text = append(text, stream.Close()...)
		}
		if _, writing := out.Write(text); writing != nil || err == io.EOF {
			return target, writing
		}
	}
}

// walkGlob finds the files below the working directory that a pattern matches; a folder's name stands for all in it.
func (t *Task) walkGlob(pattern string, exclude []string, take func(keptFile, error)) {
	if filepath.IsAbs(pattern) {
		relative, err := filepath.Rel(t.dir, pattern)
		if err != nil || !safePath(relative) {
			take(keptFile{}, fmt.Errorf("files.out: %s is outside the working directory %s: copy it to $LATTICE_FILES", pattern, t.dir))
			return
		}
		pattern = relative
	}
	pattern = strings.TrimPrefix(pattern, "./")
	if strings.Contains("/"+pattern+"/", "/../") {
		take(keptFile{}, fmt.Errorf("files.out: %s leads out of the working directory: copy what it means to $LATTICE_FILES", pattern))
		return
	}
	prefix := fixedPrefix(pattern)
	if prefix == pattern && isFolder(t.dir+"/"+prefix) {
		pattern += "/"
	}
	globs, err := newGlobs(append([]string{pattern}, exclude...), false)
	if err != nil {
		take(keptFile{}, fmt.Errorf("files.out: %s is no pattern: %w", pattern, err))
		return
	}
	roots := []string{t.dir}
	if t.spec.View != nil && t.spec.Workdir != nil {
		roots = append(roots, *t.spec.Workdir) // where the links of the private directory lead
	}
	accept := func(path string, folder bool) bool {
		if folder {
			return globs[0].mayHold(path)
		}
		return globs[0].match(path) && !matchAny(globs[1:], path)
	}
	if prefix != "" && !isFolder(t.dir+"/"+prefix) {
		prefix = ""
		if at := strings.LastIndex(pattern, "/"); at >= 0 && fixedPrefix(pattern) == pattern {
			prefix = pattern[:at]
		}
	}
	walkFiles(t.dir, prefix, roots, accept, func(file keptFile, err error) {
		file.movable = false
		take(file, err)
	}, t.warn)
}

func newGlobs(patterns []string, dots bool) ([]glob, error) {
	globs := make([]glob, 0, len(patterns))
	for _, pattern := range patterns {
		g, err := newGlob(pattern, dots)
		if err != nil {
			return nil, err
		}
		globs = append(globs, g)
	}
	return globs, nil
}

func matchAny(globs []glob, path string) bool {
	for _, g := range globs {
		if g.match(path) {
			return true
		}
	}
	return false
}

// walkFiles gives the files below root/below. Links are followed to files inside the roots; other links, pipes, sockets
// and devices are never read, and names that other systems could not hold are left out, with a warning each.
func walkFiles(root, below string, roots []string, accept func(string, bool) bool, take func(keptFile, error), warn func(string, ...any)) {
	folder := root
	if below != "" {
		folder += "/" + below
	}
	entries, err := os.ReadDir(folder)
	if err != nil && !os.IsNotExist(err) {
		take(keptFile{}, fmt.Errorf("the folder %s cannot be read: %w", folder, err))
	}
	for _, entry := range entries {
		path := entry.Name()
		if below != "" {
			path = below + "/" + path
		}
		if accept != nil && !accept(path, entry.IsDir()) {
			continue
		}
		if entry.IsDir() {
			walkFiles(root, path, roots, accept, take, warn)
			continue
		}
		if !safePath(path) || !utf8.ValidString(path) {
			warn("the file %q is left out: its name has a backslash or is no UTF-8", path)
			continue
		}
		source := root + "/" + path
		link := entry.Type()&os.ModeSymlink != 0
		if link && !leadsInside(source, roots) {
			warn("the link %s leads out of its folder or nowhere: left out", path)
			continue
		}
		info, err := os.Stat(source)
		if err != nil {
			take(keptFile{}, fmt.Errorf("the file %s cannot be kept: %w", path, err))
			continue
		}
		if !info.Mode().IsRegular() {
			warn("%s is no regular file: left out", path)
			continue
		}
		take(keptFile{path: path, source: source, mode: info.Mode().Perm(), movable: !link && soleName(info)}, nil)
	}
}

func leadsInside(link string, roots []string) bool {
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	for _, root := range roots {
		if real, err := filepath.EvalSymlinks(root); err == nil && strings.HasPrefix(target, strings.TrimSuffix(real, "/")+"/") {
			return true
		}
	}
	return false
}
