package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// get reads a small object; age is how long ago it was written, by S3's own clock.
func (c *s3Client) get(ctx context.Context, place s3Place, limit int64) (body []byte, age time.Duration, err error) {
	call := &s3Call{action: "GetObject", method: http.MethodGet, place: place}
	err = c.exchange(ctx, call, func(answer *http.Response) error {
		if answer.ContentLength > limit {
			return fmt.Errorf("%s has %s, and the limit is %s", place, sizeText(answer.ContentLength), sizeText(limit))
		}
		var err error
		if body, err = readBody(answer, limit); err != nil {
			return err
		}
		age = ageOf(answer)
		return nil
	})
	return body, age, err
}

func readBody(answer *http.Response, limit int64) ([]byte, error) {
	body := bytes.NewBuffer(make([]byte, 0, max(answer.ContentLength, 0)+bytes.MinRead))
	if _, err := body.ReadFrom(io.LimitReader(answer.Body, limit+1)); err != nil {
		return nil, passing{fmt.Errorf("the answer was cut off: %w", err)}
	}
	if int64(body.Len()) > limit {
		return nil, fmt.Errorf("the answer has more than %s", sizeText(limit))
	}
	return body.Bytes(), nil
}

// ageOf is the time from the writing of an object to the answer that brought it; 0 when that is not told.
func ageOf(answer *http.Response) time.Duration {
	now, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return 0
	}
	written, err := http.ParseTime(answer.Header.Get("Last-Modified"))
	if err != nil {
		return 0
	}
	return now.Sub(written)
}

// put writes a small object.
func (c *s3Client) put(ctx context.Context, place s3Place, body []byte) error {
	return c.exchange(ctx, putCall(place, body), finished)
}

func putCall(place s3Place, body []byte) *s3Call {
	return &s3Call{
		action: "PutObject", method: http.MethodPut, place: place, header: http.Header{"Content-Type": {contentType(place.key)}},
		size: int64(len(body)), digest: sum(body), body: func() io.Reader { return bytes.NewReader(body) },
	}
}

// create writes a small object where there is none; false when somebody was first. A write whose answer was lost is met
// again at the next try, and is ours all the same.
func (c *s3Client) create(ctx context.Context, place s3Place, body []byte) (bool, error) {
	call := putCall(place, body)
	call.header.Set("If-None-Match", "*")
	err := c.exchange(ctx, call, finished)
	var refusal *s3Error
	if !errors.As(err, &refusal) || refusal.status != http.StatusPreconditionFailed {
		return err == nil, err
	}
	if call.tries == 1 {
		return false, nil
	}
	there, _, err := c.get(ctx, place, int64(len(body))+1)
	if err != nil && there == nil && !strings.Contains(err.Error(), "the limit is") {
		return false, err
	}
	return err == nil && bytes.Equal(there, body), nil
}

// finished reads what is left of an answer, so that its connection can be used again.
func finished(answer *http.Response) error {
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)); err != nil {
		return passing{err}
	}
	return nil
}

// remove removes an object; one that is not there is removed already.
func (c *s3Client) remove(ctx context.Context, place s3Place) error {
	return c.exchange(ctx, &s3Call{action: "DeleteObject", method: http.MethodDelete, place: place}, finished)
}

// listed is an object of a listing.
type listed struct {
	key  string
	size int64
}

// list gives all objects below a prefix, page by page.
func (c *s3Client) list(ctx context.Context, place s3Place, follow bool, take func([]listed) error) error {
	token := ""
	for {
		query := map[string]string{"list-type": "2", "prefix": place.key, "encoding-type": "url"}
		if token != "" {
			query["continuation-token"] = token
		}
		var page string
		call := &s3Call{action: "ListObjectsV2", method: http.MethodGet, place: s3Place{place.bucket, ""}, query: query, follow: follow}
		err := c.exchange(ctx, call, func(answer *http.Response) error {
			body, err := readBody(answer, 16<<20)
			page = string(body)
			return err
		})
		if err != nil {
			return err
		}
		var found []listed
		for rest := page; ; {
			var entry string
			if entry, rest = xmlNext(rest, "Contents"); entry == "" {
				break
			}
			key, err := url.QueryUnescape(xmlText(entry, "Key"))
			if err != nil {
				return fmt.Errorf("S3 lists a key below %s that cannot be read: %w", place, err)
			}
			size, err := strconv.ParseInt(xmlText(entry, "Size"), 10, 64)
			if err != nil {
				return fmt.Errorf("S3 lists %s without a size: %w", s3Place{place.bucket, key}, err)
			}
			found = append(found, listed{key, size})
		}
		if err := take(found); err != nil {
			return err
		}
		if token = xmlText(page, "NextContinuationToken"); token == "" || xmlText(page, "IsTruncated") != "true" {
			return nil
		}
	}
}

// contentType lets the console of S3 show what people look at.
func contentType(key string) string {
	switch {
	case strings.HasSuffix(key, ".json"):
		return "application/json"
	case strings.HasSuffix(key, "/log.txt"):
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// download copies an object to a new file and gives size and SHA-256. A body that is cut off is continued where it
// broke, as long as the object is the same.
func (c *s3Client) download(ctx context.Context, place s3Place, path string, mode os.FileMode, follow bool) (size int64, digest string, err error) {
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return 0, "", context.Cause(ctx)
	}
	target, err := newCopy(path, mode)
	if err != nil {
		return 0, "", err
	}
	call := &s3Call{action: "GetObject", method: http.MethodGet, place: place, header: http.Header{}, follow: follow}
	err = c.exchange(ctx, call, func(answer *http.Response) error {
		if target.size > 0 && answer.StatusCode != http.StatusPartialContent {
			if err := target.restart(); err != nil {
				return err
			}
		}
		body := &reading{from: answer.Body}
		got, err := copyHashed(ctx, target, body)
		if body.err == nil {
			return err
		}
		if target.size > 0 {
			call.header.Set("Range", "bytes="+strconv.FormatInt(target.size, 10)+"-")
			call.header.Set("If-Match", answer.Header.Get("Etag"))
		}
		if got > 0 {
			return passing{fmt.Errorf("%w: %w", errProgress, body.err)}
		}
		return passing{fmt.Errorf("the answer was cut off: %w", body.err)}
	})
	var refusal *s3Error
	if errors.As(err, &refusal) && refusal.status == http.StatusPreconditionFailed {
		err = fmt.Errorf("%s was replaced while it was read", place)
	}
	if err == nil {
		err = target.file.Chmod(mode.Perm())
	}
	return target.finish(err)
}
