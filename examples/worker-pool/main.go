// Eight jobs, three at a time.
package main

import (
	"fmt"
	"sync"
	"time"
)

func square(n int) int {
	time.Sleep(time.Duration(n%3) * 10 * time.Millisecond)
	return n * n
}

func main() {
	const count, workers = 8, 3
	jobs := make(chan int)
	results := make([]int, count)
	var wg sync.WaitGroup
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range jobs {
				results[n-1] = square(n)
			}
		}()
	}
	for n := 1; n <= count; n++ {
		jobs <- n
	}
	close(jobs)
	wg.Wait()
	for i, r := range results {
		if i > 0 {
			fmt.Print(" ")
		}
		fmt.Print(r)
	}
	fmt.Println()
}
