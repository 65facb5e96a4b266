// How many calls does a program in Go make? Goroutines that share one client: program ADDRESS TOKEN CALLERS SECONDS.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	tallystick "tallystick.dev/go"
	v1 "tallystick.dev/go/v1"
)

func main() {
	address, token := os.Args[1], os.Args[2]
	callers, _ := strconv.Atoi(os.Args[3])
	seconds, _ := strconv.ParseFloat(os.Args[4], 64)
	options := tallystick.Options{Tokens: tallystick.MemoryTokens(tallystick.Tokens{AccessToken: token})}
	client, err := tallystick.NewClient(address, options)
	if err != nil {
		log.Fatal(err)
	}
	call := func() {
		if _, err := client.Auth.GetMe(context.Background(), &v1.GetMeRequest{}); err != nil {
			log.Fatal(err)
		}
	}
	call()
	fmt.Println("answered")
	var count atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for range callers {
		all.Go(func() {
			for time.Since(began).Seconds() < seconds {
				call()
				count.Add(1)
			}
		})
	}
	all.Wait()
	fmt.Println(float64(count.Load()) / time.Since(began).Seconds())
}
