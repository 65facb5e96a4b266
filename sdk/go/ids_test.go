package tallystick

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tallystick.dev/go/internal/vectors"
)

type idVectors struct {
	UUID7 struct {
		Pattern string
		Times   []struct {
			UnixMs            string
			FirstTwelveDigits string
		}
	} `json:"uuid7"`
}

func TestIdsBeginWithTheTime(t *testing.T) {
	said := vectors.Read[idVectors](t, "wire").UUID7
	pattern := regexp.MustCompile(said.Pattern)
	for _, try := range said.Times {
		ms, err := strconv.ParseInt(try.UnixMs, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		made := map[string]bool{}
		for range 100 {
			id := newIDAt(time.UnixMilli(ms).Add(999_999 * time.Nanosecond))
			if !pattern.MatchString(id) || !strings.HasPrefix(strings.ReplaceAll(id, "-", ""), try.FirstTwelveDigits) {
				t.Error(id)
			}
			made[id] = true
		}
		if len(made) != 100 {
			t.Errorf("only %d differ", len(made))
		}
	}
}

func TestLaterIdsSortLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := NewID()
		for range 1000 {
			time.Sleep(time.Millisecond)
			next := NewID()
			if next <= last {
				t.Fatalf("%s after %s", next, last)
			}
			last = next
		}
	})
}
