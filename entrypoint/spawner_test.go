package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// spawner is a started spawner whose attempts run a script.
type spawner struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startSpawner(t *testing.T, script string) *spawner {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := &spawner{t: t, cmd: exec.Command(binary, "spawn")}
	s.cmd.Env = []string{}
	s.cmd.Stderr = os.Stderr
	s.in, _ = s.cmd.StdinPipe()
	out, _ := s.cmd.StdoutPipe()
	s.out = bufio.NewReader(out)
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.in.Close()
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	s.say(map[string]any{"program": program, "environment": []string{"PATH=" + os.Getenv("PATH"), "BASE=base", "BOTH=base"}})
	return s
}

func (s *spawner) say(request any) {
	body, _ := json.Marshal(request)
	fmt.Fprintf(s.in, "%s\n", body)
}

// next is the next frame, as "kind id body".
func (s *spawner) next() string {
	s.t.Helper()
	header := make([]byte, 9)
	if _, err := io.ReadFull(s.out, header); err != nil {
		s.t.Fatalf("no frame: %v", err)
	}
	number := func(at int) int {
		return int(header[at]) | int(header[at+1])<<8 | int(header[at+2])<<16 | int(header[at+3])<<24
	}
	body := make([]byte, number(0))
	if _, err := io.ReadFull(s.out, body); err != nil {
		s.t.Fatalf("half a frame: %v", err)
	}
	return fmt.Sprintf("%c %d %s", header[8], number(4), body)
}

func (s *spawner) expect(want string) {
	s.t.Helper()
	if got := s.next(); got != want {
		s.t.Fatalf("got the frame %q, want %q", got, want)
	}
}

func (s *spawner) launch(id int, variables ...string) {
	s.t.Helper()
	s.say(map[string]any{"id": id, "launch": append([]string{}, variables...)})
	if got, want := s.next(), fmt.Sprintf("s %d ", id); !strings.HasPrefix(got, want) {
		s.t.Fatalf("got the frame %q, want a start of %d", got, id)
	}
}

func TestSpawnerTellsStartWordsAndEnd(t *testing.T) {
	s := startSpawner(t, `echo "$BASE $OWN $BOTH $(env | grep -c ^BOTH=)"; exit $OWN`)
	s.launch(7, "OWN=3", "BOTH=own")
	s.expect("l 7 base 3 own 1\n")
	s.expect(`e 7 {"exitCode":3,"signal":null}`)
}

func TestSpawnerPassesWordsAndKills(t *testing.T) {
	s := startSpawner(t, `read -r word <&3; echo "$word"; exec sleep 300`)
	s.launch(1)
	s.say(map[string]any{"id": 1, "word": "c\n"})
	s.expect("l 1 c\n")
	s.say(map[string]any{"id": 2, "kill": true}) // nobody
	s.say(map[string]any{"id": 1, "kill": true})
	s.expect(`e 1 {"exitCode":null,"signal":"SIGKILL"}`)
}

func TestSpawnerSaysWhatCannotBeStarted(t *testing.T) {
	s := startSpawner(t, "exit 0")
	s.say(map[string]any{"id": 1, "launch": []string{"LARGE=" + strings.Repeat("x", 200_000)}})
	s.expect(`f 1 {"code":"E2BIG","message":"argument list too long"}`)
	s.launch(2)
	s.expect(`e 2 {"exitCode":0,"signal":null}`)
}

func TestSpawnerDoesNotWaitForSomebodyElsesPipe(t *testing.T) {
	s := startSpawner(t, `setsid sleep 300 & echo $!; exit 0`)
	s.launch(1)
	said := s.next()
	s.expect(`e 1 {"exitCode":0,"signal":null}`)
	exec.Command("kill", "-9", strings.TrimSpace(strings.TrimPrefix(said, "l 1 "))).Run()
}

func TestSpawnerEndsWithItsDriverAndItsAttemptsWithIt(t *testing.T) {
	gone := filepath.Join(t.TempDir(), "gone")
	s := startSpawner(t, `echo ready; read -r word <&3 || touch `+gone)
	s.launch(1)
	s.expect("l 1 ready\n")
	s.in.Close()
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("the spawner ended with %v", err)
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(gone); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the attempt has not seen the end of its pipe")
		}
	}
}

func TestSpawnerHoldsLittleForADriverThatDoesNotRead(t *testing.T) {
	s := startSpawner(t, `head -c 100000000 /dev/zero; exit 5`)
	s.launch(1)
	total := 0
	for {
		frame := s.next()
		if strings.HasPrefix(frame, "l 1 ") {
			total += len(frame) - len("l 1 ")
			s.checkMemory()
			continue
		}
		if frame != `e 1 {"exitCode":5,"signal":null}` || total != 100_000_000 {
			t.Fatalf("got %q after %d bytes", frame, total)
		}
		return
	}
}

func (s *spawner) checkMemory() {
	s.t.Helper()
	var size, resident int
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return // no Linux
	}
	fmt.Sscan(string(status), &size, &resident)
	if bytes := resident * os.Getpagesize(); bytes > 50<<20 {
		s.t.Fatalf("it holds %d bytes", bytes)
	}
}
