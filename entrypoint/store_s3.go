package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// s3Store keeps every object below a prefix of a bucket.
type s3Store struct {
	client   *s3Client
	root     s3Place // its key is empty or ends in a slash
	noRemove atomic.Bool
}

func newS3Store(address string) (*s3Store, error) {
	root, err := parsePlace(address)
	if err != nil {
		return nil, err
	}
	if root.key = strings.TrimSuffix(root.key, "/"); root.key != "" {
		root.key += "/"
	}
	client, err := theS3()
	if err != nil {
		return nil, err
	}
	transfers = bodiesAtOnce // the way is long, and the processor has little to do
	return &s3Store{client: client, root: root}, nil
}

func (s *s3Store) place(key string) (s3Place, error) {
	if !safePath(strings.TrimSuffix(key, "/")) {
		return s3Place{}, fmt.Errorf("the store key %q is not a relative path inside the store", key)
	}
	return s3Place{s.root.bucket, s.root.key + key}, nil
}

func (s *s3Store) Read(ctx context.Context, key string, limit int64) ([]byte, error) {
	body, _, err := s.ReadAged(ctx, key, limit)
	return body, err
}

func (s *s3Store) ReadAged(ctx context.Context, key string, limit int64) ([]byte, time.Duration, error) {
	place, err := s.place(key)
	if err != nil {
		return nil, 0, err
	}
	return s.client.get(ctx, place, limit)
}

func (s *s3Store) Create(ctx context.Context, key string, body []byte) (bool, error) {
	place, err := s.place(key)
	if err != nil {
		return false, err
	}
	return s.client.create(ctx, place, body)
}

func (s *s3Store) Write(ctx context.Context, key string, body []byte) error {
	place, err := s.place(key)
	if err != nil {
		return err
	}
	return s.client.put(ctx, place, body)
}

func (s *s3Store) Fetch(ctx context.Context, key, path string, mode os.FileMode) (int64, string, error) {
	place, err := s.place(key)
	if err != nil {
		return 0, "", err
	}
	// The folder first: a file that cannot be made would cost a request.
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return 0, "", err
	}
	return s.client.download(ctx, place, path, mode, false)
}

func (s *s3Store) Keep(ctx context.Context, key, path string, _ bool) (int64, string, error) {
	place, err := s.place(key)
	if err != nil {
		return 0, "", err
	}
	return s.client.upload(ctx, path, place, false)
}

// Remove removes one by one: DeleteObjects needs a digest of its own and brings nothing for the few files of a
// checkpoint. A role that may not remove is asked once.
func (s *s3Store) Remove(ctx context.Context, prefix string) error {
	place, err := s.place(prefix)
	if err != nil || s.noRemove.Load() {
		return err
	}
	var keys []string
	err = s.client.list(ctx, place, false, func(found []listed) error {
		for _, one := range found {
			keys = append(keys, one.key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = each(ctx, len(keys), func(ctx context.Context, index int) error {
		return s.client.remove(ctx, s3Place{place.bucket, keys[index]})
	})
	if errors.Is(err, os.ErrPermission) {
		s.noRemove.Store(true)
	}
	return err
}

func (s *s3Store) LocalPath(key string) (string, bool) { return s.root.String() + key, false }
