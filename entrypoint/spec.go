package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// loadSpec reads the document behind LATTICE_SPEC and checks it against its digest, so that a task never runs anything
// but what the driver wrote.
func loadSpec(ctx context.Context, address, digest string) (*WorkSpec, error) {
	body, err := readAddress(ctx, address, limitSpecBytes)
	if err != nil {
		return nil, fmt.Errorf("cannot read the spec %s: %w", address, err)
	}
	if got := sum(body); got != strings.ToLower(digest) {
		return nil, fmt.Errorf("the spec %s has SHA-256 %s, but LATTICE_SPEC_SHA256 says %q: it was changed after the launch", address, got, digest)
	}
	var document SpecDocument
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, fmt.Errorf("the spec %s is not a spec document: %w", address, err)
	}
	if document.Version != contractVersion {
		return nil, fmt.Errorf("the spec %s has contract version %d, but this entrypoint (%s) knows version %d: use the entrypoint that came with the driver",
			address, document.Version, version, contractVersion)
	}
	if len(document.Work) != 1 {
		return nil, fmt.Errorf("the spec %s has %d entries of work, but this entrypoint runs exactly one", address, len(document.Work))
	}
	spec := &document.Work[0]
	if err := checkSpec(spec); err != nil {
		return nil, fmt.Errorf("the spec %s %w", address, err)
	}
	return spec, nil
}

func checkSpec(spec *WorkSpec) error {
	if spec.RunID == "" || spec.Attempt < 1 || !safePath(spec.RunID) {
		return fmt.Errorf("names no valid run and attempt (run %q, attempt %d)", spec.RunID, spec.Attempt)
	}
	if !safePath(spec.Task) {
		return fmt.Errorf("has the task key %q, which is not a relative path", spec.Task)
	}
	switch spec.Work.Kind {
	case "run", "command", "call", "image":
	default:
		return fmt.Errorf("has work of kind %q; this entrypoint knows run, command, call and image", spec.Work.Kind)
	}
	return nil
}

// specLimit is how long the spec is asked for: without it there is nothing to save, and the driver can launch anew.
const specLimit = 5 * time.Minute

// readAddress reads a small document; more than limit bytes are an error.
func readAddress(ctx context.Context, address string, limit int64) ([]byte, error) {
	if strings.HasPrefix(address, "s3://") {
		place, err := parsePlace(address)
		if err != nil {
			return nil, err
		}
		client, err := theS3()
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, specLimit)
		defer cancel()
		body, _, err := client.get(ctx, place, limit)
		return body, err
	}
	path, err := filePath(address)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("it has %s, and the limit is %s", sizeText(info.Size()), sizeText(limit))
	}
	return readFile(path)
}

// filePath is the path of a file:// address.
func filePath(address string) (string, error) {
	if !strings.HasPrefix(address, "file:///") {
		return "", fmt.Errorf("the address %q is not of the form file:///path or s3://bucket/key", address)
	}
	path, err := url.PathUnescape(address[len("file://"):])
	if err != nil {
		return "", fmt.Errorf("the address %q is not well formed: %w", address, err)
	}
	clean := filepath.Clean(path)
	if strings.HasSuffix(path, "/") && clean != "/" {
		clean += "/"
	}
	return clean, nil
}

// safePath tells whether a path is relative and stays inside its folder; paths come from tasks and are not trusted.
func safePath(path string) bool {
	if path == "" || strings.ContainsAny(path, "\\\x00") {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

func sum(body []byte) string {
	digest := sha256.Sum256(body)
	return hex.EncodeToString(digest[:])
}

func sizeText(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	case bytes >= 10<<10:
		return fmt.Sprintf("%.0f KB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", bytes)
}
