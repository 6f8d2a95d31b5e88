package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// s3Client speaks to S3 by plain requests, and tries again what may pass.
type s3Client struct {
	endpoint    s3Endpoint
	region      string
	credentials *credentialSource
	transport   http.RoundTripper
	offset      atomic.Int64  // of the server's clock to ours, in nanoseconds, once that has mattered
	reached     atomic.Bool   // the server has answered at least once
	regions     sync.Map      // of buckets that turned out to be elsewhere
	slots       chan struct{} // bodies under way: what is in memory for each adds up
}

// bodiesAtOnce bounds the memory for transfers; one connection moves some 80 MB/s.
const bodiesAtOnce = 16

// requestLimit bounds all tries of a call whose caller sets no bound.
const requestLimit = stagingLimit

// unreachedLimit is for a server that has never answered: it will not, whatever is waited.
const unreachedLimit = 90 * time.Second

// theS3 is made when it is first needed: local tasks never do.
var theS3 = sync.OnceValues(newS3Client)

func newS3Client() (*s3Client, error) {
	endpoint, err := newS3Endpoint()
	if err != nil {
		return nil, err
	}
	c := &s3Client{endpoint: endpoint, region: homeRegion(), slots: make(chan struct{}, bodiesAtOnce)}
	c.credentials = newCredentialSource(c.now)
	if endpoint.secure() {
		roots, err := awsRoots()
		if err != nil {
			return nil, err
		}
		c.transport = newSecureTransport(roots)
	} else {
		c.transport = newTransport(http.ProxyFromEnvironment, dialLimit)
	}
	return c, nil
}

// now is the time by the server's clock, as far as that is known.
func (c *s3Client) now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())) }

// s3Call is one request, which can be sent again.
type s3Call struct {
	action string // as permissions name it
	method string
	place  s3Place
	query  map[string]string
	header http.Header
	body   func() io.Reader
	size   int64
	digest string      // of the body; empty: that of none
	follow bool        // to the bucket's own region; the store's bucket has to be in the task's
	short  atomic.Bool // the body came to an end before its size
	tries  int         // how often it was sent
}

var emptyDigest = sum(nil)

// exchange sends a call until it is answered, and the answer taken, or there is no time left. take may be called more
// than once; passing errors of it have the call sent again.
func (c *s3Client) exchange(ctx context.Context, call *s3Call, take func(*http.Response) error) error {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, requestLimit)
		defer cancel()
	}
	begun := time.Now()
	renewals, moves := 0, 0
	for pause := 0; ; pause++ {
		who, err := c.credentials.get(ctx)
		if err == nil {
			call.tries++
			if err = c.once(ctx, call, who, take); err == nil {
				return nil
			}
		} else {
			err = &unsignedError{call, err}
		}
		var refusal *s3Error
		var later passing
		switch {
		case errors.As(err, &refusal):
			switch {
			case refusal.expired() && renewals < 3 && c.credentials.refused(ctx, who):
				renewals++
			case refusal.region != "" && refusal.region != c.regionOf(call.place.bucket) && refusal.wrongRegion() && call.follow && moves < 2:
				moves++
				c.regions.Store(call.place.bucket, refusal.region)
				continue
			case !refusal.passes():
				return err
			}
		case !errors.As(err, &later):
			return err
		case errors.Is(err, errProgress):
			pause = 0 // a body that is cut again and again, but gets on
		}
		unreached := !c.reached.Load() && time.Since(begun) > unreachedLimit
		if unreached || !rest(ctx, pause) {
			return c.giveUp(ctx, call, err, time.Since(begun))
		}
	}
}

// unsignedError is a call that could not be sent for want of credentials.
type unsignedError struct {
	call *s3Call
	err  error
}

func (e *unsignedError) Error() string {
	return fmt.Sprintf("%s of %s: %v", e.call.action, e.call.place, e.err)
}

func (e *unsignedError) Unwrap() error { return e.err }

func (c *s3Client) giveUp(ctx context.Context, call *s3Call, err error, after time.Duration) error {
	var refusal *s3Error
	var unsigned *unsignedError
	if errors.As(err, &unsigned) {
		return fmt.Errorf("%w (tried for %v)", err, after.Round(time.Second))
	}
	if errors.As(err, &refusal) {
		return fmt.Errorf("%w (tried %d times in %v)", err, call.tries, after.Round(time.Second))
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("%s of %s: %w", call.action, call.place, context.Cause(ctx))
	}
	if !c.reached.Load() {
		return fmt.Errorf("%s of %s: S3 at %s cannot be reached from here: %w; a subnet of Fargate needs a public address, a NAT gateway or a gateway endpoint for S3 (tried %d times in %v)",
			call.action, call.place, c.addressOf(call).Host, err, call.tries, after.Round(time.Second))
	}
	return fmt.Errorf("%s of %s: %w (tried %d times in %v)", call.action, call.place, err, call.tries, after.Round(time.Second))
}

func (c *s3Client) regionOf(bucket string) string {
	if region, known := c.regions.Load(bucket); known {
		return region.(string)
	}
	return c.region
}

var (
	errIdle = errors.New("nothing came or went for 30 seconds")
	// errProgress marks a cut body of which something arrived.
	errProgress = errors.New("the answer was cut off")
)

// once sends a call once.
func (c *s3Client) once(ctx context.Context, call *s3Call, who credentials, take func(*http.Response) error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	outer := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := time.AfterFunc(idleLimit+answerLimit, func() { cancel(errIdle) })
	defer idle.Stop()
	request := c.request(ctx, call, who, idle)
	answer, err := c.transport.RoundTrip(request)
	if call.short.Load() {
		if err == nil {
			answer.Body.Close()
		}
		return errChanging
	}
	if err != nil {
		return c.broken(outer, ctx, err)
	}
	defer answer.Body.Close()
	c.reached.Store(true)
	if answer.StatusCode >= 300 {
		refusal := readS3Error(answer, call)
		if refusal.code == "RequestTimeTooSkewed" {
			c.adjust(answer)
		}
		return refusal
	}
	answer.Body = watchedBody{answer.Body, idle}
	if err := take(answer); err != nil {
		if cause := context.Cause(ctx); outer.Err() == nil && cause != nil && !errors.As(err, new(passing)) {
			return passing{cause}
		}
		return err
	}
	return nil
}

func (c *s3Client) addressOf(call *s3Call) *url.URL {
	return c.endpoint.address(call.place, c.regionOf(call.place.bucket), call.query)
}

func (c *s3Client) request(ctx context.Context, call *s3Call, who credentials, idle *time.Timer) *http.Request {
	address := c.addressOf(call)
	request := (&http.Request{Method: call.method, URL: address, Host: address.Host, Header: http.Header{}, ContentLength: call.size, Body: http.NoBody}).WithContext(ctx)
	maps.Copy(request.Header, call.header)
	digest := emptyDigest
	if call.digest != "" {
		digest = call.digest
	}
	if call.body != nil && call.size > 0 {
		request.Body = io.NopCloser(watchedReader{call.body(), idle})
	}
	sign(request, signingScope{c.regionOf(call.place.bucket), "s3"}, who, digest, c.now())
	request.Header.Set("User-Agent", "lattice-entrypoint/"+version)
	return request
}

// broken tells a connection that fails now from one that always will.
func (c *s3Client) broken(outer, ctx context.Context, err error) error {
	if outer.Err() != nil {
		return context.Cause(outer)
	}
	if cause := context.Cause(ctx); cause != nil {
		return passing{cause}
	}
	var distrust *tls.CertificateVerificationError
	if errors.As(err, &distrust) {
		return fmt.Errorf("the certificate of S3's server is not trusted here: %w; AWS_CA_BUNDLE or SSL_CERT_FILE names other roots", distrust.Err)
	}
	return passing{err}
}

// adjust sets our clock by the server's.
func (c *s3Client) adjust(answer *http.Response) {
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		c.offset.Store(int64(time.Until(date)))
	}
}

// watchedReader and watchedBody put the end of a request's patience off as long as bytes move.

type watchedReader struct {
	from io.Reader
	idle *time.Timer
}

func (w watchedReader) Read(into []byte) (int, error) {
	w.idle.Reset(idleLimit + answerLimit) // the last byte is followed by the wait for the answer
	return w.from.Read(into)
}

type watchedBody struct {
	io.ReadCloser
	idle *time.Timer
}

func (w watchedBody) Read(into []byte) (int, error) {
	w.idle.Reset(idleLimit)
	return w.ReadCloser.Read(into)
}
