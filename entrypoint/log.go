package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"
)

// logLimit is how much of a log is kept whole; of a longer one the first and the last half of that are.
const logLimit = 1 << 30

// Log takes all that the work says: redacted, to the console as it comes, and to a file.
type Log struct {
	redactor *Redactor
	console  *Console
	path     string
	limit    int64
	file     *os.File
	hash     hash.Hash
	size     int64 // of everything said
	tail     []byte
	err      error // the first failure to write the file; the work goes on
	done     chan struct{}
}

func newLog(path string, redactor *Redactor, console *Console, limit int64) *Log {
	return &Log{path: path, redactor: redactor, console: console, limit: limit, done: make(chan struct{})}
}

// pump reads to the end of the pipe.
func (l *Log) pump(from *os.File) {
	defer close(l.done)
	var buffer []byte
	for {
		if buffer == nil {
			buffer = make([]byte, 64<<10)
		}
		n, err := from.Read(buffer)
		if n > 0 {
			l.add(l.redactor.Write(buffer[:n]))
		}
		if err != nil {
			l.add(l.redactor.Close())
			return
		}
	}
}

// drain waits until everything said has been read. All writers are dead by then, so this is at once; the bound is for a
// writer that somebody outside holds.
func (l *Log) drain(from *os.File) {
	select {
	case <-l.done:
	case <-time.After(2 * time.Second):
		from.SetReadDeadline(time.Now())
		<-l.done
	}
}

func (l *Log) add(data []byte) {
	if len(data) == 0 {
		return
	}
	l.console.write(data)
	l.keepTail(data)
	l.keepFile(data)
}

func (l *Log) keepTail(data []byte) {
	l.tail = append(l.tail, data...)
	if len(l.tail) > 4*limitTailBytes {
		l.tail = append(l.tail[:0], l.tail[len(l.tail)-limitTailBytes:]...)
	}
}

// keepFile writes up to the limit as it comes; from there on the second half of the file is a ring.
func (l *Log) keepFile(data []byte) {
	if l.file == nil && l.err == nil {
		l.hash = sha256.New()
		l.err = withParents(l.path, func() (err error) {
			l.file, err = os.OpenFile(l.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
			return err
		})
	}
	for len(data) > 0 && l.err == nil {
		at, room := l.size, l.limit-l.size
		if room <= 0 {
			half := l.limit / 2
			ring := (l.size - l.limit) % half
			at, room = l.limit-half+ring, half-ring
		}
		part := data[:min(int64(len(data)), room)]
		if l.size < l.limit {
			l.hash.Write(part)
		}
		if _, err := l.file.WriteAt(part, at); err != nil {
			l.err = err
			break
		}
		l.size += int64(len(part))
		data = data[len(part):]
	}
	l.size += int64(len(data)) // what could not be written was said all the same
}

// finish closes the file, with head, note and tail in order when it was too long, and describes it.
func (l *Log) finish() LogResult {
	result := LogResult{Size: l.size, SHA256: sum(nil), Tail: lastText(l.tail, limitTailBytes)}
	if l.file == nil {
		return result
	}
	if l.size > l.limit && l.err == nil {
		l.err = l.unroll()
	}
	if err := l.file.Close(); l.err == nil {
		l.err = err
	}
	if l.err == nil {
		result.SHA256 = hex.EncodeToString(l.hash.Sum(nil))
	} else if _, digest, err := hashFile(background, l.path); err == nil {
		result.SHA256 = digest
	}
	return result
}

func (l *Log) unroll() error {
	half := l.limit / 2
	ring := (l.size - l.limit) % half
	temporary := l.path + ".part"
	out, err := os.Create(temporary)
	if err != nil {
		return err
	}
	l.hash = sha256.New()
	note := fmt.Sprintf("\n[lattice: %d bytes of the log are left out here; it keeps the first and the last %s]\n", l.size-l.limit, sizeText(half))
	head := l.limit - half
	_, err = io.Copy(io.MultiWriter(out, l.hash), io.MultiReader(
		io.NewSectionReader(l.file, 0, head), strings.NewReader(note),
		io.NewSectionReader(l.file, head+ring, half-ring), io.NewSectionReader(l.file, head, ring)))
	if closing := out.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary, l.path)
	}
	if err != nil {
		os.Remove(temporary)
	}
	return err
}

// lastText is the end of a text in valid UTF-8, without half a character at its beginning.
func lastText(data []byte, limit int) string {
	if len(data) > limit {
		data = data[len(data)-limit:]
		for i := 0; i < 3 && len(data) > 0 && data[0]&0xc0 == 0x80; i++ {
			data = data[1:]
		}
	}
	return validText(data)
}

func validText(data []byte) string {
	return string(bytes.ToValidUTF8(data, []byte("\uFFFD")))
}
