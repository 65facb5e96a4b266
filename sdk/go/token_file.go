package tallystick

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const lockPoll = 20 * time.Millisecond

// FileTokens keeps tokens in a file that only its owner reads. Processes may share it, also with programs in Python.
func FileTokens(path string) TokenStore {
	return fileTokens(path)
}

type fileTokens string

func (f fileTokens) Load() (Tokens, error) {
	var tokens Tokens
	saved, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return tokens, nil
	}
	if err == nil {
		err = json.Unmarshal(saved, &tokens)
	}
	if err != nil {
		return Tokens{}, fmt.Errorf("tokens: %w", err)
	}
	return tokens, nil
}

// Save writes beside the file, and then in its place: a crash leaves the old tokens or the new ones.
func (f fileTokens) Save(tokens Tokens) error {
	// CreateTemp's files are their owner's alone.
	beside, err := os.CreateTemp(filepath.Dir(string(f)), filepath.Base(string(f))+".*")
	if err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	err = json.NewEncoder(beside).Encode(tokens)
	if err == nil {
		err = beside.Sync()
	}
	if closed := beside.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(beside.Name(), string(f))
	}
	if err != nil {
		_ = os.Remove(beside.Name())
		return fmt.Errorf("tokens: %w", err)
	}
	return nil
}

// Turn holds a lock on a file beside. The file stays: who removed it would take the lock away from whoever waits for it. The system
// releases the lock whatever becomes of its holder.
func (f fileTokens) Turn(ctx context.Context) (func(), error) {
	file, err := os.OpenFile(string(f)+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("tokens: %w", err)
	}
	for {
		held, err := tryLock(file)
		if held {
			return func() { _ = file.Close() }, nil
		}
		if err == nil {
			err = sleep(ctx, lockPoll)
		}
		if err != nil {
			_ = file.Close()
			return nil, fmt.Errorf("tokens: waiting for another process: %w", err)
		}
	}
}
