// How many lines of each level a log has, with a progress bar: go run main.go <file>
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"sort"
	"strings"
	"sync"
)

const workers, linesPerBatch = 4, 1000

func countLevels(path string, progress func(done float64)) (map[string]int, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	batches := make(chan []string, workers)
	counts := make(chan map[string]int, workers)

	// Fan out: workers share one channel.
	var counting sync.WaitGroup
	for i := 0; i < workers; i++ {
		counting.Add(1)
		go func() {
			defer counting.Done()
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
	bytes := 0
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		bytes += len(scanner.Text()) + 1
		if len(lines) == linesPerBatch {
			batches <- lines
			lines = nil
			progress(float64(bytes) / float64(info.Size()))
		}
	}
	batches <- lines
	progress(1)
	close(batches)
	counting.Wait()
	close(counts)

	// Fan in.
	total := map[string]int{}
	for count := range counts {
		for level, n := range count {
			total[level] += n
		}
	}
	return total, scanner.Err()
}

func bar(done float64) string {
	full := int(done*20 + 0.5)
	return fmt.Sprintf("[%s%s] %.0f %%", strings.Repeat("#", full), strings.Repeat(" ", 20-full), done*100)
}

func main() {
	total, err := countLevels(os.Args[1], func(done float64) { fmt.Fprint(os.Stderr, "\r"+bar(done)) })
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintln(os.Stderr)
	var levels []string
	for level := range total {
		levels = append(levels, level)
	}
	sort.Strings(levels)
	for _, level := range levels {
		fmt.Println(level, total[level])
	}
}
