// Go's gorilla as a server under measurement, in the form of the note: each connection has a goroutine that reads,
// a goroutine that writes, and a channel. It speaks the protocol of the other servers: a JSON request a line, a JSON
// reply a line.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

type message struct {
	kind int
	data []byte
}

// A load serves one connection from its first message to its last.
type load func(conn *websocket.Conn)

var loads = map[string]load{
	"echo":        echo,
	"fan-in":      fanIn,
	"broadcast-1": broadcast(1),
	"broadcast-8": broadcast(8),
	"slow":        slow,
	"flood":       flood,
}

const (
	capacity          = 64
	fanInWindow       = 16
	takeEvery         = 100 * time.Millisecond
	floodBytes        = 1 << 30
	floodMessageBytes = 64 * 1024
	sampleEvery       = 10 * time.Millisecond
)

// read gives the messages to the channel, and closes it behind the last.
func read(conn *websocket.Conn, incoming chan<- message) {
	defer close(incoming)
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		incoming <- message{kind, data}
	}
}

func write(conn *websocket.Conn, outgoing <-chan message) {
	for m := range outgoing {
		if conn.WriteMessage(m.kind, m.data) != nil {
			conn.Close()
			return
		}
	}
}

func echo(conn *websocket.Conn) {
	messages := make(chan message, capacity)
	go write(conn, messages)
	read(conn, messages)
}

type received struct {
	message
	outgoing chan<- message
	count    *int
}

var inbox = make(chan received, capacity)

func consume() {
	for r := range inbox {
		*r.count++
		if *r.count%fanInWindow == 0 {
			r.outgoing <- r.message
		}
	}
}

func fanIn(conn *websocket.Conn) {
	outgoing, count := make(chan message, capacity), 0
	go write(conn, outgoing)
	for {
		kind, data, err := conn.ReadMessage()
		if err != nil {
			return
		}
		inbox <- received{message{kind, data}, outgoing, &count}
	}
}

var (
	membersLock sync.Mutex
	members     = map[chan<- message]bool{}
)

func broadcast(copies int) load {
	return func(conn *websocket.Conn) {
		outgoing := make(chan message, capacity)
		membersLock.Lock()
		members[outgoing] = true
		membersLock.Unlock()
		go write(conn, outgoing)
		for {
			kind, data, err := conn.ReadMessage()
			membersLock.Lock()
			if err != nil {
				delete(members, outgoing)
				membersLock.Unlock()
				return
			}
			for i := 0; i < copies; i++ {
				for member := range members {
					member <- message{kind, data}
				}
			}
			membersLock.Unlock()
		}
	}
}

func slow(conn *websocket.Conn) {
	incoming := make(chan message, capacity)
	go read(conn, incoming)
	for range incoming {
		time.Sleep(takeEvery)
	}
}

func flood(conn *websocket.Conn) {
	outgoing := make(chan message, capacity)
	go func() {
		for sent := 0; sent < floodBytes; sent += floodMessageBytes {
			data := make([]byte, floodMessageBytes)
			data[0] = byte(sent)
			outgoing <- message{websocket.BinaryMessage, data}
		}
	}()
	write(conn, outgoing)
}

type request struct {
	Command string `json:"command"`
	Load    string `json:"load"`
	IsTLS   bool   `json:"isTls"`
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
			reply = map[string]string{"error": err.Error()}
		}
		if replies.Encode(reply) != nil {
			return
		}
	}
}

func answer(asked request) (any, error) {
	switch asked.Command {
	case "listen":
		return listen(asked)
	case "usage":
		return usage()
	case "watch":
		go watch()
		return map[string]bool{"done": true}, nil
	case "memory":
		return memory()
	}
	return nil, fmt.Errorf("no command %s", asked.Command)
}

func listen(asked request) (any, error) {
	if asked.IsTLS {
		return map[string]string{"no": "is not measured over TLS"}, nil
	}
	serve, known := loads[asked.Load]
	if !known {
		return nil, fmt.Errorf("no load %s", asked.Load)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go consume()
	upgrader := websocket.Upgrader{}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if conn, err := upgrader.Upgrade(w, r, nil); err == nil {
			defer conn.Close()
			serve(conn)
		}
	}))
	return map[string]int{"port": listener.Addr().(*net.TCPAddr).Port}, nil
}

func usage() (any, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return nil, err
	}
	system := used.Stime.Nano() / 1_000
	return map[string]int64{"cpuUs": used.Utime.Nano()/1_000 + system, "systemUs": system}, nil
}

var (
	peakLock sync.Mutex
	peak     int64
)

func watch() {
	for range time.Tick(sampleEvery) {
		sample()
	}
}

func sample() int64 {
	peakLock.Lock()
	defer peakLock.Unlock()
	if rss := rssBytes(); rss > peak {
		peak = rss
	}
	return peak
}

func memory() (any, error) {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return map[string]int64{
		"rssBytes":     rssBytes(),
		"heapBytes":    int64(stats.HeapAlloc + stats.StackInuse),
		"peakRssBytes": sample(),
	}, nil
}

func rssBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
