// For each connection a reader loop, a writer loop, and between them a use case that may fail.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"
)

var upgrader = websocket.Upgrader{}

// read is the only goroutine that reads from the socket. It closes incoming at the end.
func read(ctx context.Context, socket *websocket.Conn, incoming chan<- string) {
	defer close(incoming)
	for {
		_, message, err := socket.ReadMessage()
		if err != nil {
			return
		}
		select {
		case incoming <- string(message):
		case <-ctx.Done():
			return
		}
	}
}

// write is the only goroutine that writes to the socket. Without it nobody can be answered, so its end ends everything.
func write(cancel context.CancelFunc, socket *websocket.Conn, outgoing <-chan string) {
	defer cancel()
	for message := range outgoing {
		if err := socket.WriteMessage(websocket.TextMessage, []byte(message)); err != nil {
			return
		}
	}
	normal := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = socket.WriteControl(websocket.CloseMessage, normal, time.Now().Add(time.Second))
}

func serve(w http.ResponseWriter, r *http.Request) {
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	incoming, outgoing := make(chan string, 64), make(chan string, 64)
	go read(ctx, socket, incoming)
	go write(cancel, socket, outgoing)
	attend(ctx, incoming, outgoing)
	close(outgoing)
	<-ctx.Done()
	socket.Close()
}

// attend receives requests and answers them until the client goes.
func attend(ctx context.Context, incoming <-chan string, outgoing chan<- string) {
	for request := range incoming {
		select {
		case outgoing <- answer(request):
		case <-ctx.Done():
			return
		}
	}
}

// answer keeps what goes wrong with one request away from the loops.
func answer(request string) (reply string) {
	defer func() {
		if recover() != nil {
			reply = request + ": failed"
		}
	}()
	return fmt.Sprintf("%s: %d", request, share(request))
}

// share is the use case. It panics for anything that is not a number, and for 0.
func share(people string) int {
	n, err := strconv.Atoi(people)
	if err != nil {
		panic(err)
	}
	return 100 / n
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { _ = http.Serve(listener, http.HandlerFunc(serve)) }()

	socket, _, err := websocket.DefaultDialer.Dial("ws://"+listener.Addr().String(), nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, people := range []string{"4", "0", "many", "5"} {
		if err := socket.WriteMessage(websocket.TextMessage, []byte(people)); err != nil {
			log.Fatal(err)
		}
		_, reply, err := socket.ReadMessage()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(reply))
	}
	normal := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = socket.WriteControl(websocket.CloseMessage, normal, time.Now().Add(time.Second))
	_, _, err = socket.ReadMessage()
	var end *websocket.CloseError
	if !errors.As(err, &end) {
		log.Fatal(err)
	}
	fmt.Println("closed with", end.Code)
}
