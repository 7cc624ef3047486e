// The MD5 sums of all files in a tree: go run main.go <folder>
package main

import (
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"
)

const digesters = 8

func md5All(ctx context.Context, root string) (map[string]string, error) {
	g, ctx := errgroup.WithContext(ctx)
	paths := make(chan string)
	g.Go(func() error {
		defer close(paths)
		return filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			select {
			case paths <- path:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})

	var mu sync.Mutex
	sums := map[string]string{}
	for i := 0; i < digesters; i++ {
		g.Go(func() error {
			for path := range paths {
				sum, err := digest(path)
				if err != nil {
					return err
				}
				mu.Lock()
				sums[path] = sum
				mu.Unlock()
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return sums, nil
}

func digest(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := md5.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}

func main() {
	sums, err := md5All(context.Background(), os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var paths []string
	for path := range sums {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	for _, path := range paths {
		fmt.Printf("%s  %s\n", sums[path], path)
	}
}
