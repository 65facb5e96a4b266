package tallystick

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
)

// Retries says how patient a client is. A call is made again when nobody answered, or when the server says when: the very same message,
// after a random wait. All tries together take no longer than the call may.
type Retries struct {
	// How often at most. Zero: six times; one: no repeats.
	Tries int
	// The limit of the first wait; it doubles with each. Zero: a tenth of a second.
	FirstWait time.Duration
	// The limit of any wait but those that the server asks for. Zero: five seconds.
	LongestWait time.Duration
}

func (r Retries) orUsual() Retries {
	if r.Tries <= 0 {
		r.Tries = 6
	}
	if r.FirstWait <= 0 {
		r.FirstWait = 100 * time.Millisecond
	}
	if r.LongestWait <= 0 {
		r.LongestWait = 5 * time.Second
	}
	return r
}

// wait says how long to wait after so many tries: anything up to a limit that doubles, so that those who failed together come back apart.
func (r Retries) wait(tried int) time.Duration {
	limit := r.FirstWait
	for range tried - 1 {
		if limit >= r.LongestWait {
			break
		}
		limit *= 2
	}
	return time.Duration(rand.Int64N(int64(min(limit, r.LongestWait)) + 1))
}

// run makes the attempt until it succeeds or there is no sense in another.
func (r Retries) run(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	if _, is := ctx.Deadline(); !is {
		within, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ctx = within
	}
	ends, _ := ctx.Deadline()
	for tried := 1; ; tried++ {
		err := attempt(ctx)
		wait, is := r.waitAfter(err, tried)
		if !is || !time.Now().Add(wait).Before(ends) {
			return err
		}
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

func (r Retries) waitAfter(err error, tried int) (time.Duration, bool) {
	var failed *Error
	if !errors.As(err, &failed) || tried >= r.Tries {
		return 0, false
	}
	switch {
	case failed.Code != codes.Unavailable && failed.Code != codes.ResourceExhausted:
		return 0, false
	case failed.saysWhen:
		// A little more than was asked for: all who were sent away together were told the same.
		return failed.RetryAfter + r.wait(1), true
	default:
		return r.wait(tried), failed.Code == codes.Unavailable
	}
}

// sleep waits, and no longer than the context lasts.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
