package main

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func entry(path, body string, mode int) FileEntry {
	return FileEntry{Path: path, Size: int64(len(body)), SHA256: sum([]byte(body)), Mode: mode}
}

// need makes a document of one task with these files, and the files, into the store of a.
func (a *attempt) need(electron string, files map[string]string, told []FileEntry) {
	prefix := "runs/run/tasks/" + electron + "/1/files/"
	for path, body := range files {
		a.put(prefix+path, body)
	}
	task := map[string]any{"id": electron, "index": 0, "matrix": map[string]any{}, "result": "success", "outputs": map[string]any{}, "filesAt": prefix, "files": told}
	body, _ := json.Marshal(map[string]any{"electron": electron, "width": 1, "tasks": []any{task}})
	key := "blobs/" + electron
	a.spec.Needs = append(a.spec.Needs, NeedSpec{Electron: electron, Document: key, SHA256: a.put(key, string(body)), Files: []string{"**"}})
}

func TestFilesOfNeedsAreHeldAgainstTheirDigests(t *testing.T) {
	for name, one := range map[string]struct {
		stored, want string
	}{
		"as they were":                 {"model", ""},
		"changed, of the same size":    {"MODEL", "it was changed after its task had ended"},
		"changed, of another size":     {"models", "has 6 bytes and not 5"},
		"removed":                      {"", "is gone: it was removed after its task had ended"},
		"document of the need changed": {"model", "it was changed after the launch"},
	} {
		t.Run(name, func(t *testing.T) {
			a := prepare(t, script("echo ran > ran"))
			files := map[string]string{"model": one.stored}
			if one.stored == "" {
				files = nil
			}
			a.need("train", files, []FileEntry{entry("model", "model", 0o640)})
			if strings.HasPrefix(name, "document") {
				a.put(a.spec.Needs[0].Document, `{"tasks":[]}`)
			}
			if one.want == "" {
				a.start().expect(statusSucceeded, "", 0)
				return
			}
			result := a.start().expect(statusStagingFailed, "stage-in", 1)
			if !strings.Contains(result.Error.Message, one.want) || !strings.Contains(result.Error.Message, "train") {
				t.Error(result.Error.Message)
			}
			if _, err := os.Stat(a.cwd() + "/ran"); err == nil {
				t.Error("the work ran")
			}
		})
	}
}

func TestManyFilesAreStagedWithTheirModes(t *testing.T) {
	a := prepare(t, script(`cd $LATTICE_NEEDS/train/0; find . -type f | wc -l; cat d7/f780; test -x d7/f780 && test ! -x d6/f680`))
	files := map[string]string{}
	var told []FileEntry
	for i := range 1000 {
		path, mode := fmt.Sprintf("d%d/f%d", i%10, i%10*100+i/10), 0o644
		if i%10 == 7 {
			mode = 0o755
		}
		files[path] = "content of " + path
		told = append(told, entry(path, files[path], mode))
	}
	a.need("train", files, told)
	result := a.start().expect(statusSucceeded, "", 0)
	if lines := strings.Fields(result.Log.Tail); lines[0] != "1000" || !strings.HasSuffix(result.Log.Tail, "content of d7/f780") {
		t.Errorf("%q", result.Log.Tail)
	}
}

func TestInputsAreHeldAgainstTheirDigests(t *testing.T) {
	a := prepare(t, script("true"))
	blob := "blobs/" + sum([]byte("blob"))
	a.put(blob, "blub")
	a.spec.FilesIn = []FileIn{{From: "store:" + blob, To: "x"}}
	if result := a.start().expect(statusStagingFailed, "stage-in", 1); !strings.Contains(result.Error.Message, "has SHA-256") {
		t.Error(result.Error.Message)
	}
	b := prepare(t, script("true"))
	source := t.TempDir() + "/data"
	os.WriteFile(source, []byte("new"), 0o600)
	b.spec.FilesIn = []FileIn{{From: "file://" + source, To: "x", SHA256: sum([]byte("old"))}}
	if result := b.start().expect(statusStagingFailed, "stage-in", 1); !strings.Contains(result.Error.Message, "changed while the run was under way") {
		t.Error(result.Error.Message)
	}
	if _, err := os.Stat(b.cwd() + "/x"); err == nil {
		t.Error("a wrong file was left in place")
	}
}

func TestOfTwoInputsForOnePlaceTheLastStays(t *testing.T) {
	a := prepare(t, script(`cat x >> "$LATTICE_FILES/x"`))
	dir := t.TempDir()
	for i := range 20 {
		path := fmt.Sprintf("%s/%d", dir, i)
		os.WriteFile(path, fmt.Append(nil, i), 0o600)
		a.spec.FilesIn = append(a.spec.FilesIn, FileIn{From: "file://" + path, To: []string{"x", "./x"}[i%2]})
	}
	result := a.start().expect(statusSucceeded, "", 0)
	if result.Files[0].SHA256 != sum([]byte("19")) {
		t.Error("not the last one")
	}
}

func TestDownloads(t *testing.T) {
	var busy, cut atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		switch request.URL.Path {
		case "/data", "/moved-here":
			answer.Write([]byte("data"))
		case "/moved":
			http.Redirect(answer, request, "/moved-here", http.StatusFound)
		case "/busy":
			if busy.Add(1) < 2 {
				answer.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			answer.Write([]byte("data"))
		case "/cut":
			if cut.Add(1) < 2 {
				answer.Header().Set("Content-Length", "1000000")
				answer.Write([]byte("da"))
				return
			}
			answer.Write([]byte("data"))
		case "/secret":
			answer.WriteHeader(http.StatusForbidden)
		default:
			answer.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close) // after the parallel tests
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	roots := t.TempDir() + "/roots.pem"
	os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o644)
	data := sum([]byte("data"))
	for name, one := range map[string]struct {
		path, sha256, roots string
		optional            bool
		want                string
	}{
		"plain":              {"/data", data, roots, false, ""},
		"digest in capitals": {"/data", strings.ToUpper(data), roots, false, ""},
		"redirected":         {"/moved", data, roots, false, ""},
		"busy at first":      {"/busy", data, roots, false, ""},
		"cut off at first":   {"/cut", data, roots, false, ""},
		"another content":    {"/data", sum([]byte("x")), roots, false, "has SHA-256 " + data + " and not"},
		"no digest":          {"/data", "", roots, false, "a download needs its sha256"},
		"absent":             {"/none", data, roots, false, "/none does not exist; `optional: true`"},
		"absent, optional":   {"/none", data, roots, true, ""},
		"forbidden":          {"/secret", data, roots, true, "the server says 403 Forbidden"},
		"not trusted":        {"/data", data, "/dev/null", false, "SSL_CERT_FILE names other roots"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := prepare(t, script(`test ! -e got || { cat got; test ! -x got; }`))
			a.env = []string{"SSL_CERT_FILE=" + one.roots, "SSL_CERT_DIR=/nowhere"}
			a.spec.FilesIn = []FileIn{{From: server.URL + one.path, To: "got", SHA256: one.sha256, Optional: one.optional}}
			if one.want != "" {
				result := a.start().expect(statusStagingFailed, "stage-in", 1)
				if !strings.Contains(result.Error.Message, one.want) || !strings.Contains(result.Error.Message, server.URL) {
					t.Error(result.Error.Message)
				}
				return
			}
			result := a.start().expect(statusSucceeded, "", 0)
			if want := map[bool]string{true: "", false: "data"}[one.optional]; result.Log.Tail != want {
				t.Errorf("%q", result.Log.Tail)
			}
		})
	}
}

// What the work makes may be there already; it must not be written through the links of the private directory.
func TestWhatTheWorkMakesIsNotSharedByLinks(t *testing.T) {
	a := prepare(t, script(`echo new > out/table.csv; echo new >> notes.txt; echo '<testsuite/>' > junit.xml; cat src/code; test -L src/code`))
	for path, body := range map[string]string{"out/table.csv": "old", "out/deep/x": "old", "notes.txt": "old", "junit.xml": "old", "src/code": "code"} {
		os.MkdirAll(filepath.Dir(a.cwd()+"/"+path), 0o755)
		os.WriteFile(a.cwd()+"/"+path, []byte(body), 0o640)
	}
	a.spec.View = &ViewSpec{List: "blobs/view", SHA256: a.put("blobs/view", `["junit.xml","notes.txt","out/deep/x","out/table.csv","src/code"]`)}
	a.spec.FilesOut = []FileOut{{Glob: "out/"}, {Glob: "!out/deep/**"}, {Glob: "*.txt"}}
	a.spec.JUnit = []string{"junit.xml"}
	result := a.start().expect(statusSucceeded, "", 0)
	for _, path := range []string{"out/table.csv", "notes.txt", "junit.xml"} {
		if body, _ := os.ReadFile(a.cwd() + "/" + path); string(body) != "old" {
			t.Errorf("%s of everybody was changed to %q", path, body)
		}
	}
	if len(result.Files) != 2 || result.Files[1].SHA256 != sum([]byte("new\n")) || result.Files[0].SHA256 != sum([]byte("oldnew\n")) || len(result.JUnit) != 1 {
		t.Errorf("%+v", result.Files)
	}
}

func TestReportsHoldNoSecrets(t *testing.T) {
	a := prepare(t, script(`printf '<testsuite><testcase name="a"><failure>token %s\n</failure></testcase></testsuite>' "$TOKEN" > r.xml`))
	a.spec.Secrets = []string{"TOKEN"}
	a.spec.JUnit = []string{"*.xml"}
	a.env = []string{"TOKEN=s3cr3t-value"}
	a.start().expect(statusSucceeded, "", 0)
	body, err := os.ReadFile(a.store + "/" + attemptKey(&a.spec, "reports/0.xml"))
	if err != nil || string(body) != "<testsuite><testcase name=\"a\"><failure>token ***\n</failure></testcase></testsuite>" {
		t.Errorf("%q %v", body, err)
	}
}

func TestCallsLeaveNoBytecodeBesideTheCode(t *testing.T) {
	for _, set := range []string{"", "PYTHONDONTWRITEBYTECODE=", "PYTHONPYCACHEPREFIX=/tmp/never-made"} {
		a := prepare(t, WorkStep{Kind: "call", File: "code.py", Function: "f", Language: "python"})
		a.env = []string{"PYTHONPYCACHEPREFIX=", "PYTHONDONTWRITEBYTECODE=", set}
		os.WriteFile(a.cwd()+"/code.py", []byte("import beside, os\ndef f(): return os.environ.get('PYTHONDONTWRITEBYTECODE', '')\n"), 0o644)
		os.WriteFile(a.cwd()+"/beside.py", []byte("x = 1\n"), 0o644)
		want := `"1"`
		if strings.HasPrefix(set, "PYTHONPYCACHEPREFIX") {
			want = `""` // the user has said where it goes
			a.env[2] = "PYTHONPYCACHEPREFIX=" + t.TempDir()
		}
		result := a.start().expect(statusSucceeded, "", 0)
		if _, err := os.Stat(a.cwd() + "/__pycache__"); !errors.Is(err, os.ErrNotExist) || string(result.Outputs["result"]) != want {
			t.Errorf("%q: %v %s", set, err, result.Outputs)
		}
	}
}

// The platform's SIGKILL follows its SIGTERM, also while files are kept: the result has to be there before.
func TestAnInterruptionBoundsTheKeepingOfFiles(t *testing.T) {
	a := prepare(t, script(`echo state > $LATTICE_CHECKPOINT/state; echo small > $LATTICE_FILES/a; truncate -s 200G $LATTICE_FILES/b || dd if=/dev/zero of=$LATTICE_FILES/b bs=1 count=0 seek=200G; echo x > ready`))
	a.spec.Checkpoint = &CheckpointSpec{EverySeconds: 60}
	a.env = []string{"LATTICE_STOP_SECONDS=0.4"}
	a.start()
	until(t, "the first file is kept", func() bool {
		_, err := os.Stat(a.store + "/" + attemptKey(&a.spec, "files/a"))
		return err == nil
	})
	started := time.Now()
	a.signal(syscall.SIGTERM)
	result := a.expect(statusInterrupted, "interrupted", 143)
	if time.Since(started) > 10*time.Second || len(result.Files) != 1 || !strings.Contains(result.Error.Message, "before all of its files were kept") {
		t.Errorf("%+v", result)
	}
	if _, err := os.Stat(a.store + "/" + attemptKey(&a.spec, "checkpoint/manifest.json")); err != nil {
		t.Error("the checkpoint comes first")
	}
}
