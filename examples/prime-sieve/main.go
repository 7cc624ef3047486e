// The first ten primes, out of a chain of filters.
package main

import (
	"context"
	"fmt"
)

func generate(ctx context.Context, out chan<- int) {
	for n := 2; ; n++ {
		select {
		case out <- n:
		case <-ctx.Done():
			return
		}
	}
}

func filter(ctx context.Context, in <-chan int, out chan<- int, prime int) {
	for {
		select {
		case n := <-in:
			if n%prime == 0 {
				continue
			}
			select {
			case out <- n:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	numbers := make(chan int)
	go generate(ctx, numbers)
	for i := 0; i < 10; i++ {
		prime := <-numbers
		fmt.Println(prime)
		left := make(chan int)
		go filter(ctx, numbers, left, prime)
		numbers = left
	}
}
