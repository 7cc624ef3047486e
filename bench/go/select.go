package main

import (
	"context"
	"runtime"
)

type phase int

const (
	// A partner waits before each select.
	ready phase = iota
	// Each select waits for its partner.
	parked
)

// The same sequence of choices as in the other processes.
type choices struct{ state uint32 }

func (c *choices) next(count int) int {
	c.state = c.state*1_664_525 + 1_013_904_223
	return int(c.state>>16) % count
}

// Receives from one of all; a static select, as programs have it.
type selector func(all []chan int) int

func selectReceive(count int, choose selector, in phase) load {
	return func(n int) (observed, error) {
		all := make([]chan int, count)
		for i := range all {
			all[i] = make(chan int)
		}
		sent, found, sum := 0, 0, 0
		send := func() {
			dice := choices{1}
			for i := 0; i < n; i++ {
				sent++
				all[dice.next(count)] <- i
			}
		}
		receive := func() {
			for i := 0; i < n; i++ {
				// More sends than receives: one waits, or is just about to.
				if sent > i {
					found++
				}
				sum += choose(all)
			}
		}
		bothIn(in, send, receive)
		return share(found, n), expectEqual("sum", sum, sumBelow(n))
	}
}

func selectMixed(in phase) load {
	return func(n int) (observed, error) {
		outgoing, incoming := make(chan int), make(chan int)
		begun, found, sent, received := 0, 0, 0, 0
		expectedSent, expectedReceived := mixedSums(n)
		peer := func() {
			dice := choices{1}
			for i := 0; i < n; i++ {
				begun++
				if dice.next(2) == 0 {
					incoming <- i
				} else {
					sent += <-outgoing + i
				}
			}
		}
		choose := func() {
			for i := 0; i < n; i++ {
				if begun > i {
					found++
				}
				select {
				case outgoing <- i:
				case value := <-incoming:
					received += value
				}
			}
		}
		bothIn(in, peer, choose)
		if err := expectEqual("sum sent", sent, expectedSent); err != nil {
			return nil, err
		}
		return share(found, n), expectEqual("sum received", received, expectedReceived)
	}
}

// What the dice make of n steps: twice what the select sends, and what it receives.
func mixedSums(n int) (sent, received int) {
	dice := choices{1}
	for i := 0; i < n; i++ {
		if dice.next(2) == 0 {
			received += i
		} else {
			sent += 2 * i
		}
	}
	return sent, received
}

// Lets the first of the two run until it waits before the second starts. It decides the first select only: who is
// woken here finds its partner gone on to its next step, and waiting, so of two selects one is ready and one parks,
// whoever starts.
func bothIn(in phase, peer, choose func()) {
	first, second := peer, choose
	if in == parked {
		first, second = choose, peer
	}
	done := make(chan bool)
	go func() {
		first()
		done <- true
	}()
	runtime.Gosched()
	second()
	<-done
}

func share(found, n int) observed {
	return observed{"readyShare": float64(found) / float64(n)}
}

func select2(all []chan int) int {
	select {
	case value := <-all[0]:
		return value
	case value := <-all[1]:
		return value
	}
}

func select8(all []chan int) int {
	select {
	case value := <-all[0]:
		return value
	case value := <-all[1]:
		return value
	case value := <-all[2]:
		return value
	case value := <-all[3]:
		return value
	case value := <-all[4]:
		return value
	case value := <-all[5]:
		return value
	case value := <-all[6]:
		return value
	case value := <-all[7]:
		return value
	}
}

// Quiet for as long as the process runs.
var quiet, _ = context.WithCancel(context.Background())

func selectCancel(all []chan int) int {
	select {
	case value := <-all[0]:
		return value
	case value := <-all[1]:
		return value
	case <-quiet.Done():
		panic("nobody cancels")
	}
}
