package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Larger files go in parts, several at once. S3 takes 10,000 parts of at least 5 MiB.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const (
	wholeLimit   = 16 << 20
	leastPart    = 8 << 20
	mostParts    = 10_000
	partsAtOnce  = 4
	abortLimit   = 10 * time.Second
	lateAbort    = 2 * time.Second // when time is over already, and the result has yet to be written
	uploadsTried = 3
)

// partSize is the size of all parts but the last: whole megabytes, so that 10,000 suffice.
func partSize(size int64) int64 {
	const megabyte = 1 << 20
	least := (size + mostParts - 1) / mostParts
	return max(leastPart, (least+megabyte-1)/megabyte*megabyte)
}

// errChanging is a file that is written to while it is kept.
var errChanging = errors.New("it is written to while it is kept: write a file under another name and rename it")

// upload copies a file into an object and gives size and SHA-256. The file is read twice, for its digest and on its way,
// never into memory; S3 compares what arrived with the digest.
func (c *s3Client) upload(ctx context.Context, path string, place s3Place, follow bool) (size int64, digest string, err error) {
	for try := 1; ; try++ {
		size, digest, err = c.uploadOnce(ctx, path, place, follow)
		if !errors.Is(err, errChanging) || try == uploadsTried {
			return size, digest, err
		}
	}
}

func (c *s3Client) uploadOnce(ctx context.Context, path string, place s3Place, follow bool) (int64, string, error) {
	file, err := openRegular(path)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return 0, "", err
	}
	u := &uploading{client: c, file: file, size: info.Size(), place: place, follow: follow}
	if u.size > wholeLimit {
		digest, err := u.inParts(ctx)
		return u.size, digest, err
	}
	digest, err := u.digest(ctx, 0, u.size, io.Discard)
	if err != nil {
		return 0, "", err
	}
	call := &s3Call{action: "PutObject", method: http.MethodPut, place: place, header: http.Header{"Content-Type": {contentType(place.key)}}, follow: follow}
	return u.size, digest, u.send(ctx, call, 0, u.size, digest, finished)
}

// uploading is one file on its way.
type uploading struct {
	client *s3Client
	file   *os.File
	size   int64
	place  s3Place
	follow bool
}

// digest is that of a part of the file; the part goes to whole too.
func (u *uploading) digest(ctx context.Context, from, size int64, whole io.Writer) (string, error) {
	hash := sha256.New()
	read, err := copyHashed(ctx, io.MultiWriter(hash, whole), io.NewSectionReader(u.file, from, size))
	if err == nil && read != size {
		err = errChanging
	}
	return hex.EncodeToString(hash.Sum(nil)), err
}

// send sends a part of the file.
func (u *uploading) send(ctx context.Context, call *s3Call, from, size int64, digest string, take func(*http.Response) error) error {
	select {
	case u.client.slots <- struct{}{}:
		defer func() { <-u.client.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	call.size, call.digest = size, digest
	call.body = func() io.Reader { return &wholeSection{io.NewSectionReader(u.file, from, size), size, &call.short} }
	err := u.client.exchange(ctx, call, take)
	var refusal *s3Error
	if errors.As(err, &refusal) && (refusal.code == "XAmzContentSHA256Mismatch" || refusal.code == "BadDigest") {
		return errChanging
	}
	return err
}

// wholeSection notes a file that has become shorter.
type wholeSection struct {
	io.Reader
	left  int64
	short *atomic.Bool
}

func (s *wholeSection) Read(into []byte) (int, error) {
	n, err := s.Reader.Read(into)
	if s.left -= int64(n); err == io.EOF && s.left > 0 {
		s.short.Store(true)
		return n, errChanging
	}
	return n, err
}

type part struct {
	number     int
	from, size int64
	digest     string
}

// inParts uploads a large file.
func (u *uploading) inParts(ctx context.Context) (digest string, err error) {
	id, err := u.begin(ctx)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			u.abort(ctx, id)
		}
	}()
	size := partSize(u.size)
	tags := make([]string, (u.size+size-1)/size)
	parts := make(chan part) // digests are taken ahead of the sending by one part
	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	whole := sha256.New()
	go func() {
		defer close(parts)
		for i := range tags {
			next := part{number: i + 1, from: int64(i) * size}
			next.size = min(size, u.size-next.from)
			var err error
			if next.digest, err = u.digest(working, next.from, next.size, whole); err != nil {
				stop(err)
				return
			}
			select {
			case parts <- next:
			case <-working.Done():
				return
			}
		}
	}()
	err = each(working, min(partsAtOnce, len(tags)), func(ctx context.Context, _ int) error {
		for next := range parts {
			if err := u.sendPart(ctx, id, next, tags); err != nil {
				stop(err)
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = context.Cause(working)
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(whole.Sum(nil)), u.complete(ctx, id, tags)
}

func (u *uploading) begin(ctx context.Context) (id string, err error) {
	call := &s3Call{
		action: "CreateMultipartUpload", method: http.MethodPost, place: u.place, query: map[string]string{"uploads": ""}, follow: u.follow,
		header: http.Header{"Content-Type": {contentType(u.place.key)}},
	}
	err = u.client.exchange(ctx, call, func(answer *http.Response) error {
		body, err := readBody(answer, 64<<10)
		if id = xmlText(string(body), "UploadId"); err == nil && id == "" {
			err = fmt.Errorf("S3 has begun no upload to %s", u.place)
		}
		return err
	})
	return id, err
}

func (u *uploading) sendPart(ctx context.Context, id string, next part, tags []string) error {
	call := &s3Call{
		action: "UploadPart", method: http.MethodPut, place: u.place, follow: u.follow,
		query: map[string]string{"partNumber": strconv.Itoa(next.number), "uploadId": id},
	}
	return u.send(ctx, call, next.from, next.size, next.digest, func(answer *http.Response) error {
		tags[next.number-1] = answer.Header.Get("Etag")
		return finished(answer)
	})
}

// complete makes the parts an object. S3 may say yes in its header and no in its body.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
func (u *uploading) complete(ctx context.Context, id string, tags []string) error {
	var list strings.Builder
	list.WriteString(`<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`)
	for i, tag := range tags {
		fmt.Fprintf(&list, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i+1, xmlEscape.Replace(tag))
	}
	list.WriteString("</CompleteMultipartUpload>")
	body := list.String()
	call := &s3Call{
		action: "CompleteMultipartUpload", method: http.MethodPost, place: u.place, query: map[string]string{"uploadId": id}, follow: u.follow,
		header: http.Header{"Content-Type": {"application/xml"}}, size: int64(len(body)), digest: sum([]byte(body)),
		body: func() io.Reader { return strings.NewReader(body) },
	}
	err := u.client.exchange(ctx, call, func(answer *http.Response) error {
		said, err := readBody(answer, 64<<10)
		if err == nil && strings.Contains(string(said), "<Error>") {
			return s3ErrorOf(string(said), http.StatusInternalServerError, call)
		}
		return err
	})
	var refusal *s3Error
	if errors.As(err, &refusal) && refusal.code == "NoSuchUpload" && call.tries > 1 && u.isThere(ctx, len(tags)) {
		return nil // it was completed by the try whose answer was lost
	}
	return err
}

// isThere tells whether the object is what was uploaded: entity tags of such uploads end with the number of parts.
func (u *uploading) isThere(ctx context.Context, parts int) bool {
	found := false
	call := &s3Call{action: "HeadObject", method: http.MethodHead, place: u.place, follow: u.follow}
	err := u.client.exchange(ctx, call, func(answer *http.Response) error {
		tag := strings.Trim(answer.Header.Get("Etag"), `"`)
		found = answer.ContentLength == u.size && strings.HasSuffix(tag, "-"+strconv.Itoa(parts))
		return nil
	})
	return err == nil && found
}

// abort throws the parts away. Where that is not allowed, a lifecycle rule of the bucket does it.
func (u *uploading) abort(ctx context.Context, id string) {
	limit := abortLimit
	if ctx.Err() != nil {
		limit = lateAbort
	}
	ctx, cancel := context.WithTimeout(background, limit)
	defer cancel()
	call := &s3Call{action: "AbortMultipartUpload", method: http.MethodDelete, place: u.place, query: map[string]string{"uploadId": id}, follow: u.follow}
	u.client.exchange(ctx, call, finished)
}
