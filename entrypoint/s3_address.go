package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// s3Place is an object, or with a slash at the end of its key a prefix.
type s3Place struct{ bucket, key string }

func (p s3Place) String() string { return "s3://" + p.bucket + "/" + p.key }

// parsePlace reads s3://bucket/key. A key is taken as it is: percent signs, question marks and blanks are its own.
func parsePlace(address string) (s3Place, error) {
	rest, ok := strings.CutPrefix(address, "s3://")
	bucket, key, _ := strings.Cut(rest, "/")
	if !ok || bucket == "" || strings.ContainsAny(bucket, "?#@ ") {
		return s3Place{}, fmt.Errorf("the address %q is not of the form s3://bucket/key", address)
	}
	return s3Place{bucket, key}, nil
}

// s3Endpoint is where buckets are found.
type s3Endpoint struct {
	custom *url.URL // nil: AWS's own
	fips   bool
	dual   bool
}

func newS3Endpoint() (s3Endpoint, error) {
	endpoint := s3Endpoint{fips: os.Getenv("AWS_USE_FIPS_ENDPOINT") == "true", dual: os.Getenv("AWS_USE_DUALSTACK_ENDPOINT") == "true"}
	name := "AWS_ENDPOINT_URL_S3"
	text := os.Getenv(name)
	if text == "" {
		name = "AWS_ENDPOINT_URL"
		text = os.Getenv(name)
	}
	if text == "" || os.Getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true" {
		return endpoint, nil
	}
	custom, err := url.Parse(text)
	if err != nil || custom.Host == "" || custom.Scheme != "http" && custom.Scheme != "https" {
		return endpoint, fmt.Errorf("%s is %q, which is not of the form https://host", name, text)
	}
	custom.Path = strings.TrimSuffix(custom.Path, "/")
	endpoint.custom = custom
	return endpoint, nil
}

func (e s3Endpoint) secure() bool { return e.custom == nil || e.custom.Scheme == "https" }

// address is the URL of an object, written as it is signed.
func (e s3Endpoint) address(place s3Place, region string, query map[string]string) *url.URL {
	address := &url.URL{Scheme: "https", RawQuery: canonicalQuery(query)}
	folder := "/" + place.bucket
	switch {
	case e.custom != nil:
		address.Scheme, address.Host = e.custom.Scheme, e.custom.Host
		folder = e.custom.Path + folder
	case strings.Contains(place.bucket, "."):
		address.Host = e.host(region) // the certificate's wildcard covers one label
	default:
		address.Host = place.bucket + "." + e.host(region)
		folder = ""
	}
	if address.Path = folder; place.key != "" || folder == "" {
		address.Path += "/" + place.key
	}
	address.RawPath = uriEncode(address.Path, true)
	return address
}

func (e s3Endpoint) host(region string) string {
	name := "s3"
	if e.fips {
		name += "-fips"
	}
	if e.dual {
		name += ".dualstack"
	}
	return name + "." + region + "." + dnsSuffix(region)
}

// dnsSuffix is that of the region's partition.
// https://github.com/aws/aws-sdk-go-v2/blob/main/internal/endpoints/awsrulesfn/partitions.json
func dnsSuffix(region string) string {
	for prefix, suffix := range map[string]string{
		"cn-": "amazonaws.com.cn", "eusc-": "amazonaws.eu", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov", "eu-isoe-": "cloud.adc-e.uk", "us-isof-": "csp.hci.ic.gov",
	} {
		if strings.HasPrefix(region, prefix) {
			return suffix
		}
	}
	return "amazonaws.com"
}

// homeRegion is the region that this program runs in.
func homeRegion() string {
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if region := os.Getenv(name); region != "" {
			return region
		}
	}
	return "us-east-1"
}
