package main

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Bounds of one request; what takes longer is begun again.
const (
	dialLimit      = 5 * time.Second
	handshakeLimit = 10 * time.Second
	answerLimit    = 60 * time.Second // from the last byte of the request to the first of the answer
	idleLimit      = 30 * time.Second // without a byte of a body in either direction
)

// newTransport keeps connections for the next request. HTTP/1.1 alone, which is all that S3 speaks: the build leaves
// HTTP/2 out (nethttpomithttp2), a sixteenth of this program.
func newTransport(proxy func(*http.Request) (*url.URL, error), connect time.Duration) *http.Transport {
	dialer := net.Dialer{Timeout: connect, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                  proxy,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    handshakeLimit,
		ResponseHeaderTimeout:  answerLimit,
		IdleConnTimeout:        20 * time.Second, // S3 closes idle connections soon
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    32,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // what is kept compressed stays so
		Protocols:              onlyHTTP1(),
	}
}

func onlyHTTP1() *http.Protocols {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &protocols
}

// newSecureTransport is for servers whose certificates are held against roots; nil: the system's.
func newSecureTransport(roots *x509.CertPool) *http.Transport {
	transport := newTransport(http.ProxyFromEnvironment, dialLimit)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(32)}
	return transport
}
