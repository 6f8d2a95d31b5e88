package main

import (
	"strconv"
	"strings"
)

// S3 answers in XML of a few plain fields; a whole parser would weigh more than all that is read with it.

// xmlText is the text of the first element of a name; empty when there is none.
func xmlText(document, name string) string {
	inner, _ := xmlNext(document, name)
	return xmlUnescape(inner)
}

// xmlNext gives what is in the first element of a name, and what comes after it.
func xmlNext(document, name string) (inner, after string) {
	_, rest, found := strings.Cut(document, "<"+name+">")
	if !found {
		return "", ""
	}
	inner, after, found = strings.Cut(rest, "</"+name+">")
	if !found {
		return "", ""
	}
	return inner, after
}

func xmlUnescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "&")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, ";")
		known := map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}[name]
		if digits, numeric := strings.CutPrefix(name, "#"); closed && numeric {
			base := 10
			if hexadecimal, is := strings.CutPrefix(digits, "x"); is {
				digits, base = hexadecimal, 16
			}
			if code, err := strconv.ParseInt(digits, base, 32); err == nil {
				known = string(rune(code))
			}
		}
		if !closed || known == "" {
			out.WriteByte('&')
			text = rest
			continue
		}
		out.WriteString(known)
		text = after
	}
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
