package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// outputProblem is a mistake in what the work has put out; it fails the task.
type outputProblem struct{ message string }

func (p outputProblem) Error() string { return p.message }

// readOutputs reads $LATTICE_OUTPUT.
func readOutputs(path string) (map[string]string, error) {
	file, err := openRegular(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, outputProblem{fmt.Sprintf("$LATTICE_OUTPUT cannot be read: %v", err)}
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, 2*limitOutputsBytes+1))
	if err != nil {
		return nil, outputProblem{fmt.Sprintf("$LATTICE_OUTPUT cannot be read: %v", err)}
	}
	if len(body) > 2*limitOutputsBytes {
		return nil, outputProblem{tooLarge("$LATTICE_OUTPUT has more than", 2*limitOutputsBytes, "all outputs of a task", limitOutputsBytes)}
	}
	return parseOutputs(validText(body))
}

// parseOutputs reads lines of name=value and name<<DELIMITER as the GitHub runner does: whichever sign comes first
// decides, the last value of a name wins.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/FileCommandManager.cs
func parseOutputs(text string) (map[string]string, error) {
	outputs := map[string]string{}
	var problems []string
	text = strings.TrimPrefix(text, "\uFEFF")
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		number := i + 1
		if strings.TrimRight(line, "\r") == "" {
			continue
		}
		equals, heredoc := strings.Index(line, "="), strings.Index(line, "<<")
		if equals < 0 && heredoc < 0 {
			problems = append(problems, fmt.Sprintf("line %d, %s, is neither name=value nor name<<DELIMITER", number, quote(line)))
			continue
		}
		if heredoc < 0 || equals >= 0 && equals < heredoc {
			if equals == 0 {
				problems = append(problems, fmt.Sprintf("line %d, %s, has no name before the equals sign", number, quote(line)))
				continue
			}
			outputs[line[:equals]] = strings.TrimSuffix(line[equals+1:], "\r")
			continue
		}
		name, delimiter := line[:heredoc], line[heredoc+2:]
		if name == "" || strings.TrimRight(delimiter, "\r") == "" {
			problems = append(problems, fmt.Sprintf("line %d, %s, lacks the name or the delimiter around <<", number, quote(line)))
			continue
		}
		end := i + 1
		for end < len(lines) && lines[end] != delimiter {
			end++
		}
		if end == len(lines) {
			problems = append(problems, fmt.Sprintf("line %d opens %s with the delimiter %s, and no later line closes it", number, quote(name), quote(delimiter)))
			break
		}
		outputs[name] = strings.Join(lines[i+1:end], "\n")
		i = end
	}
	if len(problems) > 0 {
		more := ""
		if len(problems) > 5 {
			more = fmt.Sprintf(", and %d more", len(problems)-5)
			problems = problems[:5]
		}
		return outputs, outputProblem{"$LATTICE_OUTPUT has lines that are not outputs: " + strings.Join(problems, "; ") + more}
	}
	return outputs, nil
}

// checkOutputs holds outputs against the limits; it removes nothing when all is well.
func checkOutputs(outputs map[string]json.RawMessage) error {
	total := int64(0)
	for name, value := range outputs {
		size := int64(len(value))
		if size > 0 && value[0] == '"' {
			var text string
			if json.Unmarshal(value, &text) == nil {
				size = int64(len(text)) // people count the value, not its JSON
			}
		}
		if size > limitOutputBytes {
			return outputProblem{tooLarge(fmt.Sprintf("the output %s has", quote(name)), size, "one output", limitOutputBytes)}
		}
		total += size
	}
	if total > limitOutputsBytes {
		return outputProblem{tooLarge("the outputs of this task have together", total, "all outputs of a task", limitOutputsBytes)}
	}
	return nil
}

func tooLarge(subject string, size int64, limited string, limit int64) string {
	return fmt.Sprintf("%s %s, and the limit for %s is %s: write large values to a file in $LATTICE_FILES, which dependents find in $LATTICE_NEEDS",
		subject, sizeText(size), limited, sizeText(limit))
}

func quote(text string) string {
	if len(text) > 60 {
		text = text[:60] + "…"
	}
	return fmt.Sprintf("%q", text)
}

func rawText(text string) json.RawMessage {
	body, _ := marshal(text)
	return body
}

// redactJSON redacts every string in a JSON value, keys too.
func redactJSON(value json.RawMessage, redactor *Redactor) json.RawMessage {
	if redactor == nil {
		return value
	}
	decoder := json.NewDecoder(strings.NewReader(string(value)))
	decoder.UseNumber()
	var decoded any
	if decoder.Decode(&decoded) != nil {
		return rawText(redactor.Text(string(value)))
	}
	body, _ := marshal(redactValue(decoded, redactor))
	return body
}

func redactValue(value any, redactor *Redactor) any {
	switch value := value.(type) {
	case string:
		return redactor.Text(value)
	case json.Number:
		if text := redactor.Text(value.String()); text != value.String() {
			return text // a secret that looks like a number
		}
		return value
	case []any:
		for i := range value {
			value[i] = redactValue(value[i], redactor)
		}
		return value
	case map[string]any:
		redacted := make(map[string]any, len(value))
		for key, item := range value {
			redacted[redactor.Text(key)] = redactValue(item, redactor)
		}
		return redacted
	}
	return value
}

// marshal writes JSON without escaping <, > and &: people read these documents.
func marshal(value any) ([]byte, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return []byte(strings.TrimSuffix(text.String(), "\n")), err
}
