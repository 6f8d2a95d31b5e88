package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// unsignedPayload stands for the body's SHA-256 where that is not known; S3 takes it over https only.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// signingScope is what a signature is good for.
type signingScope struct {
	region  string
	service string
}

// sign puts Signature V4 into a request whose path and query are written in canonical form. All of its headers are
// signed.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
func sign(request *http.Request, scope signingScope, who credentials, payload string, at time.Time) {
	at = at.UTC()
	stamp := at.Format("20060102T150405Z")
	day := stamp[:8]
	request.Header.Set("X-Amz-Date", stamp)
	request.Header.Set("X-Amz-Content-Sha256", payload)
	if who.token != "" {
		request.Header.Set("X-Amz-Security-Token", who.token)
	}
	values := map[string]string{"host": request.Host}
	for name, all := range request.Header {
		values[strings.ToLower(name)] = strings.Join(strings.Fields(strings.Join(all, ",")), " ")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	var canonical strings.Builder
	canonical.WriteString(request.Method + "\n" + request.URL.EscapedPath() + "\n" + request.URL.RawQuery + "\n")
	for _, name := range names {
		canonical.WriteString(name + ":" + values[name] + "\n")
	}
	signed := strings.Join(names, ";")
	canonical.WriteString("\n" + signed + "\n" + payload)

	place := day + "/" + scope.region + "/" + scope.service + "/aws4_request"
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + place + "\n" + sum([]byte(canonical.String()))
	key := []byte("AWS4" + who.secret)
	for _, part := range []string{day, scope.region, scope.service, "aws4_request", text} {
		key = keyed(key, part)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+who.id+"/"+place+",SignedHeaders="+signed+",Signature="+hex.EncodeToString(key))
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// uriEncode encodes as Signature V4 wants it: every byte but letters, digits and -._~, and slashes where they separate.
func uriEncode(text string, slashes bool) string {
	const digits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~', c == '/' && slashes:
			out.WriteByte(c)
		default:
			out.WriteByte('%')
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		}
	}
	return out.String()
}

// canonicalQuery writes a query sorted by name, as it is signed and sent.
func canonicalQuery(query map[string]string) string {
	pairs := make([]string, 0, len(query))
	for name, value := range query {
		pairs = append(pairs, uriEncode(name, false)+"="+uriEncode(value, false))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}
