package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParseOutputs(t *testing.T) {
	for name, one := range map[string]struct {
		text string
		want map[string]string
		bad  string
	}{
		"values":                 {"a=1\nb = x=y \n\n", map[string]string{"a": "1", "b ": " x=y "}, ""},
		"no last newline":        {"a=1", map[string]string{"a": "1"}, ""},
		"the last one wins":      {"a=1\na=2\n", map[string]string{"a": "2"}, ""},
		"several lines":          {"a<<EOF\nx=1\n\ny<<Z\nEOF\nb=2\n", map[string]string{"a": "x=1\n\ny<<Z", "b": "2"}, ""},
		"empty heredoc":          {"a<<E\nE\n", map[string]string{"a": ""}, ""},
		"equals before heredoc":  {"a=b<<c\n", map[string]string{"a": "b<<c"}, ""},
		"heredoc before equals":  {"a<<b=c\nv\nb=c\n", map[string]string{"a": "v"}, ""},
		"byte order mark":        {"\uFEFFa=1\n", map[string]string{"a": "1"}, ""},
		"no sign":                {"a=1\nhello\nb=2\n", map[string]string{"a": "1", "b": "2"}, `line 2, "hello", is neither`},
		"no name":                {"=1\n", map[string]string{}, "line 1"},
		"delimiter never closed": {"a=1\nb<<EOF\nx\n", map[string]string{"a": "1"}, `line 2 opens "b" with the delimiter "EOF"`},
		"no delimiter":           {"b<<\n", map[string]string{}, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseOutputs(one.text)
			if !reflect.DeepEqual(got, one.want) {
				t.Errorf("got %q, want %q", got, one.want)
			}
			if one.bad == "" && err != nil || one.bad != "" && (err == nil || !strings.Contains(err.Error(), one.bad)) {
				t.Errorf("error %v, want %q", err, one.bad)
			}
		})
	}
}

func FuzzParseOutputs(f *testing.F) {
	for _, seed := range []string{"a=1\n", "a<<E\nx\nE\n", "<<\n=\n", "a<<a\na", "\r\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		outputs, err := parseOutputs(text)
		total := 0
		for name, value := range outputs {
			if name == "" {
				t.Error("an output without a name")
			}
			total += len(value)
		}
		if total > len(text) {
			t.Error("values that nobody wrote")
		}
		if err != nil && len(err.Error()) > 4000 {
			t.Error("an endless message")
		}
	})
}

func TestOutputLimitsNameTheLimitAndTheWayOut(t *testing.T) {
	big := rawText(strings.Repeat("x", limitOutputBytes+1))
	err := checkOutputs(map[string]json.RawMessage{"table": big})
	if err == nil || !strings.Contains(err.Error(), `"table"`) || !strings.Contains(err.Error(), "1.0 MB") || !strings.Contains(err.Error(), "$LATTICE_FILES") {
		t.Errorf("%v", err)
	}
	full := rawText(strings.Repeat("x", limitOutputBytes))
	nine := map[string]json.RawMessage{}
	for _, name := range strings.Split("abcdefghi", "") {
		if err := checkOutputs(nine); err != nil {
			t.Fatalf("%d values: %v", len(nine), err)
		}
		nine[name] = full
	}
	if err := checkOutputs(nine); err == nil || !strings.Contains(err.Error(), "8.0 MB") {
		t.Errorf("%v", err)
	}
}

func TestRedactionAcrossAllBorders(t *testing.T) {
	redactor := func() *Redactor {
		return newRedactor([]string{"hunter22", "hunter2299", "aaab", "line one\nline two\n", "abc"})
	}
	text := "x hunter2 hunter22 hunter2299 hunter229 aaaaab line one\nline two abc line on"
	want := "x hunter2 *** *** ***9 aa*** *** abc line on"
	if got := redactor().Text(text); got != want {
		t.Fatalf("whole: %q", got)
	}
	for first := 0; first <= len(text); first++ {
		for second := first; second <= len(text); second++ {
			r := redactor()
			var out bytes.Buffer
			out.Write(r.Write([]byte(text[:first])))
			out.Write(r.Write([]byte(text[first:second])))
			out.Write(r.Write([]byte(text[second:])))
			out.Write(r.Close())
			if out.String() != want {
				t.Fatalf("cut at %d and %d: %q", first, second, out.String())
			}
		}
	}
	if newRedactor([]string{"abc", " ", ""}) != nil {
		t.Error("short values are not redacted")
	}
}

func TestRedactsJSONWithItsKeys(t *testing.T) {
	got := redactJSON(json.RawMessage(`{"k-secret":["my secret",12345678901234567890,null]}`), newRedactor([]string{"secret"}))
	if string(got) != `{"k-***":["my ***",12345678901234567890,null]}` {
		t.Errorf("%s", got)
	}
}

func TestLogKeepsHeadAndTail(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for _, size := range []int{0, 1, 999, 1000, 1001, 1499, 1500, 1501, 2750, 10_000} {
		path := filepath.Join(t.TempDir(), "deep", "log.txt")
		log := newLog(path, nil, newConsole(openNull(t)), 1000)
		all := make([]byte, size)
		for i := range all {
			all[i] = byte('a' + random.Intn(26))
		}
		for rest := all; len(rest) > 0; {
			n := min(len(rest), 1+random.Intn(700))
			log.add(rest[:n])
			rest = rest[n:]
		}
		result := log.finish()
		if log.err != nil || result.Size != int64(size) {
			t.Fatalf("%d bytes: %+v %v", size, result, log.err)
		}
		got, err := os.ReadFile(path)
		if size == 0 {
			if !errors.Is(err, os.ErrNotExist) {
				t.Error("an empty log makes no object")
			}
			continue
		}
		if sum(got) != result.SHA256 {
			t.Errorf("%d bytes: the digest is not that of the object", size)
		}
		if size <= 1000 {
			if !bytes.Equal(got, all) {
				t.Errorf("%d bytes: changed", size)
			}
		} else if !bytes.HasPrefix(got, all[:500]) || !bytes.HasSuffix(got, all[size-500:]) || !bytes.Contains(got, []byte("bytes of the log are left out")) || len(got) > 1200 {
			t.Errorf("%d bytes: %q", size, got)
		}
	}
}

func openNull(t *testing.T) int {
	file, err := os.OpenFile("/dev/null", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return int(file.Fd())
}

// A reader that never reads must not hold up the one who writes; what it missed is told when it reads again.
func TestConsoleNeverWaits(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	console := newConsole(int(writer.Fd()))
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 20 {
		console.write(chunk)
	}
	got := make(chan []byte)
	go func() { body, _ := io.ReadAll(reader); got <- body }()
	console.finish()
	writer.Close()
	if body := <-got; len(body) > consoleBuffer*2+1<<20 || !bytes.Contains(body, []byte("bytes left out here")) {
		t.Errorf("%d bytes", len(body))
	}
}

func TestGlob(t *testing.T) {
	for _, one := range []struct {
		pattern, path string
		want          bool
	}{
		{"a.txt", "a.txt", true}, {"*.txt", "a.txt", true}, {"*.txt", "d/a.txt", false}, {"**", "d/e/a.txt", true},
		{"**/*.txt", "a.txt", true}, {"**/*.txt", "d/e/a.txt", true}, {"d/**", "d/a", true}, {"d/**", "e/a", false}, {"d/**/a", "d/a", true},
		{"d/**/x/**/a", "d/1/x/2/3/a", true}, {"d/**/x/**/a", "d/1/2/3/a", false}, {"out/", "out/a/b", true}, {"./a", "a", true},
		{"*.{csv,json}", "a.json", true}, {"{a,b/{c,d}}/e", "b/d/e", true}, {"{a}", "{a}", true}, {"[ab].txt", "b.txt", true},
		{"*", ".hidden", false}, {"**", "d/.hidden", false}, {".*", ".hidden", true}, {"**", ".git/config", false}, {"**/.hidden", "d/.hidden", true}, {"?", "ä", true},
	} {
		g, err := newGlob(one.pattern, false)
		if err != nil {
			t.Fatal(one.pattern, err)
		}
		if g.match(one.path) != one.want {
			t.Errorf("%s on %s: not %v", one.pattern, one.path, one.want)
		}
		if folder := filepath.Dir(one.path); one.want && folder != "." && !g.mayHold(folder) {
			t.Errorf("%s: the folder of %s would not be read", one.pattern, one.path)
		}
	}
	all, _ := newGlob("**", true)
	if !all.match(".a/.b") {
		t.Error("the files of a need include those with a dot")
	}
	if _, err := newGlob("[a", false); err == nil {
		t.Error("a pattern that is none")
	}
	endless, _ := newGlob(strings.Repeat("**/a/", 30)+"b", false)
	if endless.match(strings.Repeat("a/", 200) + "c") {
		t.Error("matched")
	}
}

func TestMarkersAreUniqueAndSortByTime(t *testing.T) {
	deep := strings.Repeat(strings.Repeat("x", 100)+"/1/", 4) + "y"
	names := map[string]bool{}
	last := ""
	for _, at := range []int64{999, 1_000, 1_700_000_000_000, 9_999_999_999_999} {
		for _, task := range []string{"a", "a/1", "a-1", "a/11", "a_1", "outer/2/inner/3", "outer/2/inner-3", deep, deep + "z"} {
			for _, attempt := range []int{1, 11} {
				key := markerKey(&WorkSpec{RunID: "r", Task: task, Attempt: attempt}, at)
				name := filepath.Base(key)
				if names[key] || filepath.Dir(key) != "runs/r/done" || len(name) > 255 || name[:13] < last {
					t.Error(key)
				}
				names[key], last = true, name[:13]
			}
		}
	}
}

func TestSafePath(t *testing.T) {
	for path, want := range map[string]bool{"a": true, "a/b.c": true, "": false, "/a": false, "a//b": false, "a/": false, "../a": false, "a/../b": false, ".": false, "a\\b": false, "a\x00": false, "a..b": true} {
		if safePath(path) != want {
			t.Errorf("%q", path)
		}
	}
}

func TestStoreCreatesOnce(t *testing.T) {
	store := newFolderStore(t.TempDir())
	for _, body := range []string{"first", ""} {
		key := "runs/r/" + body + "x"
		first, err := store.Create(background, key, []byte(body))
		second, again := store.Create(background, key, []byte("second"))
		third, last := store.Create(background, key, nil)
		if !first || second || third || err != nil || again != nil || last != nil {
			t.Error(first, second, third, err, again, last)
		}
		if got, _ := store.Read(background, key, 100); string(got) != body {
			t.Errorf("%q", got)
		}
	}
	if left, _ := os.ReadDir(store.root + "/.tmp"); len(left) != 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
	for _, key := range []string{"../x", "/x", "a/../../x", ".tmp/x"} {
		if _, err := store.Create(background, key, []byte("x")); err == nil {
			t.Errorf("%s was written", key)
		}
	}
}

func TestCopyReplacesALinkAndNeverWritesThroughIt(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(dir+"/precious", []byte("old"), 0o600)
	os.WriteFile(dir+"/new", []byte("new"), 0o640)
	os.Symlink(dir+"/precious", dir+"/link")
	if _, _, err := copyFile(context.Background(), dir+"/new", dir+"/link", 0o640); err != nil {
		t.Fatal(err)
	}
	precious, _ := os.ReadFile(dir + "/precious")
	info, _ := os.Lstat(dir + "/link")
	if string(precious) != "old" || info.Mode() != 0o640 {
		t.Errorf("%s %v", precious, info.Mode())
	}
}

func TestSpecIsCheckedBeforeAnythingRuns(t *testing.T) {
	good := `{"version":1,"future":true,"work":[{"store":"file:///s","runId":"r","task":"t","attempt":1,"work":{"kind":"command","words":["true"]}}]}`
	for name, one := range map[string]struct{ body, digest, want string }{
		"good":            {good, sum([]byte(good)), ""},
		"other digest":    {good, sum([]byte("x")), "was changed after the launch"},
		"newer version":   {strings.Replace(good, `"version":1`, `"version":2`, 1), "", "contract version 2"},
		"no JSON":         {"{", "", "is not a spec document"},
		"two entries":     {`{"version":1,"work":[{},{}]}`, "", "2 entries of work"},
		"leads out":       {strings.Replace(good, `"task":"t"`, `"task":"../t"`, 1), "", "task key"},
		"unknown kind":    {strings.Replace(good, `"command"`, `"dream"`, 1), "", `kind "dream"`},
		"wrong JSON type": {strings.Replace(good, `"attempt":1`, `"attempt":"1"`, 1), "", "is not a spec document"},
	} {
		path := filepath.Join(t.TempDir(), "spec with blank.json")
		os.WriteFile(path, []byte(one.body), 0o600)
		if one.digest == "" && name != "good" {
			one.digest = sum([]byte(one.body))
		}
		_, err := loadSpec(background, "file://"+strings.ReplaceAll(path, " ", "%20"), one.digest)
		if one.want == "" && err != nil || one.want != "" && (err == nil || !strings.Contains(err.Error(), one.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := loadSpec(background, "file:///nowhere/spec.json", ""); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
}
