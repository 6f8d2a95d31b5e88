package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// save keeps files, checkpoint, log and outputs, then writes the result, which makes the attempt count. It is done after
// a failure too. False when the result could not be written.
func (t *Task) save() bool {
	ctx, cancel := context.WithTimeout(t.supervisor.saving, stagingLimit)
	defer cancel()
	if t.result.Times.StagedIn != nil {
		t.readWords()
		t.keepEverything(ctx)
	}
	t.supervisor.leaveIfGone()
	if t.supervisor.isKilled() && t.result.Status != statusSucceeded && t.result.Status != statusInternalError {
		t.endedByCause(causeCancel)
	}
	t.result.Log = LogResult{SHA256: sum(nil)}
	if t.log != nil {
		t.result.Log = t.log.finish()
		if t.log.err != nil {
			t.warn("the log is not complete: %v", t.log.err)
		}
		t.keepLog(ctx)
	}
	t.redactResult()
	return t.commit()
}

// lateLogLimit is what the log gets when the time for saving is over: its end is in the result.
const lateLogLimit = 5 * time.Second

// keepLog puts the log where it belongs, unless it grew there.
func (t *Task) keepLog(ctx context.Context) {
	key := attemptKey(t.spec, "log.txt")
	path, local := t.store.LocalPath(key)
	if local || t.log.file == nil {
		return
	}
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(background, lateLogLimit)
		defer cancel()
	}
	if _, _, err := t.store.Keep(ctx, key, t.log.path, false); err != nil {
		t.warn("the log could not be saved as %s: %v", path, err)
	}
}

// commit writes the result create-only, then its marker.
func (t *Task) commit() bool {
	t.result.Times.Ended = time.Now().UnixMilli()
	body, err := marshal(t.result)
	if err != nil {
		complain(fmt.Sprintf("the result cannot be written as JSON: %v; please report this", err))
		return false
	}
	key := resultKey(t.spec)
	ctx, cancel := context.WithTimeout(background, stagingLimit)
	defer cancel()
	first := false
	if err := t.retry(func() (err error) { first, err = t.store.Create(ctx, key, body); return err }); err != nil {
		complain(fmt.Sprintf("%s of %s could not save its result as %s: %v%s", t.spec.TaskID, t.spec.RunID, key, err, advice(err)))
		return false
	}
	if !first {
		complain(fmt.Sprintf("there is a result %s already: the first one counts, this one is dropped", key))
		return true
	}
	if err := t.retry(func() error { _, err := t.store.Create(ctx, markerKey(t.spec, t.result.Times.Ended), nil); return err }); err != nil {
		complain(fmt.Sprintf("the marker of %s cannot be written: %v%s", key, err, advice(err)))
	}
	return true
}

// retry gives a store that refuses some time: somebody may make room on a full disk.
func (t *Task) retry(action func() error) error {
	err := action()
	if _, folder := t.store.(*folderStore); !folder {
		return err // it has tried already
	}
	for _, pause := range []time.Duration{100 * time.Millisecond, 400 * time.Millisecond, time.Second, 2 * time.Second} {
		if err == nil || t.supervisor.isKilled() {
			return err
		}
		t.supervisor.leaveIfGone()
		time.Sleep(pause)
		err = action()
	}
	return err
}

func advice(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "; the disk of the store is full: make room and run again"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EROFS):
		return "; the store's folder must be writable for the user that runs the task"
	}
	return ""
}

// readWords reads what the work has said by its files: outputs, the returned value, the summary.
func (t *Task) readWords() {
	succeeded := t.result.Status == statusSucceeded
	if t.spec.Work.Kind == "call" {
		t.readReturn()
	}
	outputs, err := readOutputs(t.folder.path + "/output")
	for name, value := range outputs {
		t.result.Outputs[name] = rawText(value)
	}
	if limit := checkOutputs(t.result.Outputs); limit != nil {
		// What does not fit into a result cannot be kept in part: which part would be anybody's guess.
		t.result.Outputs = map[string]json.RawMessage{}
		err = limit
	}
	if err != nil {
		if succeeded && t.result.Status == statusSucceeded {
			t.end(statusFailed, exitFailed, "output", err.Error())
		} else {
			t.warn("%v", err)
		}
	}
	t.readSummary()
}

func (t *Task) readSummary() {
	path := t.folder.path + "/summary.md"
	file, err := openRegular(path)
	if err != nil {
		return
	}
	defer file.Close()
	info, _ := file.Stat()
	body := make([]byte, min(info.Size(), limitSummaryBytes))
	n, _ := file.ReadAt(body, 0)
	text := validText(body[:n])
	if info.Size() > limitSummaryBytes {
		note := fmt.Sprintf("\n\n*The summary had %s; %s of it are shown.*\n", sizeText(info.Size()), sizeText(limitSummaryBytes))
		text = strings.TrimRight(text[:min(len(text), limitSummaryBytes-len(note))], "\uFFFD") + note
		text = strings.ToValidUTF8(text, "")
	}
	t.result.Summary = text
}

// answer is what the shims of `call` write.
type answer struct {
	OK        bool            `json:"ok"`
	Result    json.RawMessage `json:"result"`
	Class     string          `json:"class"` // exception or output
	Message   string          `json:"message"`
	Traceback *string         `json:"traceback"`
}

func (t *Task) readReturn() {
	path := t.folder.path + "/return.json"
	info, err := os.Stat(path)
	if err != nil {
		return // it never came to an end: the exit code says more
	}
	if info.Size() > 8*limitOutputBytes {
		if t.result.Status == statusSucceeded {
			t.end(statusFailed, exitFailed, "output", tooLarge("the returned value has", info.Size(), "one output", limitOutputBytes))
		}
		return
	}
	body, err := readFile(path)
	var said answer
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		if t.result.Status == statusSucceeded {
			t.end(statusFailed, exitFailed, "output", fmt.Sprintf("the returned value cannot be read: %v", err))
		}
		return
	}
	if !said.OK {
		if t.result.Status == statusFailed && t.result.Error.Class == "exit" {
			t.result.Error = &TaskError{Class: said.Class, Message: shortened(said.Message, limitTextBytes)}
			if said.Traceback != nil {
				text := shortened(*said.Traceback, limitTextBytes)
				t.result.Error.Traceback = &text
			}
		}
		return
	}
	if len(said.Result) == 0 {
		return
	}
	var mapping map[string]json.RawMessage
	if said.Result[0] == '{' && json.Unmarshal(said.Result, &mapping) == nil {
		for name, value := range mapping {
			if name != "" {
				t.result.Outputs[name] = value
			}
		}
		if _, has := mapping["result"]; has {
			t.warn("the returned mapping has a key \"result\": the output of that name is the whole mapping")
		}
	}
	t.result.Outputs["result"] = said.Result
}

// shortened keeps the beginning and the end of a text that is too long: an exception may hold a whole document, and its
// last line mostly says what it is.
func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	note := fmt.Sprintf("\n[lattice: %d bytes are left out here]\n", len(text)-limit)
	return strings.ToValidUTF8(text[:limit/2], "") + note + strings.ToValidUTF8(text[len(text)-limit/2:], "")
}

// redactResult takes secrets out of everything that is not redacted yet; the log is, since it was written.
func (t *Task) redactResult() {
	if t.redactor == nil {
		return
	}
	outputs := make(map[string]json.RawMessage, len(t.result.Outputs))
	for name, value := range t.result.Outputs {
		outputs[t.redactor.Text(name)] = redactJSON(value, t.redactor)
	}
	t.result.Outputs = outputs
	t.result.Summary = t.redactor.Text(t.result.Summary)
	if e := t.result.Error; e != nil {
		e.Message = t.redactor.Text(e.Message)
		if e.Traceback != nil {
			text := t.redactor.Text(*e.Traceback)
			e.Traceback = &text
		}
	}
	for i, warning := range t.result.Warnings {
		t.result.Warnings[i] = t.redactor.Text(warning)
	}
}
