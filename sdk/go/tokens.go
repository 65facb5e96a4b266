package tallystick

import (
	"context"
	"fmt"
	"sync"
)

// Tokens say who is signed in. Secret but for the ids.
type Tokens struct {
	// Sent with every call.
	AccessToken string `json:"access_token"`
	// When it stops working, in seconds since 1970.
	AccessExpiresAt int64 `json:"access_expires_at"`
	// Exchanged for the next pair; each works once.
	RefreshToken string `json:"refresh_token"`
	// The exchange that is under way: a repeat with the same id gets the same answer, another one looks like theft.
	RefreshRequestID string `json:"refresh_request_id"`
	SessionID        string `json:"session_id"`
	UserID           string `json:"user_id"`
	// Shows a later sign-in that this device is known. It outlives the session.
	DeviceToken string `json:"device_token"`
}

// Format keeps secrets out of logs, whatever the verb.
func (t Tokens) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "tallystick.Tokens of user %q, session %q", t.UserID, t.SessionID)
}

// TokenStore is what a program may implement itself, for example over the system's keychain.
type TokenStore interface {
	// Load returns what was saved last; the zero value at first.
	Load() (Tokens, error)
	// Save returns when they would survive a crash: they are used only after that.
	Save(tokens Tokens) error
	// Turn waits until nobody else who shares the store signs in or refreshes. Nobody does until the returned function is called.
	Turn(ctx context.Context) (done func(), err error)
}

// MemoryTokens keeps tokens as long as the program runs. Also for access keys: MemoryTokens(Tokens{AccessToken: key}).
func MemoryTokens(tokens Tokens) TokenStore {
	return &memoryTokens{held: tokens, turn: make(chan struct{}, 1)}
}

type memoryTokens struct {
	lock sync.Mutex
	held Tokens
	turn chan struct{}
}

func (m *memoryTokens) Load() (Tokens, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.held, nil
}

func (m *memoryTokens) Save(tokens Tokens) error {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.held = tokens
	return nil
}

func (m *memoryTokens) Turn(ctx context.Context) (func(), error) {
	select {
	case m.turn <- struct{}{}:
		return func() { <-m.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
