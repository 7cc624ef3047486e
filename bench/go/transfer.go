package main

import (
	"context"
	"sync"
)

func seq(n int) (observed, error) {
	const capacity = 64
	ch := make(chan int, capacity)
	sum := 0
	for i := 0; i < n; i += capacity {
		for j := 0; j < capacity; j++ {
			ch <- i + j
		}
		for j := 0; j < capacity; j++ {
			sum += <-ch
		}
	}
	return nil, expectEqual("sum", sum, sumBelow(n))
}

func spsc(capacity int) load {
	return func(n int) (observed, error) {
		ch := make(chan int, capacity)
		go func() {
			for i := 0; i < n; i++ {
				ch <- i
			}
		}()
		sum := 0
		for i := 0; i < n; i++ {
			sum += <-ch
		}
		return nil, expectEqual("sum", sum, sumBelow(n))
	}
}

func spscContext(n int) (observed, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ch := make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			select {
			case ch <- i:
			case <-ctx.Done():
			}
		}
	}()
	sum := 0
	for i := 0; i < n; i++ {
		select {
		case value := <-ch:
			sum += value
		case <-ctx.Done():
		}
	}
	return nil, expectEqual("sum", sum, sumBelow(n))
}

func iterate(n int) (observed, error) {
	ch := make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			ch <- i
		}
		close(ch)
	}()
	sum := 0
	for value := range ch {
		sum += value
	}
	return nil, expectEqual("sum", sum, sumBelow(n))
}

func mpmc(n int) (observed, error) {
	const tasks = 8
	ch := make(chan int)
	sums := make([]int, tasks)
	var done sync.WaitGroup
	for task := 0; task < tasks; task++ {
		done.Add(2)
		go func(task int) {
			defer done.Done()
			for i := task; i < n; i += tasks {
				ch <- i
			}
		}(task)
		go func(task int) {
			defer done.Done()
			for i := task; i < n; i += tasks {
				sums[task] += <-ch
			}
		}(task)
	}
	done.Wait()
	sum := 0
	for _, one := range sums {
		sum += one
	}
	return nil, expectEqual("sum", sum, sumBelow(n))
}

// Hands a number back and forth while goesOn; gives the round trips made.
func pingPong(goesOn func(made int) bool) int {
	const over = -1
	there, back := make(chan int), make(chan int)
	go func() {
		for value := range there {
			back <- value
		}
		close(back)
	}()
	made := 0
	for goesOn(made) {
		there <- made
		if <-back != made {
			return over
		}
		made++
	}
	close(there)
	<-back
	return made
}

func pingPongTimed(n int) (observed, error) {
	return nil, expectEqual("round trips", pingPong(func(made int) bool { return made < n }), n)
}

func sieve(n int) (observed, error) {
	const end = 0
	last, expected := firstPrimes(n)
	from := make(chan int)
	go func(out chan<- int) {
		for number := 2; number <= last; number++ {
			out <- number
		}
		out <- end
	}(from)
	sum := 0
	for {
		prime := <-from
		if prime == end {
			break
		}
		sum += prime
		out := make(chan int)
		go func(from <-chan int, out chan<- int) {
			for {
				number := <-from
				if number == end || number%prime != 0 {
					out <- number
				}
				if number == end {
					return
				}
			}
		}(from, out)
		from = out
	}
	return nil, expectEqual("sum of primes", sum, expected)
}

// The last of the first count primes, and their sum, found without channels.
func firstPrimes(count int) (last, sum int) {
	primes := []int{}
search:
	for number := 2; len(primes) < count; number++ {
		for _, prime := range primes {
			if number%prime == 0 {
				continue search
			}
		}
		primes = append(primes, number)
		last, sum = number, sum+number
	}
	return last, sum
}
