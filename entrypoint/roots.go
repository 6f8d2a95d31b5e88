package main

import (
	"crypto/x509"
	_ "embed"
	"encoding/asn1"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

// rootsDER are Mozilla's roots, for images without any; see cmd/roots. They are as they are and not compressed: the image
// layer is, and what is not needed is never read from the disk.
//
//go:embed roots.der
var rootsDER []byte

// trustedRoots are the roots by which servers are trusted; nil: the system's, where it has some (SSL_CERT_FILE and
// SSL_CERT_DIR name others).
var trustedRoots = sync.OnceValue(func() *x509.CertPool {
	if runtime.GOOS != "linux" {
		return nil // the system itself verifies
	}
	if system, err := x509.SystemCertPool(); err == nil && !system.Equal(x509.NewCertPool()) {
		return nil
	}
	pool, err := embeddedRoots()
	if err != nil {
		panic(err) // a test reads them
	}
	return pool
})

// awsRoots are those for AWS: AWS_CA_BUNDLE names a file of others, as for the SDKs.
func awsRoots() (*x509.CertPool, error) {
	path := os.Getenv("AWS_CA_BUNDLE")
	if path == "" {
		return trustedRoots(), nil
	}
	pool := x509.NewCertPool()
	body, err := readFile(path)
	if err == nil && !pool.AppendCertsFromPEM(body) {
		err = errors.New("it holds no certificates")
	}
	if err != nil {
		return nil, fmt.Errorf("AWS_CA_BUNDLE is %s: %w", path, err)
	}
	return pool, nil
}

func embeddedRoots() (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	for rest := rootsDER; len(rest) > 0; {
		var one asn1.RawValue
		after, err := asn1.Unmarshal(rest, &one)
		if err != nil {
			return nil, err
		}
		rest = after
		certificate, err := x509.ParseCertificate(one.FullBytes)
		if err != nil {
			return nil, err
		}
		last, constrained := rootsDistrustedAfter[sum(certificate.Raw)]
		if !constrained {
			pool.AddCert(certificate)
			continue
		}
		limit, err := time.Parse(time.RFC3339, last)
		if err != nil {
			return nil, err
		}
		pool.AddCertWithConstraint(certificate, func(chain []*x509.Certificate) error {
			for _, c := range chain {
				if c.NotBefore.After(limit) {
					return fmt.Errorf("it was issued after %s, from when on its root is not trusted", last)
				}
			}
			return nil
		})
	}
	return pool, nil
}
