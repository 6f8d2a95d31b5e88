package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// credentials sign requests. Those without an end are not renewed.
type credentials struct {
	id, secret, token string
	ends              time.Time
}

// renewBefore is how long before their end credentials are replaced, as the SDKs do it.
const renewBefore = 5 * time.Minute

// credentialSource gives the credentials of the environment, or those that the container's agent hands out: on Fargate
// those of the task role.
type credentialSource struct {
	lock      chan struct{} // one asks the agent; the others wait for the answer, each as long as it has time
	now       func() time.Time
	client    http.RoundTripper
	held      credentials
	nextTry   time.Time // not before this, while those that are held still serve
	failure   error     // the last answer, for all who have waited for it
	failed    time.Time
	refreshes int
}

func newCredentialSource(now func() time.Time) *credentialSource {
	return &credentialSource{lock: make(chan struct{}, 1), now: now, client: newTransport(nil, 2*time.Second)}
}

// get gives credentials that are good for a while yet.
func (s *credentialSource) get(ctx context.Context) (credentials, error) {
	if id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"); id != "" && secret != "" {
		return credentials{id: id, secret: secret, token: os.Getenv("AWS_SESSION_TOKEN")}, nil
	}
	asked := time.Now()
	if err := s.enter(ctx); err != nil {
		return credentials{}, err
	}
	defer s.leave()
	if s.failure != nil && s.failed.After(asked) {
		return credentials{}, s.failure
	}
	now := s.now()
	if s.held.id != "" && (s.held.ends.IsZero() || now.Add(renewBefore).Before(s.held.ends) || now.Before(s.nextTry)) {
		return s.held, nil
	}
	fresh, err := s.fetch(ctx)
	s.failure = nil
	if err == nil {
		s.held, s.refreshes, s.nextTry = fresh, s.refreshes+1, now.Add(10*time.Second)
		return fresh, nil
	}
	if s.held.id != "" && now.Before(s.held.ends) {
		s.nextTry = now.Add(10 * time.Second) // they serve on; the agent may answer later
		return s.held, nil
	}
	if ctx.Err() == nil {
		s.failure, s.failed = err, time.Now()
	}
	return credentials{}, err
}

func (s *credentialSource) enter(ctx context.Context) error {
	select {
	case s.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *credentialSource) leave() { <-s.lock }

// refused throws credentials away that the service does not take; false when there can be no others.
func (s *credentialSource) refused(ctx context.Context, who credentials) bool {
	if os.Getenv("AWS_ACCESS_KEY_ID") != "" && os.Getenv("AWS_SECRET_ACCESS_KEY") != "" {
		return false
	}
	if s.enter(ctx) != nil {
		return true
	}
	defer s.leave()
	if s.held == who {
		s.held, s.nextTry = credentials{}, time.Time{}
	}
	return true
}

var errNoCredentials = errors.New("there are no AWS credentials here: a container on Fargate has them when its task definition names a task role; elsewhere set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")

// agentLimit bounds all tries of one question.
var agentLimit = 30 * time.Second // tests shorten it

// fetch asks the agent, again for a while when it does not answer or is busy.
func (s *credentialSource) fetch(ctx context.Context) (credentials, error) {
	address, err := credentialsAddress()
	if err != nil {
		return credentials{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, agentLimit)
	defer cancel()
	for try := 0; ; try++ {
		found, err := s.fetchOnce(ctx, address)
		var later passing
		if err == nil {
			return found, nil
		}
		if !errors.As(err, &later) || !rest(ctx, try) {
			return found, fmt.Errorf("no credentials from %s: %w", address.Host, err)
		}
	}
}

func (s *credentialSource) fetchOnce(ctx context.Context, address *url.URL) (credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return credentials{}, err
	}
	token, err := agentToken()
	if err != nil {
		return credentials{}, err
	}
	if token != "" {
		request.Header.Set("Authorization", token)
	}
	request.Header.Set("Accept", "application/json")
	answer, err := s.client.RoundTrip(request)
	if err != nil {
		return credentials{}, passing{err}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return credentials{}, passing{err}
	}
	if answer.StatusCode != http.StatusOK {
		err := fmt.Errorf("it says %s", answer.Status)
		if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
			return credentials{}, passing{err}
		}
		return credentials{}, err
	}
	var said struct{ AccessKeyId, SecretAccessKey, Token, Expiration string }
	if err := json.Unmarshal(body, &said); err != nil || said.AccessKeyId == "" || said.SecretAccessKey == "" {
		return credentials{}, passing{errors.New("its answer holds no keys")}
	}
	found := credentials{id: said.AccessKeyId, secret: said.SecretAccessKey, token: said.Token}
	if said.Expiration != "" {
		if found.ends, err = time.Parse(time.RFC3339, said.Expiration); err != nil {
			return credentials{}, fmt.Errorf("its answer has the expiration %q, which is no time", said.Expiration)
		}
	}
	return found, nil
}

// credentialsAddress is where the agent answers; addresses that leave this machine in the clear are refused, as by the
// SDKs.
func credentialsAddress() (*url.URL, error) {
	if path := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		if !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is %q, which does not begin with a slash", path)
		}
		return url.Parse("http://169.254.170.2" + path)
	}
	full := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if full == "" {
		return nil, errNoCredentials
	}
	address, err := url.Parse(full)
	if err != nil || address.Host == "" {
		return nil, fmt.Errorf("AWS_CONTAINER_CREDENTIALS_FULL_URI is %q, which is no address", full)
	}
	if address.Scheme == "https" || address.Scheme == "http" && agentHost(address.Hostname()) {
		return address, nil
	}
	return nil, fmt.Errorf("AWS_CONTAINER_CREDENTIALS_FULL_URI is %s: it must be https, or a host of this machine or of the container's agent", full)
}

func agentHost(host string) bool {
	switch host {
	case "localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23":
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// agentToken is read each time: the file's content is replaced while the task runs.
func agentToken() (string, error) {
	token := os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
	if path := os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); path != "" {
		body, err := readFile(path)
		if err != nil {
			return "", fmt.Errorf("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %w", err)
		}
		token = strings.TrimSpace(string(body))
	}
	if strings.ContainsAny(token, "\r\n") {
		return "", errors.New("the token for the container's agent has a line break")
	}
	return token, nil
}
