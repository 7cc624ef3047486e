// Five requests: three at once, and then one every 200 ms.
package main

import (
	"context"
	"fmt"
	"time"
)

func permits(ctx context.Context, burst int, every time.Duration) <-chan struct{} {
	saved := make(chan struct{}, burst)
	for i := 0; i < burst; i++ {
		saved <- struct{}{}
	}
	go func() {
		defer close(saved)
		beat := time.NewTicker(every)
		defer beat.Stop()
		for {
			select {
			case <-beat.C:
				select {
				case saved <- struct{}{}:
				default:
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return saved
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	limit := permits(ctx, 3, 200*time.Millisecond)
	start := time.Now()
	for request := 1; request <= 5; request++ {
		<-limit
		fmt.Printf("request %d after %.1f s\n", request, time.Since(start).Seconds())
	}
}
