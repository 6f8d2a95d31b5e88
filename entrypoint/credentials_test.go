package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// agent hands out credentials as the container's agent does.
func agent(t *testing.T, answer func(number int, w http.ResponseWriter, r *http.Request)) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(int(asked.Add(1)), w, r) }))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL+"/creds")
}

func hand(w http.ResponseWriter, id string, life time.Duration) {
	fmt.Fprintf(w, `{"RoleArn":"r","AccessKeyId":%q,"SecretAccessKey":"s","Token":"t","Expiration":%q}`, id, time.Now().Add(life).UTC().Format(time.RFC3339))
}

func TestCredentialsAreRenewed(t *testing.T) {
	f := newFakeS3(t)
	file := t.TempDir() + "/token"
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "old")
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file)
	os.WriteFile(file, []byte("token 1\n"), 0o600)
	var tokens []string
	agent(t, func(number int, w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		switch number {
		case 1:
			w.WriteHeader(500) // busy
		case 2:
			hand(w, "first", 6*time.Minute)
		case 3:
			hand(w, "second", 4*time.Minute) // in need of renewal at once, but not at every call
		default:
			hand(w, "third", time.Hour)
		}
	})
	store := f.store(t)
	var skew atomic.Int64
	store.client.credentials.now = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
	write := func() {
		t.Helper()
		if err := store.Write(background, "k", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	write()
	write()
	os.WriteFile(file, []byte("token 2"), 0o600)
	skew.Store(int64(2 * time.Minute)) // four of six minutes left
	write()
	write()
	skew.Store(int64(3 * time.Minute))
	write()
	if got := fmt.Sprint(f.keys); got != "[first first second second third]" {
		t.Error(got)
	}
	if got := fmt.Sprint(tokens); got != "[token 1 token 1 token 2 token 2]" {
		t.Error(got)
	}
}

func TestExpiredCredentialsAreReplacedAndTheCallRepeated(t *testing.T) {
	f := newFakeS3(t)
	agent(t, func(number int, w http.ResponseWriter, _ *http.Request) {
		hand(w, fmt.Sprint("key", number), time.Hour)
	})
	f.trouble = func(c *fakeCall) bool {
		return strings.Contains(c.r.Header.Get("Authorization"), "=key1/") && c.refuse(400, "ExpiredToken")
	}
	if err := f.store(t).Write(background, "k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(f.keys); got != "[key1 key2]" {
		t.Error(got)
	}
	// Keys of the environment cannot be replaced: that is said at once.
	t.Setenv("AWS_ACCESS_KEY_ID", "key1")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s")
	if err := f.store(t).Write(background, "k", []byte("x")); err == nil || !strings.Contains(err.Error(), "not valid (any longer)") || len(f.keys) != 3 {
		t.Error(err, f.keys)
	}
}

func TestCredentialsServeOnWhileTheAgentIsAway(t *testing.T) {
	f := newFakeS3(t)
	agent(t, func(number int, w http.ResponseWriter, _ *http.Request) {
		if number > 1 {
			w.WriteHeader(404)
			return
		}
		hand(w, "only", 4*time.Minute)
	})
	store := f.store(t)
	now := time.Now()
	store.client.credentials.now = func() time.Time { return now }
	for range 3 {
		if err := store.Write(background, "k", nil); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Minute)
	}
	now = now.Add(2 * time.Minute)
	if err := store.Write(background, "k", nil); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}

func TestAnAgentThatIsAwayForLongIsAskedAgain(t *testing.T) {
	f := newFakeS3(t)
	before := agentLimit
	agentLimit = 5 * time.Millisecond
	t.Cleanup(func() { agentLimit = before })
	begun := time.Now()
	agent(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if time.Since(begun) < 300*time.Millisecond {
			w.WriteHeader(503)
			return
		}
		hand(w, "key", time.Hour)
	})
	store := f.store(t)
	err := each(background, 20, func(ctx context.Context, _ int) error { return store.Write(ctx, "k", nil) })
	if err != nil || f.count("PutObject") != 20 {
		t.Error(err, f.calls)
	}
	// Whoever has no time left does not wait for the others' question.
	store.client.credentials.lock <- struct{}{}
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	if _, err := store.Read(ctx, "k", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestAgentsAddresses(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x?y=z")
	if address, err := credentialsAddress(); err != nil || address.String() != "http://169.254.170.2/v2/credentials/x?y=z" {
		t.Error(address, err)
	}
	t.Setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "")
	if _, err := credentialsAddress(); err != errNoCredentials {
		t.Error(err)
	}
	for address, want := range map[string]bool{
		"http://127.0.0.9:80/x": true, "http://[::1]/x": true, "http://localhost/x": true, "http://169.254.170.2/x": true, "http://169.254.170.23/v1": true,
		"http://[fd00:ec2::23]/v1": true, "https://anywhere.example/x": true,
		"http://169.254.169.254/latest": false, "http://example.com/x": false, "http://10.0.0.1/x": false, "ftp://127.0.0.1/x": false, "/x": false,
	} {
		t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", address)
		if _, err := credentialsAddress(); (err == nil) != want {
			t.Error(address, err)
		}
	}
	t.Setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "a\r\nb")
	if _, err := agentToken(); err == nil {
		t.Error("a token with a line break was taken")
	}
}
