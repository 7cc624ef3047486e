// A cache in front of a slow source: however many callers ask for a missing key, the source is asked once.
package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

type cache struct {
	load    func(key string) (string, error)
	mu      sync.RWMutex
	values  map[string]string
	flights singleflight.Group
}

func (c *cache) get(key string) (string, error) {
	c.mu.RLock()
	value, ok := c.values[key]
	c.mu.RUnlock()
	if ok {
		return value, nil
	}
	loaded, err, _ := c.flights.Do(key, func() (interface{}, error) {
		value, err := c.load(key)
		if err == nil {
			c.mu.Lock()
			c.values[key] = value
			c.mu.Unlock()
		}
		return value, err
	})
	if err != nil {
		return "", err
	}
	return loaded.(string), nil
}

func main() {
	var loads int32
	c := &cache{values: map[string]string{}, load: func(key string) (string, error) {
		atomic.AddInt32(&loads, 1)
		time.Sleep(50 * time.Millisecond)
		return strings.ToUpper(key), nil
	}}
	var wg sync.WaitGroup
	for i := 0; i < 1000; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c.get("gopher")
		}()
	}
	wg.Wait()
	value, _ := c.get("gopher")
	fmt.Printf("1000 answers, %d load, %s\n", loads, value)
}
