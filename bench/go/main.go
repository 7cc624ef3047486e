// The loads of the engine's suite in Go, as a process under measurement: a JSON request a line, a JSON reply a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// A load moves n items, checks what arrived and tells what it saw.
type load func(n int) (observed, error)

type observed map[string]float64

var loads = map[string]load{
	"seq":                     seq,
	"spsc-unbuffered":         spsc(0),
	"spsc-buffered-128":       spsc(128),
	"spsc-unbuffered-context": spscContext,
	"mpmc-8x8-unbuffered":     mpmc,
	"iterate":                 iterate,
	"ping-pong":               pingPongTimed,
	"sieve":                   sieve,

	"select-receive-2-ready":   selectReceive(2, select2, ready),
	"select-receive-2-parked":  selectReceive(2, select2, parked),
	"select-receive-8-ready":   selectReceive(8, select8, ready),
	"select-receive-8-parked":  selectReceive(8, select8, parked),
	"select-receive-64-ready":  selectReceive(64, select64, ready),
	"select-receive-64-parked": selectReceive(64, select64, parked),
	"select-mixed-ready":       selectMixed(ready),
	"select-mixed-parked":      selectMixed(parked),
	"select-cancel-ready":      selectReceive(2, selectCancel, ready),
	"select-cancel-parked":     selectReceive(2, selectCancel, parked),

	"starvation":     starvation,
	"memory-idle":    memoryIdle,
	"memory-blocked": memoryBlocked,
	"memory-select":  memorySelect,
	"cancel-channel": cancelChannel,
	"cancel-context": cancelContext,
	"drain":          drain,
}

var notes = map[string]string{
	"memory-blocked": "a goroutine with its stack",
	"cancel-channel": "goroutines in a select with their contexts",
	"cancel-context": "goroutines in a select with one context",
	"drain":          "a goroutine for each sender",
}

type request struct {
	Command  string  `json:"command"`
	Load     string  `json:"load"`
	N        int     `json:"n"`
	TargetMs float64 `json:"targetMs"`
}

type run struct {
	N        int      `json:"n"`
	CPUNs    int64    `json:"cpuNs"`
	WallNs   int64    `json:"wallNs"`
	Observed observed `json:"observed"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	replies := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked request
		var reply any
		err := json.Unmarshal(lines.Bytes(), &asked)
		if err == nil {
			reply, err = answer(asked)
		}
		if err != nil {
			reply = map[string]string{"error": "wrong: " + err.Error()}
		}
		if replies.Encode(reply) != nil {
			return
		}
	}
}

func answer(asked request) (any, error) {
	if asked.Command == "describe" {
		return map[string]any{"loads": describe()}, nil
	}
	work, known := loads[asked.Load]
	if !known {
		return nil, fmt.Errorf("no load %s", asked.Load)
	}
	if asked.Command == "calibrate" {
		n, err := calibrate(work, asked.TargetMs)
		return map[string]int{"n": n}, err
	}
	return measure(work, asked.N)
}

func describe() map[string]map[string]string {
	offered := map[string]map[string]string{}
	for name := range loads {
		offered[name] = map[string]string{}
		if note, noted := notes[name]; noted {
			offered[name]["note"] = note
		} else if strings.HasPrefix(name, "select-") {
			offered[name]["note"] = "its scheduler makes every other select ready, whoever starts"
		}
	}
	return offered
}

func measure(work load, n int) (run, error) {
	cpuBefore, wallBefore := cpuNs(), time.Now()
	seen, err := work(n)
	if seen == nil {
		seen = observed{}
	}
	return run{n, cpuNs() - cpuBefore, time.Since(wallBefore).Nanoseconds(), seen}, err
}

// The same search as in the other processes.
func calibrate(work load, targetMs float64) (int, error) {
	const first, largest, warmUps = 64, 4_000_000, 4
	target := targetMs * 1e6
	n, spent := first, 0.0
	for spent < target/4 && n < largest {
		result, err := measure(work, n)
		if err != nil {
			return 0, err
		}
		spent = float64(result.CPUNs)
		if spent < target/4 {
			n = atMost(n*4, largest)
		}
	}
	for i := 0; i < warmUps; i++ {
		result, err := measure(work, n)
		if err != nil {
			return 0, err
		}
		wanted := float64(n) * target / float64(result.CPUNs+1)
		n = atMost(int(wanted)/first*first+first, largest)
	}
	return n, nil
}

func atMost(n, largest int) int {
	if n > largest {
		return largest
	}
	return n
}

func cpuNs() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func expectEqual(what string, actual, expected int) error {
	if actual != expected {
		return fmt.Errorf("%s: got %d, expected %d", what, actual, expected)
	}
	return nil
}

func sumBelow(n int) int {
	return n * (n - 1) / 2
}
