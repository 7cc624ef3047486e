package main

import (
	"context"
	"math"
	"os"
	"runtime"
	"sort"
	"sync"
	"time"
)

func starvation(durationMs int) (observed, error) {
	end := time.Now().Add(time.Duration(durationMs) * time.Millisecond)
	var late, reads []float64
	over := make(chan bool)
	var probes sync.WaitGroup
	repeat := func(step func()) {
		probes.Add(1)
		go func() {
			defer probes.Done()
			for {
				select {
				case <-over:
					return
				default:
					step()
				}
			}
		}()
	}
	repeat(func() {
		before := time.Now()
		<-time.After(time.Millisecond)
		late = append(late, math.Max(0, ms(time.Since(before))-1))
	})
	repeat(func() {
		before := time.Now()
		if _, err := os.ReadFile("/proc/self/cmdline"); err != nil {
			panic(err)
		}
		reads = append(reads, ms(time.Since(before)))
		// A read is no wait here: without this it would be a loop of its own.
		time.Sleep(time.Millisecond)
	})
	before := time.Now()
	made := pingPong(func(made int) bool { return made%64 != 0 || time.Now().Before(end) })
	elapsed := time.Since(before)
	close(over)
	probes.Wait()
	return observed{
		"timerLateMedianMs":   quantile(late, 0.5),
		"timerLateP95Ms":      quantile(late, 0.95),
		"readFileMedianMs":    quantile(reads, 0.5),
		"readFileP95Ms":       quantile(reads, 0.95),
		"roundTripsPerSecond": float64(made) / elapsed.Seconds(),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sort.Float64s(values)
	return values[int(float64(len(values)-1)*share+0.5)]
}

func memoryIdle(n int) (observed, error) {
	kept := make([]chan int, n)
	before := heapAndStacks()
	for i := range kept {
		kept[i] = make(chan int)
	}
	after := heapAndStacks()
	runtime.KeepAlive(kept)
	return observed{"bytes": (after - before) / float64(n)}, nil
}

func memoryBlocked(n int) (observed, error) {
	ch := make(chan int)
	before := heapAndStacks()
	for i := 0; i < n; i++ {
		go func() { <-ch }()
	}
	letRun()
	after := heapAndStacks()
	close(ch)
	letRun()
	return observed{"bytes": (after - before) / float64(n)}, nil
}

func memorySelect(n int) (observed, error) {
	busy, quiet := make(chan int), make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			busy <- i
		}
	}()
	before := heapAndStacks()
	sum := 0
	for i := 0; i < n; i++ {
		select {
		case value := <-busy:
			sum += value
		case <-quiet:
		}
	}
	after := heapAndStacks()
	err := expectEqual("sum", sum, sumBelow(n))
	return observed{"selects": float64(n), "bytes": (after - before) / float64(n)}, err
}

func heapAndStacks() float64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc) + float64(stats.StackInuse)
}

// Lets all goroutines run until each waits.
func letRun() {
	for i := 0; i < 3; i++ {
		runtime.Gosched()
	}
}

// The time of n waits that begin, and of the same waits ending, in CPU microseconds each.
type wait struct {
	n       int
	begun   int64
	pending sync.WaitGroup
}

func newWait(n int) *wait {
	runtime.GC()
	w := &wait{n: n, begun: cpuNs()}
	w.pending.Add(n)
	return w
}

func (w *wait) registered() float64 {
	letRun()
	us := float64(cpuNs()-w.begun) / 1e3 / float64(w.n)
	runtime.GC()
	w.begun = cpuNs()
	return us
}

func (w *wait) ended() float64 {
	w.pending.Wait()
	return float64(cpuNs()-w.begun) / 1e3 / float64(w.n)
}

func cancelChannel(n int) (observed, error) {
	seen := observed{}
	for name, order := range orders(n) {
		ch := make(chan int)
		contexts := make([]context.Context, n)
		cancels := make([]context.CancelFunc, n)
		for i := range contexts {
			contexts[i], cancels[i] = context.WithCancel(context.Background())
		}
		w := newWait(n)
		for i := range contexts {
			go func(ctx context.Context) {
				select {
				case <-ch:
				case <-ctx.Done():
				}
				w.pending.Done()
			}(contexts[i])
		}
		seen[name+"RegisterUs"] = w.registered()
		for _, i := range order {
			cancels[i]()
		}
		seen[name+"EndUs"] = w.ended()
	}
	return seen, nil
}

func cancelContext(n int) (observed, error) {
	seen := observed{}
	ctx, cancel := context.WithCancel(context.Background())
	channels := make([]chan int, n)
	for i := range channels {
		channels[i] = make(chan int)
	}
	begin := func() *wait {
		w := newWait(n)
		for i := range channels {
			go func(ch chan int) {
				select {
				case <-ch:
				case <-ctx.Done():
				}
				w.pending.Done()
			}(channels[i])
		}
		return w
	}
	for name, order := range orders(n) {
		w := begin()
		seen[name+"RegisterUs"] = w.registered()
		for _, i := range order {
			channels[i] <- i
		}
		seen[name+"EndUs"] = w.ended()
	}
	w := begin()
	w.registered()
	cancel()
	seen["atOnceEndUs"] = w.ended()
	return seen, nil
}

func orders(n int) map[string][]int {
	fifo, lifo, random := make([]int, n), make([]int, n), make([]int, n)
	for i := range fifo {
		fifo[i], lifo[i], random[i] = i, n-1-i, i
	}
	dice := choices{1}
	for i := n - 1; i > 0; i-- {
		j := (dice.next(65_536)*65_536 + dice.next(65_536)) % (i + 1)
		random[i], random[j] = random[j], random[i]
	}
	return map[string][]int{"fifo": fifo, "lifo": lifo, "random": random}
}

func drain(n int) (observed, error) {
	ch := make(chan int)
	before := cpuNs()
	for i := 0; i < n; i++ {
		go func(i int) { ch <- i }(i)
	}
	letRun()
	blocked := cpuNs()
	sum := 0
	for i := 0; i < n; i++ {
		sum += <-ch
	}
	drained := cpuNs()
	return observed{
		"blockMs": float64(blocked-before) / 1e6,
		"drainMs": float64(drained-blocked) / 1e6,
	}, expectEqual("sum", sum, sumBelow(n))
}
