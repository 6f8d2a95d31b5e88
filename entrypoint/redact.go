package main

import (
	"bytes"
	"slices"
	"strings"
)

// secretMinimum is the shortest text that is redacted: shorter ones would blot out half of every log.
const secretMinimum = 4

// Redactor replaces secret values by *** in a stream of bytes, also where a value is cut by the borders of its buffers:
// an end that may be the beginning of a secret is held back until more is known.
type Redactor struct {
	secrets [][]byte // longest first
	first   [256]bool
	held    []byte
}

// newRedactor takes values of secrets. Each counts as a whole and by its lines, as a key in several lines is printed
// line by line; blanks around are no part of it. It gives nil when there is nothing to redact.
func newRedactor(values []string) *Redactor {
	r := &Redactor{}
	seen := map[string]bool{}
	for _, value := range values {
		for _, text := range append(strings.Split(value, "\n"), value) {
			text = strings.TrimSpace(text)
			if len(text) >= secretMinimum && !seen[text] {
				seen[text] = true
				r.secrets = append(r.secrets, []byte(text))
				r.first[text[0]] = true
			}
		}
	}
	if len(r.secrets) == 0 {
		return nil
	}
	slices.SortFunc(r.secrets, func(a, b []byte) int { return len(b) - len(a) })
	return r
}

// Write gives what can be told of the stream so far; the answer is valid until the next call.
func (r *Redactor) Write(chunk []byte) []byte {
	if r == nil {
		return chunk
	}
	return r.scan(append(r.held, chunk...), false)
}

// Close gives the rest.
func (r *Redactor) Close() []byte {
	if r == nil {
		return nil
	}
	return r.scan(r.held, true)
}

func (r *Redactor) scan(data []byte, last bool) []byte {
	out := make([]byte, 0, len(data))
	from := 0
	for at := 0; at < len(data); {
		if !r.first[data[at]] {
			at++
			continue
		}
		rest := data[at:]
		length := 0
		for _, secret := range r.secrets {
			if !last && len(rest) < len(secret) && bytes.HasPrefix(secret, rest) {
				r.held = append([]byte(nil), rest...)
				return append(out, data[from:at]...)
			}
			if bytes.HasPrefix(rest, secret) {
				length = len(secret)
				break
			}
		}
		if length == 0 {
			at++
			continue
		}
		out = append(append(out, data[from:at]...), "***"...)
		at += length
		from = at
	}
	r.held = nil
	return append(out, data[from:]...)
}

// Text redacts a whole text.
func (r *Redactor) Text(text string) string {
	if r == nil {
		return text
	}
	whole := Redactor{secrets: r.secrets, first: r.first}
	return string(whole.scan([]byte(text), true))
}
