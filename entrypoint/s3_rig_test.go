package main

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeS3 is as much of S3 as the entrypoint uses, in path style, with a hook for what goes wrong.
type fakeS3 struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string]fakeObject // by bucket/key
	uploads map[string]map[int][]byte
	calls   []string // action and key, of all that came
	keys    []string // access keys that signed
	page    int
	offset  time.Duration // of its clock
	// trouble is asked before a call has its effect; true: it has answered.
	trouble func(call *fakeCall) bool
	// after is asked when the call has had its effect and nothing was answered yet; true: it has answered.
	after func(call *fakeCall) bool
}

type fakeObject struct {
	body     []byte
	tag      string
	modified time.Time
	header   http.Header
}

type fakeCall struct {
	w      http.ResponseWriter
	r      *http.Request
	action string
	key    string // with the bucket
	number int    // of the same action and key, from 1
}

// breakOff closes the connection without an answer.
func (c *fakeCall) breakOff() bool {
	connection, _, _ := c.w.(http.Hijacker).Hijack()
	connection.Close()
	return true
}

func (c *fakeCall) refuse(status int, code string) bool {
	c.w.Header().Set("x-amz-request-id", "REQ1")
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		fmt.Fprintf(c.w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>said &quot;no&quot;</Message></Error>`, code)
	}
	return true
}

func newFakeS3(t *testing.T) *fakeS3 {
	f := &fakeS3{objects: map[string]fakeObject{}, uploads: map[string]map[int][]byte{}, page: 1000}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", f.URL)
	t.Setenv("AWS_REGION", "eu-north-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	return f
}

func (f *fakeS3) client(t *testing.T) *s3Client {
	t.Helper()
	c, err := newS3Client()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (f *fakeS3) store(t *testing.T) *s3Store {
	return &s3Store{client: f.client(t), root: s3Place{"bucket", "pre fix/"}}
}

func (f *fakeS3) put(key, body string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[key] = fakeObject{body: []byte(body), tag: tagOf([]byte(body)), modified: time.Now().Add(f.offset)}
}

func (f *fakeS3) body(key string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return string(f.objects[key].body)
}

func (f *fakeS3) names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for name := range f.objects {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (f *fakeS3) count(action string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, call := range f.calls {
		if strings.HasPrefix(call, action+" ") {
			n++
		}
	}
	return n
}

func tagOf(body []byte) string {
	digest := md5.Sum(body)
	return `"` + hex.EncodeToString(digest[:]) + `"`
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	if err != nil {
		panic(err)
	}
	call := &fakeCall{w: w, r: r, key: key, action: actionOf(r)}
	f.mu.Lock()
	f.calls = append(f.calls, call.action+" "+key)
	for _, one := range f.calls {
		if one == call.action+" "+key {
			call.number++
		}
	}
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(rest, "/")
	f.keys = append(f.keys, id)
	trouble, after := f.trouble, f.after
	f.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(f.offset).UTC().Format(http.TimeFormat))
	if trouble != nil && trouble(call) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if digest := r.Header.Get("X-Amz-Content-Sha256"); digest != sum(body) {
		call.refuse(400, "XAmzContentSHA256Mismatch")
		return
	}
	f.mu.Lock()
	answer := f.act(call, body)
	f.mu.Unlock()
	if after != nil && after(call) {
		return
	}
	answer()
}

func actionOf(r *http.Request) string {
	query := r.URL.Query()
	switch {
	case query.Get("list-type") == "2":
		return "ListObjectsV2"
	case query.Has("uploads"):
		return "CreateMultipartUpload"
	case query.Has("partNumber"):
		return "UploadPart"
	case query.Has("uploadId") && r.Method == http.MethodPost:
		return "CompleteMultipartUpload"
	case query.Has("uploadId"):
		return "AbortMultipartUpload"
	}
	return map[string]string{"GET": "GetObject", "PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[r.Method]
}

// act has the effect, and gives what answers.
func (f *fakeS3) act(call *fakeCall, body []byte) func() {
	query := call.r.URL.Query()
	refuse := func(status int, code string) func() { return func() { call.refuse(status, code) } }
	say := func(text string) func() { return func() { io.WriteString(call.w, text) } }
	object, exists := f.objects[call.key]
	switch call.action {
	case "PutObject":
		if call.r.Header.Get("If-None-Match") == "*" && exists {
			return refuse(412, "PreconditionFailed")
		}
		f.objects[call.key] = fakeObject{body: body, tag: tagOf(body), modified: time.Now().Add(f.offset), header: call.r.Header}
		return say("")
	case "GetObject", "HeadObject":
		if !exists {
			return refuse(404, "NoSuchKey")
		}
		if match := call.r.Header.Get("If-Match"); match != "" && match != object.tag {
			return refuse(412, "PreconditionFailed")
		}
		return func() {
			call.w.Header().Set("Etag", object.tag)
			http.ServeContent(call.w, call.r, "", object.modified, bytes.NewReader(object.body))
		}
	case "DeleteObject":
		delete(f.objects, call.key)
		return func() { call.w.WriteHeader(204) }
	case "ListObjectsV2":
		return say(f.list(call.key, query))
	case "CreateMultipartUpload":
		id := fmt.Sprintf("upload %d&", len(f.uploads))
		f.uploads[id] = map[int][]byte{}
		return say("<InitiateMultipartUploadResult><UploadId>" + xmlEscape.Replace(id) + "</UploadId></InitiateMultipartUploadResult>")
	}
	parts, open := f.uploads[query.Get("uploadId")]
	if !open {
		return refuse(404, "NoSuchUpload")
	}
	switch call.action {
	case "UploadPart":
		number, _ := strconv.Atoi(query.Get("partNumber"))
		parts[number] = body
		return func() { call.w.Header().Set("Etag", tagOf(body)) }
	case "AbortMultipartUpload":
		delete(f.uploads, query.Get("uploadId"))
		return func() { call.w.WriteHeader(204) }
	}
	var whole []byte
	number := 0
	for rest := string(body); ; number++ {
		var entry string
		if entry, rest = xmlNext(rest, "Part"); entry == "" {
			break
		}
		at, _ := strconv.Atoi(xmlText(entry, "PartNumber"))
		if at != number+1 || tagOf(parts[at]) != xmlText(entry, "ETag") {
			return refuse(400, "InvalidPart")
		}
		whole = append(whole, parts[at]...)
	}
	delete(f.uploads, query.Get("uploadId"))
	f.objects[call.key] = fakeObject{body: whole, tag: fmt.Sprintf(`"abc-%d"`, number), modified: time.Now().Add(f.offset)}
	return say("<CompleteMultipartUploadResult/>")
}

func (f *fakeS3) list(bucket string, query url.Values) string {
	var keys []string
	for name := range f.objects {
		if key, inside := strings.CutPrefix(name, strings.TrimSuffix(bucket, "/")+"/"); inside && strings.HasPrefix(key, query.Get("prefix")) && key > query.Get("continuation-token") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	more := len(keys) > f.page
	keys = keys[:min(len(keys), f.page)]
	var out strings.Builder
	out.WriteString("<ListBucketResult>")
	for _, key := range keys {
		fmt.Fprintf(&out, "<Contents><Key>%s</Key><Size>%d</Size></Contents>", url.QueryEscape(key), len(f.objects[strings.TrimSuffix(bucket, "/")+"/"+key].body))
	}
	fmt.Fprintf(&out, "<IsTruncated>%t</IsTruncated>", more)
	if more {
		fmt.Fprintf(&out, "<NextContinuationToken>%s</NextContinuationToken>", xmlEscape.Replace(keys[len(keys)-1]))
	}
	out.WriteString("</ListBucketResult>")
	return out.String()
}
