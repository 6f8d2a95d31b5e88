package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

// s3Error is a refusal by S3, in words for the user.
type s3Error struct {
	status  int
	code    string
	message string
	region  string // where the bucket is, when S3 says so
	request string
	action  string
	place   s3Place
}

// Is makes a missing object the same thing in every store.
func (e *s3Error) Is(target error) bool {
	return target == os.ErrNotExist && e.status == http.StatusNotFound && e.code != "NoSuchBucket" && e.code != "NoSuchUpload" ||
		target == os.ErrPermission && e.status == http.StatusForbidden
}

func (e *s3Error) Error() string {
	what := e.code
	if what == "" {
		what = strconv.Itoa(e.status)
	}
	said := fmt.Sprintf("%s of %s was refused by S3: %s", e.action, e.place, what)
	if e.message != "" {
		said += ", " + strings.TrimSuffix(shortened(e.message, 1024), ".")
	}
	if e.request != "" {
		said += " (request " + e.request + ")"
	}
	return said + e.advice()
}

func (e *s3Error) advice() string {
	switch {
	case e.code == "NoSuchBucket":
		return fmt.Sprintf("; there is no bucket %q", e.place.bucket)
	case e.region != "" && e.wrongRegion():
		return fmt.Sprintf("; the bucket %q is in %s, but this task runs in %s: use a bucket of the task's own region", e.place.bucket, e.region, homeRegion())
	case e.code == "SignatureDoesNotMatch", e.code == "InvalidAccessKeyId", e.code == "ExpiredToken", e.code == "InvalidToken":
		return "; the AWS credentials of this task are not valid (any longer)"
	case strings.HasPrefix(e.code, "KMS"), strings.Contains(e.message, "kms:"):
		return "; the task role needs kms:GenerateDataKey and kms:Decrypt for the bucket's key"
	case e.status == http.StatusForbidden:
		return "; the task role needs " + e.permission()
	}
	return ""
}

func (e *s3Error) permission() string {
	switch e.action {
	case "GetObject", "HeadObject":
		return fmt.Sprintf("s3:GetObject for arn:aws:s3:::%s/%s, and s3:ListBucket for the bucket, without which S3 calls missing objects forbidden", e.place.bucket, e.place.key)
	case "ListObjectsV2":
		return "s3:ListBucket for arn:aws:s3:::" + e.place.bucket
	case "DeleteObject":
		return fmt.Sprintf("s3:DeleteObject for arn:aws:s3:::%s/%s", e.place.bucket, e.place.key)
	case "AbortMultipartUpload":
		return fmt.Sprintf("s3:AbortMultipartUpload for arn:aws:s3:::%s/%s", e.place.bucket, e.place.key)
	}
	return fmt.Sprintf("s3:PutObject for arn:aws:s3:::%s/%s", e.place.bucket, e.place.key)
}

// wrongRegion tells an answer that only another region could give.
func (e *s3Error) wrongRegion() bool {
	return e.status == http.StatusMovedPermanently || e.status == http.StatusTemporaryRedirect || e.code == "AuthorizationHeaderMalformed" || e.code == "IllegalLocationConstraintException" ||
		e.status == http.StatusBadRequest && e.code == ""
}

func (e *s3Error) expired() bool {
	switch e.code {
	case "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken", "InvalidAccessKeyId":
		return true
	}
	return false
}

// passes tells a refusal that may be over at the next try.
func (e *s3Error) passes() bool {
	switch e.code {
	case "RequestTimeout", "SlowDown", "InternalError", "ServiceUnavailable", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled",
		"BandwidthLimitExceeded", "OperationAborted", "ConditionalRequestConflict", "IncompleteBody", "RequestTimeTooSkewed":
		return true
	}
	return e.status >= 500 && e.status != http.StatusNotImplemented || e.status == http.StatusTooManyRequests || e.status == http.StatusRequestTimeout
}

// readS3Error reads a refusal.
func readS3Error(answer *http.Response, call *s3Call) *s3Error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	refusal := s3ErrorOf(string(body), answer.StatusCode, call)
	if region := answer.Header.Get("X-Amz-Bucket-Region"); region != "" {
		refusal.region = region
	}
	if id := answer.Header.Get("X-Amz-Request-Id"); id != "" {
		refusal.request = id
	}
	return refusal
}

func s3ErrorOf(body string, status int, call *s3Call) *s3Error {
	refusal := &s3Error{status: status, action: call.action, place: call.place}
	refusal.code, refusal.message = xmlText(body, "Code"), xmlText(body, "Message")
	refusal.region, refusal.request = xmlText(body, "Region"), xmlText(body, "RequestId")
	return refusal
}
