package main

import "encoding/json"

// The documents that the driver and the entrypoint exchange; src/engine/contract.ts is the same text in TypeScript.
// Unknown keys are ignored on both sides; a change of meaning raises the version.

const contractVersion = 1

// Limits of one task; docs/contract.md lists them for users.
const (
	limitOutputBytes      = 1 << 20
	limitOutputsBytes     = 8 << 20
	limitEnvironmentBytes = 128 << 10 // Linux's MAX_ARG_STRLEN
	limitSpecBytes        = 32 << 20
	limitTailBytes        = 16 << 10
	limitSummaryBytes     = 64 << 10
	limitTextBytes        = 16 << 10 // of a message, a traceback, a warning
	limitWarnings         = 100
)

// SpecDocument is what LATTICE_SPEC points to.
type SpecDocument struct {
	Version int        `json:"version"`
	Work    []WorkSpec `json:"work"`
}

// WorkSpec is everything that one attempt of one task needs to know.
type WorkSpec struct {
	Store          string                     `json:"store"`
	RunID          string                     `json:"runId"`
	Task           string                     `json:"task"`
	TaskID         string                     `json:"taskId"`
	Electron       string                     `json:"electron"`
	Index          int                        `json:"index"`
	Total          int                        `json:"total"`
	Attempt        int                        `json:"attempt"`
	Epoch          int64                      `json:"epoch"`
	Fingerprint    string                     `json:"fingerprint"`
	TimeoutSeconds float64                    `json:"timeoutSeconds"`
	Lease          bool                       `json:"lease"`
	Workdir        *string                    `json:"workdir"`
	View           *ViewSpec                  `json:"view"`
	Inputs         map[string]json.RawMessage `json:"inputs"`
	Work           WorkStep                   `json:"work"`
	Setup          *ShellStep                 `json:"setup"`
	Cleanup        *ShellStep                 `json:"cleanup"`
	Env            map[string]string          `json:"env"`
	Secrets        []string                   `json:"secrets"`
	Needs          []NeedSpec                 `json:"needs"`
	Each           *EachSpec                  `json:"each"`
	FilesIn        []FileIn                   `json:"filesIn"`
	FilesOut       []FileOut                  `json:"filesOut"`
	Checkpoint     *CheckpointSpec            `json:"checkpoint"`
	JUnit          []string                   `json:"junit"`
}

// ViewSpec names the list of files that a private working directory links to.
type ViewSpec struct {
	List   string `json:"list"`
	SHA256 string `json:"sha256"`
}

// ShellStep is a rendered script; Shell is an argument vector in which {0} is the script's path, nil for the default.
type ShellStep struct {
	Script string   `json:"script"`
	Shell  []string `json:"shell"`
}

// WorkStep is what the task does; Kind tells which of the fields count.
type WorkStep struct {
	Kind      string   `json:"kind"` // run, command, call, image
	Script    string   `json:"script"`
	Shell     []string `json:"shell"`
	Extension string   `json:"extension"`
	Words     []string `json:"words"`
	File      string   `json:"file"`
	Function  string   `json:"function"`
	Language  string   `json:"language"`
}

// NeedSpec is one electron of needs.
type NeedSpec struct {
	Electron string   `json:"electron"`
	Document string   `json:"document"`
	SHA256   string   `json:"sha256"`
	Files    []string `json:"files"`
}

// NeedDocument is written once per electron; its tasks become tasks.json as they are, without filesAt.
type NeedDocument struct {
	Electron string                       `json:"electron"`
	Width    int                          `json:"width"`
	Tasks    []map[string]json.RawMessage `json:"tasks"`
}

// EachSpec is the partner of a for-each task.
type EachSpec struct {
	FilesAt string      `json:"filesAt"`
	Files   []FileEntry `json:"files"`
}

// FileIn is put in place before the work starts.
type FileIn struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Optional bool   `json:"optional"`
	SHA256   string `json:"sha256"`
	Mode     *int   `json:"mode"`
}

// FileOut is kept after the work: a glob, or a copy to an address.
type FileOut struct {
	Glob string `json:"glob"`
	From string `json:"from"`
	To   string `json:"to"`
}

// CheckpointSpec says how often to save, and where earlier attempts saved, newest first.
type CheckpointSpec struct {
	EverySeconds float64  `json:"everySeconds"`
	From         []string `json:"from"`
}

// FileEntry is a kept file.
type FileEntry struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Mode   int    `json:"mode"`
}

// Status of a result.
const (
	statusSucceeded     = "succeeded"
	statusFailed        = "failed"
	statusTimedOut      = "timed-out"
	statusCancelled     = "cancelled"
	statusInterrupted   = "interrupted"
	statusStagingFailed = "staging-failed"
	statusInternalError = "internal-error"
)

// Result is the commit point of an attempt.
type Result struct {
	Version     int                        `json:"version"`
	RunID       string                     `json:"runId"`
	Task        string                     `json:"task"`
	Attempt     int                        `json:"attempt"`
	Epoch       int64                      `json:"epoch"`
	Fingerprint string                     `json:"fingerprint"`
	Status      string                     `json:"status"`
	ExitCode    *int                       `json:"exitCode"`
	Signal      *string                    `json:"signal"`
	Outputs     map[string]json.RawMessage `json:"outputs"`
	Files       []FileEntry                `json:"files"`
	Summary     string                     `json:"summary"`
	JUnit       []string                   `json:"junit"`
	Times       Times                      `json:"times"`
	Usage       Usage                      `json:"usage"`
	Log         LogResult                  `json:"log"`
	Error       *TaskError                 `json:"error"`
	Warnings    []string                   `json:"warnings"`
}

// Times are milliseconds since the Unix epoch; nil where a phase was not reached.
type Times struct {
	Started     int64  `json:"started"`
	StagedIn    *int64 `json:"stagedIn"`
	WorkStarted *int64 `json:"workStarted"`
	WorkEnded   *int64 `json:"workEnded"`
	Ended       int64  `json:"ended"`
}

// Usage of the work and everything that it started.
type Usage struct {
	MaxRSSBytes int64   `json:"maxRssBytes"`
	CPUSeconds  float64 `json:"cpuSeconds"`
}

// LogResult describes the log object; SHA256 is that of the object as it is kept.
type LogResult struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Tail   string `json:"tail"`
}

// TaskError says why a task did not succeed.
type TaskError struct {
	Class     string  `json:"class"`
	Message   string  `json:"message"`
	Traceback *string `json:"traceback"`
}
