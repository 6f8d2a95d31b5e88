package main

import (
	"path"
	"strings"
)

// glob matches relative paths: * ? [a-z] {a,b} within a name, ** for any number of folders. The standard library knows no
// ** and no {}. With dots unset a wildcard at the beginning of a name does not match a dot, as in shells.
type glob struct {
	alternatives [][]string
	dots         bool
}

func newGlob(pattern string, dots bool) (glob, error) {
	g := glob{dots: dots}
	pattern = strings.TrimPrefix(pattern, "./")
	if strings.HasSuffix(pattern, "/") {
		pattern += "**"
	}
	for _, one := range expandBraces(pattern, 0) {
		parts := strings.Split(one, "/")
		for _, part := range parts {
			if _, err := path.Match(part, "x"); err != nil {
				return g, err
			}
		}
		g.alternatives = append(g.alternatives, parts)
	}
	return g, nil
}

func (g glob) match(name string) bool {
	parts := strings.Split(name, "/")
	for _, pattern := range g.alternatives {
		if g.matchParts(pattern, parts) {
			return true
		}
	}
	return false
}

// mayHold tells whether a folder can hold a match, so that others are not read.
func (g glob) mayHold(folder string) bool {
	parts := strings.Split(folder, "/")
	for _, pattern := range g.alternatives {
		for i, part := range parts {
			if i >= len(pattern) {
				break
			}
			if pattern[i] == "**" {
				if g.dots || !strings.HasPrefix(part, ".") || len(pattern) > i+1 {
					return true
				}
				break
			}
			if !g.matchName(pattern[i], part) {
				break
			}
			if i == len(parts)-1 {
				return true
			}
		}
	}
	return false
}

// matchParts compares greedily and goes back to the last ** only: linear in practice, never exponential.
func (g glob) matchParts(pattern, parts []string) bool {
	p, n, star, resume := 0, 0, -1, 0
	for n < len(parts) {
		switch {
		case p < len(pattern) && pattern[p] == "**":
			star, resume = p, n
			p++
			continue
		case p < len(pattern) && g.matchName(pattern[p], parts[n]):
			p++
			n++
			continue
		}
		if star < 0 || !g.dots && strings.HasPrefix(parts[resume], ".") {
			return false
		}
		resume++
		p, n = star+1, resume
	}
	for p < len(pattern) && pattern[p] == "**" {
		p++
	}
	return p == len(pattern)
}

func (g glob) matchName(pattern, name string) bool {
	if !g.dots && strings.HasPrefix(name, ".") && !strings.HasPrefix(pattern, ".") && !strings.HasPrefix(pattern, "\\.") {
		return false
	}
	ok, _ := path.Match(pattern, name)
	return ok
}

// expandBraces writes {a,b} out; braces without a comma stand for themselves.
func expandBraces(pattern string, depth int) []string {
	open, level := -1, 0
	var commas []int
	for i := 0; i < len(pattern) && depth < 8; i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '{':
			if level == 0 {
				open, commas = i, nil
			}
			level++
		case ',':
			if level == 1 {
				commas = append(commas, i)
			}
		case '}':
			if level == 0 {
				continue
			}
			level--
			if level > 0 || len(commas) == 0 {
				continue
			}
			var all []string
			from := open + 1
			for _, to := range append(commas, i) {
				all = append(all, expandBraces(pattern[:open]+pattern[from:to]+pattern[i+1:], depth+1)...)
				from = to + 1
			}
			return all
		}
	}
	return []string{pattern}
}

// fixedPrefix is the folder part of a pattern that has no wildcard.
func fixedPrefix(pattern string) string {
	pattern = strings.TrimPrefix(pattern, "./")
	if at := strings.IndexAny(pattern, "*?[{\\"); at >= 0 {
		pattern = pattern[:at]
		return strings.TrimSuffix(pattern[:strings.LastIndex(pattern, "/")+1], "/")
	}
	return strings.TrimSuffix(pattern, "/")
}
