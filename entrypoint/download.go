package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"
)

// downloadPauses are between the tries of a download: servers of the web are now and then busy, or cut a connection.
var downloadPauses = []time.Duration{time.Second, 3 * time.Second, 10 * time.Second}

// passing is a failure that may be over at the next try.
type passing struct{ error }

func (p passing) Unwrap() error { return p.error }

// download copies a public file of the web and gives its SHA-256, which the caller checks.
func download(ctx context.Context, address, target string, mode os.FileMode) (string, error) {
	for try := 0; ; try++ {
		digest, err := downloadOnce(ctx, address, target, mode)
		var later passing
		if err == nil || !errors.As(err, &later) || ctx.Err() != nil {
			return digest, err
		}
		if try == len(downloadPauses) {
			return "", fmt.Errorf("%w (tried %d times)", later.error, try+1)
		}
		select {
		case <-ctx.Done():
			return "", err
		case <-time.After(downloadPauses[try]):
		}
	}
}

// webClient is for servers of the web. A server may be slower to answer than S3; the staging limit bounds it.
var webClient = sync.OnceValue(func() *http.Client {
	transport := newSecureTransport(trustedRoots())
	transport.ResponseHeaderTimeout = 2 * answerLimit
	return &http.Client{Transport: transport}
})

func downloadOnce(ctx context.Context, address, target string, mode os.FileMode) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	answer, err := webClient().Do(request)
	var distrust *tls.CertificateVerificationError
	if errors.As(err, &distrust) {
		return "", fmt.Errorf("the server's certificate is not trusted here: %w; SSL_CERT_FILE names other roots", distrust.Err)
	}
	if err != nil {
		return "", passing{err}
	}
	defer answer.Body.Close()
	switch code := answer.StatusCode; {
	case code == http.StatusNotFound, code == http.StatusGone:
		return "", os.ErrNotExist
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout:
		return "", passing{fmt.Errorf("the server says %s", answer.Status)}
	case code != http.StatusOK:
		return "", fmt.Errorf("the server says %s", answer.Status)
	}
	body := &reading{from: answer.Body}
	_, digest, err := writeCopy(ctx, body, target, mode)
	if body.err != nil {
		return "", passing{fmt.Errorf("the answer was cut off: %w", body.err)}
	}
	if err == nil {
		err = os.Chmod(target, mode.Perm())
	}
	return digest, err
}

// reading tells a server that breaks off from a disk that is full.
type reading struct {
	from io.Reader
	err  error
}

func (r *reading) Read(into []byte) (int, error) {
	n, err := r.from.Read(into)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}
