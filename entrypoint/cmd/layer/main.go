// Command layer packs an entrypoint into an image layer: `/.lattice/`, which any user can write to, and
// `/.lattice/entrypoint`. Same binary in, same bytes out: no names, no times, and the compressor of the pinned toolchain.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: layer BINARY LAYER.tar.gz")
		os.Exit(2)
	}
	if err := pack(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "layer: %v\n", err)
		os.Exit(1)
	}
}

func pack(binary, layer string) error {
	body, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	var plain bytes.Buffer
	archive := tar.NewWriter(&plain)
	epoch := time.Unix(0, 0)
	folder := tar.Header{Typeflag: tar.TypeDir, Name: ".lattice/", Mode: 0o1777, ModTime: epoch, Format: tar.FormatUSTAR}
	file := tar.Header{Typeflag: tar.TypeReg, Name: ".lattice/entrypoint", Mode: 0o755, Size: int64(len(body)), ModTime: epoch, Format: tar.FormatUSTAR}
	if err := archive.WriteHeader(&folder); err != nil {
		return err
	}
	if err := archive.WriteHeader(&file); err != nil {
		return err
	}
	if _, err := archive.Write(body); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	var packed bytes.Buffer
	compressor, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := compressor.Write(plain.Bytes()); err != nil {
		return err
	}
	if err := compressor.Close(); err != nil {
		return err
	}
	if err := os.WriteFile(layer, packed.Bytes(), 0o644); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"sha256": digest(packed.Bytes()), "diffId": "sha256:" + digest(plain.Bytes()), "size": packed.Len(), "binarySha256": digest(body),
	})
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
