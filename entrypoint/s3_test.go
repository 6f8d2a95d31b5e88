package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Examples of the documentation, with its keys.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func TestSignaturesAreThoseOfTheDocumentation(t *testing.T) {
	who := credentials{id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	at := time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	for name, one := range map[string]struct {
		method, key, body string
		query             map[string]string
		header            map[string]string
		signed, signature string
	}{
		"GET object": {"GET", "test.txt", "", nil, map[string]string{"Range": "bytes=0-9"},
			"host;range;x-amz-content-sha256;x-amz-date", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		"PUT object": {"PUT", "test$file.text", "Welcome to Amazon S3.", nil,
			map[string]string{"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
			"date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class", "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		"GET lifecycle": {"GET", "", "", map[string]string{"lifecycle": ""}, nil,
			"host;x-amz-content-sha256;x-amz-date", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		"list objects": {"GET", "", "", map[string]string{"prefix": "J", "max-keys": "2"}, nil,
			"host;x-amz-content-sha256;x-amz-date", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	} {
		address := s3Endpoint{}.address(s3Place{"examplebucket", one.key}, "us-east-1", one.query)
		address.Host = "examplebucket.s3.amazonaws.com" // the examples' own
		request := &http.Request{Method: one.method, URL: address, Host: address.Host, Header: http.Header{}}
		for name, value := range one.header {
			request.Header.Set(name, value)
		}
		sign(request, signingScope{"us-east-1", "s3"}, who, sum([]byte(one.body)), at)
		want := "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" + one.signed + ",Signature=" + one.signature
		if got := request.Header.Get("Authorization"); got != want {
			t.Errorf("%s:\n%s\n%s", name, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, one := range []struct {
		env                 map[string]string
		region, place, want string
	}{
		{nil, "eu-west-1", "s3://b/a b+c%/ü", "https://b.s3.eu-west-1.amazonaws.com/a%20b%2Bc%25/%C3%BC"},
		{nil, "eu-west-1", "s3://b.c/../x//y", "https://s3.eu-west-1.amazonaws.com/b.c/../x//y"},
		{nil, "cn-north-1", "s3://b/k", "https://b.s3.cn-north-1.amazonaws.com.cn/k"},
		{nil, "us-gov-west-1", "s3://b/k", "https://b.s3.us-gov-west-1.amazonaws.com/k"},
		{map[string]string{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"}, "us-east-1", "s3://b/k", "https://b.s3-fips.dualstack.us-east-1.amazonaws.com/k"},
		{map[string]string{"AWS_ENDPOINT_URL": "http://localhost:9/s3/"}, "us-east-1", "s3://b/k", "http://localhost:9/s3/b/k"},
		{map[string]string{"AWS_ENDPOINT_URL": "http://x:1", "AWS_ENDPOINT_URL_S3": "https://y"}, "us-east-1", "s3://b/", "https://y/b"},
	} {
		for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
			t.Setenv(name, one.env[name])
		}
		endpoint, err := newS3Endpoint()
		place, wrong := parsePlace(one.place)
		if err != nil || wrong != nil {
			t.Fatal(err, wrong)
		}
		if got := endpoint.address(place, one.region, nil).String(); got != one.want {
			t.Errorf("%s: %s", one.place, got)
		}
	}
	for _, wrong := range []string{"s3://", "s3:///k", "http://b/k", "s3://b?x/k"} {
		if _, err := parsePlace(wrong); err == nil {
			t.Error(wrong)
		}
	}
}

func TestEmbeddedRoots(t *testing.T) {
	pool, err := embeddedRoots()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(pool.Subjects()); got < 100 { //nolint:staticcheck // these are no system roots
		t.Errorf("%d roots", got)
	}
}

func TestS3StoreKeepsAndGives(t *testing.T) {
	f := newFakeS3(t)
	store := f.store(t)
	dir := t.TempDir()
	for _, name := range []string{"a", "ü b+c%20=&?#.txt", "deep/er/~'()*!$,;:@[]", "日本/😀"} {
		body := "content of " + name
		os.WriteFile(dir+"/in", []byte(body), 0o600)
		size, digest, err := store.Keep(background, "files/"+name, dir+"/in", true)
		if err != nil || size != int64(len(body)) || digest != sum([]byte(body)) {
			t.Error(name, size, err)
		}
		if f.body("bucket/pre fix/files/"+name) != body {
			t.Errorf("%s is not there: %q", name, f.names())
		}
		size, digest, err = store.Fetch(background, "files/"+name, dir+"/out/"+name, 0o640)
		if err != nil || size != int64(len(body)) || digest != sum([]byte(body)) {
			t.Error(name, size, err)
		}
		if info, err := os.Stat(dir + "/out/" + name); err != nil || info.Mode().Perm() != 0o640 {
			t.Error(info, err)
		}
	}
	if _, _, err := store.Fetch(background, "none", dir+"/none", 0o644); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := os.Stat(dir + "/none"); err == nil {
		t.Error("a file was left for an object that is not there")
	}
	if _, err := store.Read(background, "none", 10); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := store.Write(background, "x.json", []byte("{}")); err != nil || f.objects["bucket/pre fix/x.json"].header.Get("Content-Type") != "application/json" {
		t.Error(err)
	}
	if _, err := store.Read(background, "x.json", 1); err == nil || !strings.Contains(err.Error(), "the limit is") {
		t.Error(err)
	}
	for _, key := range []string{"../x", "/x", "a/../x"} {
		if store.Write(background, key, nil) == nil {
			t.Error(key)
		}
	}
}

func TestS3RemovesAllPages(t *testing.T) {
	f := newFakeS3(t)
	f.page = 7
	for i := range 50 {
		f.put(fmt.Sprintf("bucket/pre fix/checkpoint/1/a+b %d", i), "x")
	}
	f.put("bucket/pre fix/checkpoint/10/stays", "x")
	if err := f.store(t).Remove(background, "checkpoint/1/"); err != nil {
		t.Fatal(err)
	}
	if got := f.names(); len(got) != 1 || f.count("ListObjectsV2") != 8 {
		t.Error(got, f.count("ListObjectsV2"))
	}
}

func TestS3CreatesOnce(t *testing.T) {
	for name, one := range map[string]struct {
		there   string
		trouble func(*fakeCall) bool
		after   func(*fakeCall) bool
		want    bool
	}{
		"nothing there":                  {"", nil, nil, true},
		"somebody was first":             {"theirs", nil, nil, false},
		"conflict, then ours":            {"", refusals("PutObject", 2, 409, "ConditionalRequestConflict"), nil, true},
		"answer lost after the effect":   {"", nil, lost("PutObject", 1), true},
		"500 after the effect":           {"", nil, func(c *fakeCall) bool { return c.number == 1 && c.refuse(500, "InternalError") }, true},
		"busy, and somebody was first":   {"theirs", refusals("PutObject", 1, 503, "SlowDown"), nil, false},
		"busy, somebody with a long one": {strings.Repeat("theirs", 1000), refusals("PutObject", 1, 503, "SlowDown"), nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeS3(t)
			if one.there != "" {
				f.put("bucket/pre fix/result", one.there)
			}
			f.trouble, f.after = one.trouble, one.after
			first, err := f.store(t).Create(background, "result", []byte("ours"))
			if err != nil || first != one.want {
				t.Error(first, err)
			}
			if want := map[bool]string{true: "ours", false: one.there}[one.want]; f.body("bucket/pre fix/result") != want {
				t.Error(f.body("bucket/pre fix/result"))
			}
		})
	}
}

// refusals has the first calls of an action refused, as long as they are of one key.
func refusals(action string, times, status int, code string) func(*fakeCall) bool {
	return func(c *fakeCall) bool { return c.action == action && c.number <= times && c.refuse(status, code) }
}

// lost has the first calls of an action answered by nothing.
func lost(action string, times int) func(*fakeCall) bool {
	return func(c *fakeCall) bool { return c.action == action && c.number <= times && c.breakOff() }
}

func TestS3TriesAgainWhatPasses(t *testing.T) {
	for name, trouble := range map[string]func(*fakeCall) bool{
		"storm of 503":     refusals("PutObject", 6, 503, "SlowDown"),
		"internal error":   refusals("PutObject", 2, 500, "InternalError"),
		"429":              refusals("PutObject", 2, 429, "TooManyRequests"),
		"request timeout":  refusals("PutObject", 2, 400, "RequestTimeout"),
		"gateway":          refusals("PutObject", 2, 502, ""),
		"broken":           lost("PutObject", 3),
		"answered at once": func(c *fakeCall) bool { return c.number == 1 && c.refuse(503, "ServiceUnavailable") },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeS3(t)
			f.trouble = trouble
			path := t.TempDir() + "/file"
			os.WriteFile(path, []byte(strings.Repeat("0123456789", 300_000)), 0o600)
			if _, _, err := f.store(t).Keep(background, "k", path, false); err != nil || len(f.body("bucket/pre fix/k")) != 3_000_000 {
				t.Error(err)
			}
		})
	}
}

func TestS3RefusalsSayWhatToDo(t *testing.T) {
	for name, one := range map[string]struct {
		status     int
		code       string
		region     string
		want       string
		permission bool
	}{
		"forbidden":    {403, "AccessDenied", "", `PutObject of s3://bucket/pre fix/k was refused by S3: AccessDenied, said "no" (request REQ1); the task role needs s3:PutObject for arn:aws:s3:::bucket/pre fix/k`, true},
		"no bucket":    {404, "NoSuchBucket", "", `there is no bucket "bucket"`, false},
		"wrong region": {301, "PermanentRedirect", "us-west-2", `the bucket "bucket" is in us-west-2, but this task runs in eu-north-1`, false},
		"wrong signer": {400, "AuthorizationHeaderMalformed", "us-west-2", `the bucket "bucket" is in us-west-2`, false},
		"keys":         {403, "InvalidAccessKeyId", "", "are not valid (any longer)", true},
		"implemented":  {501, "NotImplemented", "", "NotImplemented", false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeS3(t)
			f.trouble = func(c *fakeCall) bool {
				if one.region != "" {
					c.w.Header().Set("x-amz-bucket-region", one.region)
				}
				return c.refuse(one.status, one.code)
			}
			err := f.store(t).Write(background, "k", []byte("x"))
			if err == nil || !strings.Contains(err.Error(), one.want) || errors.Is(err, os.ErrPermission) != one.permission || errors.Is(err, os.ErrNotExist) {
				t.Error(err)
			}
			if len(f.calls) != 1 {
				t.Error(f.calls)
			}
		})
	}
}

func TestS3GivesUpInTime(t *testing.T) {
	f := newFakeS3(t)
	f.trouble = refusals("GetObject", 1<<30, 503, "SlowDown")
	ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	_, err := f.store(t).Read(ctx, "k", 10)
	if err == nil || !strings.Contains(err.Error(), "SlowDown") || !strings.Contains(err.Error(), "tried") {
		t.Error(err)
	}
	stopping, stop := context.WithCancelCause(background)
	stop(errors.New("the task was stopped"))
	if _, err := f.store(t).Read(stopping, "k", 10); err == nil || !strings.Contains(err.Error(), "the task was stopped") {
		t.Error(err)
	}
}

func TestS3ReadsOfOtherRegionsAreFollowed(t *testing.T) {
	f := newFakeS3(t)
	f.put("far/data", "x")
	f.trouble = func(c *fakeCall) bool {
		if strings.Contains(c.r.Header.Get("Authorization"), "/us-west-2/") {
			return false
		}
		c.w.Header().Set("x-amz-bucket-region", "us-west-2")
		return c.refuse(301, "PermanentRedirect")
	}
	client := f.client(t)
	for range 2 {
		if _, _, err := client.download(background, s3Place{"far", "data"}, t.TempDir()+"/x", 0o644, true); err != nil {
			t.Error(err)
		}
	}
	if len(f.calls) != 3 {
		t.Error(f.calls)
	}
}

func TestS3SignsByTheServersClock(t *testing.T) {
	f := newFakeS3(t)
	f.offset = -3 * time.Hour
	f.trouble = func(c *fakeCall) bool {
		at, _ := time.Parse("20060102T150405Z", c.r.Header.Get("X-Amz-Date"))
		return time.Since(at.Add(-f.offset)).Abs() > time.Minute && c.refuse(403, "RequestTimeTooSkewed")
	}
	store := f.store(t)
	for range 3 {
		if err := store.Write(background, "k", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.calls) != 4 {
		t.Error(f.calls)
	}
	// An object's age goes by the server's clock alone.
	if _, age, err := store.ReadAged(background, "k", 10); err != nil || age < 0 || age > time.Minute {
		t.Error(age, err)
	}
}

func large(size int) string {
	body := make([]byte, size)
	rand.New(rand.NewSource(1)).Read(body)
	return string(body)
}

func TestS3ContinuesBodiesThatAreCutOff(t *testing.T) {
	f := newFakeS3(t)
	body := large(3_000_000)
	f.put("bucket/pre fix/big", body)
	cuts := 0
	f.trouble = func(c *fakeCall) bool {
		if c.action != "GetObject" || cuts == 5 {
			return false
		}
		cuts++
		from := 0
		fmt.Sscanf(c.r.Header.Get("Range"), "bytes=%d-", &from)
		if from > 0 {
			c.w.Header().Set("Content-Range", "bytes")
		}
		c.w.Header().Set("Etag", tagOf([]byte(body)))
		c.w.Header().Set("Content-Length", fmt.Sprint(len(body)-from))
		if from > 0 {
			c.w.WriteHeader(206)
		}
		c.w.Write([]byte(body[from : from+400_000]))
		return true
	}
	path := t.TempDir() + "/big"
	size, digest, err := f.store(t).Fetch(background, "big", path, 0o644)
	if err != nil || size != int64(len(body)) || digest != sum([]byte(body)) || cuts != 5 {
		t.Error(size, err, cuts)
	}
	if got, _ := os.ReadFile(path); string(got) != body {
		t.Error("the file is not the object")
	}
}

func TestS3NoticesAnObjectThatIsReplacedWhileItIsRead(t *testing.T) {
	f := newFakeS3(t)
	f.put("bucket/pre fix/big", large(1000))
	f.trouble = func(c *fakeCall) bool {
		if c.number > 1 {
			return false
		}
		c.w.Header().Set("Etag", `"another"`)
		c.w.Header().Set("Content-Length", "1000")
		c.w.Write(make([]byte, 400))
		return true
	}
	path := t.TempDir() + "/big"
	if _, _, err := f.store(t).Fetch(background, "big", path, 0o644); err == nil || !strings.Contains(err.Error(), "was replaced while it was read") {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("half a file was left")
	}
}

func TestPartSizes(t *testing.T) {
	for _, size := range []int64{17 << 20, 80_000 << 20, 80_001 << 20, 5 << 40} {
		part := partSize(size)
		if count := (size + part - 1) / part; count > mostParts || part < 5<<20 || part > 5<<30 {
			t.Error(size, part, count)
		}
	}
}

func TestS3UploadsLargeFilesInParts(t *testing.T) {
	body := large(wholeLimit + 9_000_001)
	path := t.TempDir() + "/large"
	os.WriteFile(path, []byte(body), 0o600)
	for name, one := range map[string]struct {
		trouble, after func(*fakeCall) bool
		want           string
	}{
		"all well": {nil, nil, ""},
		"parts refused": {func(c *fakeCall) bool {
			return c.action == "UploadPart" && c.number%2 == 1 && c.number < 7 && c.refuse(503, "SlowDown")
		}, nil, ""},
		"answers lost":           {nil, func(c *fakeCall) bool { return c.action == "UploadPart" && c.number < 4 && c.breakOff() }, ""},
		"completed, answer lost": {nil, lost("CompleteMultipartUpload", 1), ""},
		"refused with status 200": {func(c *fakeCall) bool {
			return c.action == "CompleteMultipartUpload" && c.number == 1 && c.refuse(200, "InternalError")
		}, nil, ""},
		"forbidden": {refusals("CreateMultipartUpload", 1, 403, "AccessDenied"), nil, "needs s3:PutObject"},
		"a part forbidden": {func(c *fakeCall) bool {
			return c.action == "UploadPart" && c.number == 2 && c.refuse(403, "AccessDenied")
		}, nil, "needs s3:PutObject"},
		"and the abort": {func(c *fakeCall) bool {
			return (c.action == "UploadPart" || c.action == "AbortMultipartUpload") && c.refuse(403, "AccessDenied")
		}, nil, "UploadPart of s3://"},
		"completed never":           {refusals("CompleteMultipartUpload", 9, 400, "InvalidPart"), nil, "InvalidPart"},
		"an upload that is unknown": {refusals("CompleteMultipartUpload", 9, 404, "NoSuchUpload"), nil, "NoSuchUpload"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeS3(t)
			f.trouble, f.after = one.trouble, one.after
			size, digest, err := f.store(t).Keep(background, "large", path, false)
			if one.want != "" {
				if err == nil || !strings.Contains(err.Error(), one.want) || f.count("AbortMultipartUpload") != min(1, len(f.uploads)+f.count("AbortMultipartUpload")) {
					t.Error(err)
				}
				if len(f.names()) != 0 {
					t.Error(f.names())
				}
				return
			}
			if err != nil || size != int64(len(body)) || digest != sum([]byte(body)) || f.body("bucket/pre fix/large") != body {
				t.Error(size, err)
			}
		})
	}
}

func TestS3NoticesAFileThatIsWrittenToWhileItIsKept(t *testing.T) {
	f := newFakeS3(t)
	path := t.TempDir() + "/changing"
	os.WriteFile(path, []byte("0123456789"), 0o600)
	changes := 0
	f.trouble = func(c *fakeCall) bool {
		if changes++; changes > 1 {
			return false
		}
		os.WriteFile(path, fmt.Appendf(nil, "%d", changes), 0o600) // shorter
		return c.breakOff()
	}
	size, digest, err := f.store(t).Keep(background, "k", path, false)
	if err != nil || size != 1 || digest != sum([]byte("1")) {
		t.Error(size, err)
	}
}
