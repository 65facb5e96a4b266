package tallystick

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestAFileKeepsTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	store := FileTokens(path)
	if held, err := store.Load(); err != nil || held != (Tokens{}) {
		t.Fatalf("%v, %+v", err, held)
	}
	saved := Tokens{AccessToken: "a", AccessExpiresAt: 1, RefreshToken: "r", RefreshRequestID: "i", SessionID: "s", UserID: "u", DeviceToken: "d"}
	for range 2 {
		if err := store.Save(saved); err != nil {
			t.Fatal(err)
		}
	}
	if held, err := FileTokens(path).Load(); err != nil || held != saved {
		t.Errorf("%v, %+v", err, held)
	}
	about, err := os.Stat(path)
	if err != nil || runtime.GOOS != "windows" && about.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", err, about.Mode())
	}
	if left, _ := filepath.Glob(path + ".*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAFileThatCannotBeReadIsNoFileOfNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewClient("localhost:1", Options{Tokens: FileTokens(path)}); err == nil {
		t.Error("signed out without a word")
	}
}

func TestStoresTakeTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	memory := MemoryTokens(Tokens{})
	stores := map[string][2]TokenStore{"memory": {memory, memory}, "file": {FileTokens(path), FileTokens(path)}}
	for name, pair := range stores {
		t.Run(name, func(t *testing.T) {
			done, err := pair[0].Turn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := pair[1].Turn(ended); !errors.Is(err, context.Canceled) {
				t.Fatalf("two at once: %v", err)
			}
			done()
			again, err := pair[1].Turn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			again()
		})
	}
}
