package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
)

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	info, _ := file.Stat()
	batches := make(chan []string, 4)
	counts := make(chan map[string]int, 4)
	var workers sync.WaitGroup
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			count := map[string]int{}
			for lines := range batches {
				for _, line := range lines {
					count[strings.SplitN(line, " ", 2)[0]]++
				}
			}
			counts <- count
		}()
	}
	var lines []string
	var bytes int64
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines = append(lines, scanner.Text())
		bytes += int64(len(scanner.Text())) + 1
		if len(lines) == 1000 {
			batches <- lines
			lines = nil
			fmt.Fprintf(os.Stderr, "\r%d %%", bytes*100/info.Size())
		}
	}
	batches <- lines
	close(batches)
	workers.Wait()
	close(counts)
	total := map[string]int{}
	for count := range counts {
		for level, n := range count {
			total[level] += n
		}
	}
	fmt.Println(total)
}
