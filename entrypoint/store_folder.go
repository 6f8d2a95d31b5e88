package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// folderStore keeps every object as a file under its own key, as the driver's folder store does; temporary files live in
// .tmp/ under a name that tells host and process, so that the driver can remove those of processes that were killed.
type folderStore struct {
	root   string
	serial atomic.Int64
}

func newFolderStore(root string) *folderStore {
	return &folderStore{root: strings.TrimSuffix(root, "/")}
}

func (s *folderStore) path(key string) (string, error) {
	if !safePath(strings.TrimSuffix(key, "/")) || strings.HasPrefix(key, ".") {
		return "", fmt.Errorf("the store key %q is not a relative path inside the store", key)
	}
	return s.root + "/" + key, nil
}

func (s *folderStore) LocalPath(key string) (string, bool) {
	path, err := s.path(key)
	return path, err == nil
}

func (s *folderStore) Read(_ context.Context, key string, limit int64) ([]byte, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, os.ErrNotExist
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %s, and the limit is %s", key, sizeText(info.Size()), sizeText(limit))
	}
	return readFile(path)
}

func (s *folderStore) temporaryPath() string {
	host, _ := os.Hostname()
	host = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, host)
	return s.root + "/.tmp/" + host + "-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(s.serial.Add(1), 10)
}

func (s *folderStore) writeTemporary(body []byte) (string, error) {
	temporary := s.temporaryPath()
	err := withParents(temporary, func() error { return writeFile(temporary, body, 0o644) })
	if err != nil {
		os.Remove(temporary)
	}
	return temporary, err
}

func (s *folderStore) Create(_ context.Context, key string, body []byte) (bool, error) {
	path, err := s.path(key)
	if err != nil {
		return false, err
	}
	if len(body) == 0 {
		// Nothing can be seen half written: no detour over a temporary file.
		err := withParents(path, func() error { return writeFileBy(path, nil, syscall.O_EXCL, 0o644) })
		if errors.Is(err, os.ErrExist) {
			return false, nil
		}
		return err == nil, err
	}
	temporary, err := s.writeTemporary(body)
	if err != nil {
		return false, err
	}
	err = withParents(path, func() error { return renameNew(temporary, path) })
	if err != nil {
		os.Remove(temporary)
	}
	if errors.Is(err, os.ErrExist) {
		return false, nil
	}
	return err == nil, err
}

func (s *folderStore) Write(_ context.Context, key string, body []byte) error {
	path, err := s.path(key)
	if err != nil {
		return err
	}
	temporary, err := s.writeTemporary(body)
	if err != nil {
		return err
	}
	if err := withParents(path, func() error { return os.Rename(temporary, path) }); err != nil {
		os.Remove(temporary)
		return err
	}
	return nil
}

func (s *folderStore) Fetch(ctx context.Context, key, path string, mode os.FileMode) (int64, string, error) {
	source, err := s.path(key)
	if err != nil {
		return 0, "", err
	}
	return copyFile(ctx, source, path, mode)
}

func (s *folderStore) Keep(ctx context.Context, key, path string, movable bool) (int64, string, error) {
	target, err := s.path(key)
	if err != nil {
		return 0, "", err
	}
	if movable {
		// Nothing writes to it any more: hashed where it is, then moved, which copies nothing on one file system.
		size, digest, err := hashFile(ctx, path)
		if err != nil {
			return 0, "", err
		}
		err = withParents(target, func() error { return os.Rename(path, target) })
		if err == nil {
			return size, digest, nil
		}
		if !errors.Is(err, syscall.EXDEV) {
			return 0, "", err
		}
	}
	temporary := s.temporaryPath()
	var size int64
	var digest string
	err = withParents(temporary, func() (err error) {
		in, err := openRegular(path)
		if err != nil {
			return err
		}
		defer in.Close()
		size, digest, err = writeCopy(ctx, in, temporary, 0o644)
		return err
	})
	if err == nil {
		err = withParents(target, func() error { return os.Rename(temporary, target) })
	}
	if err != nil {
		os.Remove(temporary)
		return 0, "", err
	}
	return size, digest, nil
}

func (s *folderStore) Remove(_ context.Context, prefix string) error {
	path, err := s.path(prefix)
	if err != nil {
		return err
	}
	return os.RemoveAll(path)
}

func (s *folderStore) ReadAged(ctx context.Context, key string, limit int64) ([]byte, time.Duration, error) {
	path, err := s.path(key)
	if err != nil {
		return nil, 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	body, err := s.Read(ctx, key, limit)
	if err != nil {
		return nil, 0, err
	}
	// A new file's time is the file system's own "now": right on network file systems too.
	probe, err := s.writeTemporary(nil)
	if err != nil {
		return nil, 0, err
	}
	defer os.Remove(probe)
	now, err := os.Stat(probe)
	if err != nil {
		return nil, 0, err
	}
	return body, now.ModTime().Sub(info.ModTime()), nil
}

// withParents makes the folders of path only when the action says that they are missing: mostly they are there.
func withParents(path string, action func() error) error {
	err := action()
	if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return action()
}

// copyFile copies a regular file to a path where there is nothing yet, or a link that is replaced, with exactly this mode
// whatever the umask. It gives size and SHA-256 of what was copied.
func copyFile(ctx context.Context, source, target string, mode os.FileMode) (int64, string, error) {
	in, err := openRegular(source)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	size, digest, err := writeCopy(ctx, in, target, mode)
	if err == nil {
		err = os.Chmod(target, mode.Perm())
	}
	return size, digest, err
}

// writeCopy makes a file of what is read.
func writeCopy(ctx context.Context, in io.Reader, path string, mode os.FileMode) (int64, string, error) {
	target, err := newCopy(path, mode)
	if err != nil {
		return 0, "", err
	}
	_, err = copyHashed(ctx, target, in)
	return target.finish(err)
}

// copyTarget is a new file that is hashed while it is written.
type copyTarget struct {
	file *os.File
	hash hash.Hash
	size int64
}

func newCopy(target string, mode os.FileMode) (*copyTarget, error) {
	const flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	out, err := os.OpenFile(target, flags, mode.Perm()|0o200)
	if errors.Is(err, os.ErrExist) {
		if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		out, err = os.OpenFile(target, flags, mode.Perm()|0o200)
	}
	if err != nil {
		return nil, err
	}
	return &copyTarget{file: out, hash: sha256.New()}, nil
}

func (t *copyTarget) Write(data []byte) (int, error) {
	n, err := t.file.Write(data)
	t.hash.Write(data[:n])
	t.size += int64(n)
	return n, err
}

// restart forgets what was written.
func (t *copyTarget) restart() error {
	t.hash.Reset()
	t.size = 0
	if _, err := t.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return t.file.Truncate(0)
}

// finish closes the file, which goes when it could not be completed.
func (t *copyTarget) finish(err error) (int64, string, error) {
	if closing := t.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		os.Remove(t.file.Name())
	}
	return t.size, hex.EncodeToString(t.hash.Sum(nil)), err
}

// buffers are shared by copies: thousands of small files are staged one after another.
var buffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

func copyHashed(ctx context.Context, out io.Writer, in io.Reader) (int64, error) {
	shared := buffers.Get().(*[256 << 10]byte)
	defer buffers.Put(shared)
	buffer := shared[:]
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return size, err
		}
		n, err := in.Read(buffer)
		if n > 0 {
			if _, err := out.Write(buffer[:n]); err != nil {
				return size, err
			}
			size += int64(n)
		}
		if err == io.EOF {
			return size, nil
		}
		if err != nil {
			return size, err
		}
	}
}

func hashFile(ctx context.Context, path string) (int64, string, error) {
	in, err := openRegular(path)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	hash := sha256.New()
	size, err := copyHashed(ctx, hash, in)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}

var errNotRegular = errors.New("it is not a regular file")

// openRegular opens without waiting for the writer of a pipe, and refuses everything but files.
func openRegular(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "read", Path: path, Err: errNotRegular}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
