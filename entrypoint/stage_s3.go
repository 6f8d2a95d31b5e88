package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files of the user's own in S3, whatever the store is: buckets of other regions too.

// stageS3 puts an object in place and gives its digest, or all objects below a prefix.
func (t *Task) stageS3(ctx context.Context, address, target string, mode os.FileMode) (digest string, err error) {
	place, err := parsePlace(address)
	if err != nil {
		return "", err
	}
	client, err := theS3()
	if err != nil {
		return "", err
	}
	if place.key != "" && !strings.HasSuffix(place.key, "/") {
		err = makeParent(target)
		if err == nil {
			_, digest, err = client.download(ctx, place, target, mode, true)
		}
		return digest, err
	}
	found := 0
	err = client.list(ctx, place, true, func(page []listed) error {
		page = t.belowPrefix(place, page)
		found += len(page)
		return each(ctx, len(page), func(ctx context.Context, index int) error {
			key := page[index].key
			to := filepath.Join(target, key[len(place.key):])
			err := makeParent(to)
			if err == nil {
				_, _, err = client.download(ctx, s3Place{place.bucket, key}, to, mode, true)
			}
			if errors.Is(err, os.ErrNotExist) {
				err = fmt.Errorf("s3://%s/%s was removed while it was read", place.bucket, key)
			}
			return err
		})
	})
	if err == nil && found == 0 {
		err = os.ErrNotExist
	}
	return "", err
}

// belowPrefix leaves out the empty objects that stand for folders, and keys that are no path here.
func (t *Task) belowPrefix(place s3Place, page []listed) []listed {
	var files []listed
	for _, one := range page {
		path := strings.TrimPrefix(one.key, place.key)
		switch {
		case path == "", strings.HasSuffix(path, "/"):
		case !safePath(path):
			t.warn("files.in: s3://%s/%s is left out: its name is no path here", place.bucket, one.key)
		default:
			files = append(files, one)
		}
	}
	return files
}

func makeParent(path string) error { return os.MkdirAll(filepath.Dir(path), 0o755) }

// copyAway is one file on its way to an address of files.out.
type copyAway struct {
	file keptFile
	to   s3Place
}

// copiesOut lists what the entries {from, to} of files.out mean. Below an address that ends in a slash, files have the
// path that they have below the folder in which the pattern begins.
func (t *Task) copiesOut(failures *[]error) []copyAway {
	var copies []copyAway
	for _, out := range t.spec.FilesOut {
		if out.To == "" {
			continue
		}
		to, err := parsePlace(out.To)
		if err != nil {
			*failures = append(*failures, fmt.Errorf("files.out: %w", err))
			continue
		}
		var found []keptFile
		t.walkGlob(out.From, nil, func(file keptFile, err error) {
			if err != nil {
				*failures = append(*failures, err)
			} else {
				found = append(found, file)
			}
		})
		folder := to.key == "" || strings.HasSuffix(to.key, "/")
		switch {
		case len(found) == 0:
			t.warn("files.out: %s matches no file in %s", out.From, t.dir)
		case len(found) > 1 && !folder:
			*failures = append(*failures, fmt.Errorf("files.out: %s means %d files, and %s is the address of one: end it with a slash", out.From, len(found), out.To))
			continue
		}
		base := t.baseOf(out.From)
		for _, file := range found {
			place := to
			if folder {
				place.key += strings.TrimPrefix(file.path, base)
			}
			copies = append(copies, copyAway{file, place})
		}
	}
	return copies
}

// baseOf is the folder in which a pattern begins, with a slash at its end; empty for the working directory.
func (t *Task) baseOf(pattern string) string {
	if relative, err := filepath.Rel(t.dir, pattern); filepath.IsAbs(pattern) && err == nil {
		pattern = relative
	}
	pattern = strings.TrimPrefix(pattern, "./")
	if folder := strings.TrimSuffix(pattern, "/"); isFolder(t.dir + "/" + folder) {
		return folder + "/"
	}
	fixed := fixedPrefix(pattern)
	if fixed == pattern {
		fixed = fixed[:strings.LastIndex(fixed, "/")+1]
	}
	if fixed == "" || strings.HasSuffix(fixed, "/") {
		return fixed
	}
	return fixed + "/"
}

// copyOut copies files to where the user wants them, several at once.
func (t *Task) copyOut(ctx context.Context, copies []copyAway, failures *[]error) {
	if len(copies) == 0 {
		return
	}
	client, err := theS3()
	if err != nil {
		*failures = append(*failures, fmt.Errorf("files.out: %w", err))
		return
	}
	errs := make([]error, len(copies))
	done := make([]bool, len(copies))
	each(ctx, len(copies), func(ctx context.Context, index int) error {
		_, _, errs[index] = client.upload(ctx, copies[index].file.source, copies[index].to, true)
		done[index] = true
		return nil
	})
	for i, one := range copies {
		if !done[i] {
			errs[i] = context.Cause(ctx)
		}
		if errs[i] != nil {
			*failures = append(*failures, fmt.Errorf("files.out: %s cannot be copied to %s: %w", one.file.path, one.to, errs[i]))
		}
	}
}
