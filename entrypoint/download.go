package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
)

// download copies a public file of the web; its digest is checked by the caller.
func download(ctx context.Context, address, target string, mode os.FileMode) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return os.ErrNotExist
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the server says %s", answer.Status)
	}
	os.Remove(target)
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode.Perm()|0o200)
	if err != nil {
		return err
	}
	_, err = copyHashed(ctx, out, answer.Body)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}
