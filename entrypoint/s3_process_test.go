package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Here the program itself runs with its store in S3.

func TestATaskOnS3(t *testing.T) {
	f := newFakeS3(t)
	f.page = 2
	a := onS3(t, f, script(`cat $LATTICE_NEEDS/train/0/m/model in/one in/all/d/2 "in/all/a b+c" $LATTICE_CHECKPOINT/state > $LATTICE_FILES/seen
		test ! -e in/none; echo state2 > $LATTICE_CHECKPOINT/state; echo a=b >> $LATTICE_OUTPUT; mkdir -p out/deep; echo x > out/deep/x.csv; echo y > out/y.csv; echo z > z; echo said`))
	a.need("train", map[string]string{"m/model": "model "}, []FileEntry{entry("m/model", "model ", 0o644)})
	f.put("other.bucket/data/one", "one ")
	for name, body := range map[string]string{"a b+c": "abc ", "d/2": "two ", "3": "three", "": "", "e/": ""} {
		f.put("other.bucket/data/set/"+name, body)
	}
	a.spec.FilesIn = []FileIn{
		{From: "s3://other.bucket/data/one", To: "in/", SHA256: sum([]byte("one "))}, {From: "s3://other.bucket/data/set/", To: "in/all/"},
		{From: "s3://other.bucket/none", To: "in/none", Optional: true}, {From: "s3://other.bucket/none/", To: "in/nones", Optional: true},
	}
	a.spec.FilesOut = []FileOut{{From: "out/**/*.csv", To: "s3://results/of it/"}, {From: "z", To: "s3://results/named"}}
	a.spec.Checkpoint = &CheckpointSpec{From: []string{"runs/run/tasks/sample/7/0/checkpoint/"}}
	a.put("runs/run/tasks/sample/7/0/checkpoint/1/state", "state1")
	a.put("runs/run/tasks/sample/7/0/checkpoint/manifest.json", `{"version":1,"save":1,"files":[{"path":"state","size":6,"sha256":"`+sum([]byte("state1"))+`","mode":384}]}`)
	result := a.start().expect(statusSucceeded, "", 0)
	own := "bucket/run store/runs/run/tasks/sample/7/1/"
	for name, want := range map[string]string{
		own + "files/seen": "model one two abc state1", own + "log.txt": "said\n", own + "checkpoint/1/state": "state2\n",
		"results/of it/deep/x.csv": "x\n", "results/of it/y.csv": "y\n", "results/named": "z\n",
	} {
		if got := f.body(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if len(result.Warnings) != 0 || len(result.Files) != 1 || string(result.Outputs["a"]) != `"b"` {
		t.Error(result)
	}
	if !slices.ContainsFunc(f.names(), func(name string) bool { return strings.HasPrefix(name, "bucket/run store/runs/run/done/") }) {
		t.Error(f.names())
	}
}

func TestInputsInS3ThatAreNotAsTheyShouldBe(t *testing.T) {
	f := newFakeS3(t)
	f.put("data/one", "one")
	f.trouble = func(c *fakeCall) bool { return c.key == "data/secret" && c.refuse(403, "AccessDenied") }
	for name, one := range map[string]struct {
		file FileIn
		want string
	}{
		"missing":    {FileIn{From: "s3://data/none", To: "x"}, "s3://data/none does not exist; `optional: true`"},
		"no objects": {FileIn{From: "s3://data/none/", To: "x"}, "s3://data/none/ does not exist"},
		"digest":     {FileIn{From: "s3://data/one", To: "x", SHA256: sum(nil)}, "has SHA-256"},
		"forbidden":  {FileIn{From: "s3://data/secret", To: "x", Optional: true}, "needs s3:GetObject for arn:aws:s3:::data/secret"},
	} {
		t.Run(name, func(t *testing.T) {
			a := prepare(t, script("true")) // the store is a folder here
			a.spec.FilesIn = []FileIn{one.file}
			if result := a.start().expect(statusStagingFailed, "stage-in", 1); !strings.Contains(result.Error.Message, one.want) {
				t.Error(result.Error.Message)
			}
		})
	}
}

func TestCopiesToS3ThatCannotBe(t *testing.T) {
	f := newFakeS3(t)
	f.trouble = func(c *fakeCall) bool { return strings.HasPrefix(c.key, "closed/") && c.refuse(403, "AccessDenied") }
	for to, want := range map[string]string{
		"s3://closed/x/": "the file could not", "s3://open/x": "means 2 files",
	} {
		a := prepare(t, script("echo 1 > a.csv; echo 2 > b.csv"))
		a.spec.FilesOut = []FileOut{{From: "*.csv", To: to}}
		result := a.start().expect(statusStagingFailed, "stage-out", 1)
		if strings.HasPrefix(to, "s3://closed") {
			want = "files.out: a.csv cannot be copied to s3://closed/x/a.csv: PutObject of s3://closed/x/a.csv was refused by S3: AccessDenied"
		}
		if !strings.Contains(result.Error.Message, want) {
			t.Error(result.Error.Message)
		}
	}
}

func lease(f *fakeS3, age time.Duration) {
	f.put("bucket/run store/runs/run/lease", `{"epoch":3,"ttlSeconds":900}`)
	f.mu.Lock()
	defer f.mu.Unlock()
	object := f.objects["bucket/run store/runs/run/lease"]
	object.modified = time.Now().Add(f.offset - age)
	f.objects["bucket/run store/runs/run/lease"] = object
}

func TestLeaseAndCancelOnS3(t *testing.T) {
	f := newFakeS3(t)
	f.offset = 5 * time.Hour // its clock counts, not ours
	lease(f, time.Minute)
	a := onS3(t, f, script(`echo $$ > started; exec sleep 60`)).start()
	a.untilFile("started")
	lease(f, time.Hour)
	a.expect(statusCancelled, "lease", 130)

	lease(f, 0)
	b := onS3(t, f, script(`echo $$ > started; exec sleep 60`))
	b.spec.Task = "sample/8"
	f.put("bucket/run store/runs/run/cancel", `{"epoch":2}`) // of an earlier driver
	b.start().untilFile("started")
	seen := f.count("GetObject")
	until(t, "looks", func() bool { return f.count("GetObject") > seen+3 })
	f.put("bucket/run store/runs/run/cancel", `{"epoch":3}`)
	b.expect(statusCancelled, "cancelled", 130)
	if b.signalled() {
		t.Error("it was killed")
	}
}

func (a *attempt) signalled() bool { return !a.cmd.ProcessState.Exited() }

func TestNoAnswerStopsATask(t *testing.T) {
	for name, trouble := range map[string]func(*fakeCall) bool{
		"forbidden": func(c *fakeCall) bool { return c.refuse(403, "AccessDenied") },
		"outage":    func(c *fakeCall) bool { return c.refuse(503, "ServiceUnavailable") },
		"broken":    (*fakeCall).breakOff,
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeS3(t)
			f.put("bucket/run store/runs/run/cancel", `{"epoch":9}`)
			lease(f, time.Hour)
			var down atomic.Bool
			down.Store(true)
			var looks atomic.Int64
			f.trouble = func(c *fakeCall) bool {
				if !down.Load() || strings.HasSuffix(c.key, "/spec.json") || c.action == "PutObject" && name == "forbidden" {
					return false
				}
				looks.Add(1)
				return trouble(c)
			}
			a := onS3(t, f, script(`echo $$ > started; until test -e go; do sleep 0.01; done; echo kept > $LATTICE_FILES/x`)).start()
			if name == "outage" || name == "broken" {
				until(t, "looks", func() bool { return looks.Load() > 3 })
			}
			a.untilFile("started")
			os.WriteFile(a.cwd()+"/go", nil, 0o600)
			if name != "forbidden" {
				time.AfterFunc(300*time.Millisecond, func() {
					f.mu.Lock()
					delete(f.objects, "bucket/run store/runs/run/cancel")
					f.mu.Unlock()
					lease(f, 0)
					down.Store(false)
				})
			}
			a.expect(statusSucceeded, "", 0)
			if f.body("bucket/run store/runs/run/tasks/sample/7/1/files/x") != "kept\n" {
				t.Error(f.names())
			}
		})
	}
}

func TestASignalFromOutsideLeavesTimeToSaveInS3(t *testing.T) {
	f := newFakeS3(t)
	a := onS3(t, f, script(`trap 'echo saved > $LATTICE_FILES/x; echo c > $LATTICE_CHECKPOINT/c; exit 0' TERM; echo $$ > started; while :; do sleep 0.01; done`))
	a.spec.Checkpoint = &CheckpointSpec{}
	a.start().untilFile("started")
	a.cmd.Process.Signal(syscall.SIGTERM)
	a.expect(statusInterrupted, "interrupted", 143)
	for _, name := range []string{"files/x", "checkpoint/1/c", "checkpoint/manifest.json"} {
		if f.body("bucket/run store/runs/run/tasks/sample/7/1/"+name) == "" {
			t.Error(name, f.names())
		}
	}
	b := onS3(t, f, script(`echo $$ > started; exec sleep 60`))
	b.spec.Task = "sample/8"
	b.start().untilFile("started")
	f.put("bucket/run store/runs/run/cancel", `{"epoch":3}`) // the order and the platform's signal race
	b.cmd.Process.Signal(syscall.SIGTERM)
	b.expect(statusCancelled, "cancelled", 130)
}

func TestASignalEndsTheReadingOfTheSpec(t *testing.T) {
	f := newFakeS3(t)
	f.trouble = func(c *fakeCall) bool { return c.refuse(503, "ServiceUnavailable") }
	a := onS3(t, f, script("true")).start()
	until(t, "reads", func() bool { return f.count("GetObject") > 1 })
	a.signal(syscall.SIGTERM)
	if code, result := a.wait(); code != exitInterrupted || result != nil {
		t.Error(code, result, a.stderr.String())
	}
}

func TestAResultThatCannotBeSavedIsToldByNameOfThePermission(t *testing.T) {
	f := newFakeS3(t)
	f.trouble = func(c *fakeCall) bool { return c.action == "PutObject" && c.refuse(403, "AccessDenied") }
	a := onS3(t, f, script("echo hello"))
	if code, result := a.run(); code != exitNoResult || result != nil || !strings.Contains(a.stderr.String(), "needs s3:PutObject for arn:aws:s3:::bucket/run store/runs/run/results/sample/7/1.json") {
		t.Error(code, result, a.stderr.String())
	}
	f.trouble = func(c *fakeCall) bool { return c.action == "GetObject" && c.refuse(403, "AccessDenied") }
	if code, _ := a.run(); code != exitBadSpec || !strings.Contains(a.stderr.String(), "needs s3:GetObject") {
		t.Error(code, a.stderr.String())
	}
}

func TestTheWorkSeesTheCredentialsOfItsRole(t *testing.T) {
	a := prepare(t, script(`echo $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI $AWS_REGION $ECS_CONTAINER_METADATA_URI_V4 $LATTICE_WORKSPACE; pwd`))
	dir := t.TempDir()
	os.Mkdir(dir+"/sub", 0o755)
	a.env = []string{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/c", "AWS_REGION=r", "ECS_CONTAINER_METADATA_URI_V4=m", "LATTICE_WORKSPACE=" + dir}
	a.spec.Workdir = nil
	if result := a.start().expect(statusSucceeded, "", 0); result.Log.Tail != "/v2/c r m\n"+dir+"\n" {
		t.Errorf("%q", result.Log.Tail)
	}
	sub := "/workspace/sub"
	b := prepare(t, script("pwd"))
	b.env, b.spec.Workdir = a.env, &sub
	if result := b.start().expect(statusSucceeded, "", 0); result.Log.Tail != dir+"/sub\n" {
		t.Errorf("%q", result.Log.Tail)
	}
}

func TestAnImageWithoutAShell(t *testing.T) {
	a := prepare(t, script("true"))
	a.env = []string{"PATH=" + t.TempDir()}
	if result := a.start().expect(statusFailed, "spawn", 127); !strings.HasPrefix(result.Error.Message, "the image has no bash and no sh to run a script: use `command` or `call`") {
		t.Error(result.Error.Message)
	}
}

func TestTemporaryFilesHaveAPlaceOnAReadOnlyRoot(t *testing.T) {
	before := commonTemporary
	defer func() { commonTemporary = before }()
	t.Setenv("TMPDIR", "")
	for place, want := range map[string]bool{t.TempDir(): false, "/nowhere": true} {
		commonTemporary = place
		task := &Task{folder: &workFolder{path: t.TempDir()}}
		got, err := task.temporaryFolder(map[string]string{})
		if err != nil || (got != "") != want || want && !isFolder(got) {
			t.Error(place, got, err)
		}
		if got, err := task.temporaryFolder(map[string]string{"TMPDIR": "/x"}); got != "" || err != nil {
			t.Error(got, err)
		}
	}
}

func TestDurations(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Second: "1 second", 90 * time.Second: "90 seconds", time.Minute: "1 minute", time.Hour: "60 minutes", 1500 * time.Millisecond: "1.5 seconds"} {
		if got := durationText(d); got != want {
			t.Error(fmt.Sprint(d), got)
		}
	}
}
