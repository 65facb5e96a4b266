package tallystick

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"google.golang.org/grpc/codes"

	v1 "tallystick.dev/go/v1"
)

// A token that is this near to its end is renewed before it is used.
const marginSeconds = 30

// session is who calls: whoever signed in, with a token that is renewed before and when it stops working, once for all who ask.
type session struct {
	store   TokenStore
	auth    v1.AuthServiceClient
	retries Retries
	timeout time.Duration

	lock    sync.Mutex
	tokens  Tokens
	renewAt int64
	// The renewals that are under way, by the token that they replace.
	flights map[string]*flight
}

// flight is a renewal. It goes on when those who wait for it give up: an answer that nobody reads would end the session.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

func newSession(store TokenStore, retries Retries, timeout time.Duration) (*session, error) {
	tokens, err := store.Load()
	if err != nil {
		return nil, err
	}
	s := &session{store: store, retries: retries, timeout: timeout, flights: map[string]*flight{}}
	s.adopt(tokens)
	return s, nil
}

func (s *session) current() Tokens {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.tokens
}

func (s *session) signIn(ctx context.Context, email, password, deviceName string) (*v1.LoginResponse, error) {
	done, err := s.store.Turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	known, err := s.store.Load()
	if err != nil {
		return nil, err
	}
	request := &v1.LoginRequest{
		RequestId: NewID(), Email: email, Password: password, DeviceName: deviceName, DeviceToken: known.DeviceToken,
	}
	var answer *v1.LoginResponse
	err = s.retries.run(ctx, s.timeout, func(ctx context.Context) (err error) {
		answer, err = s.auth.Login(ctx, request)
		return err
	})
	if err != nil {
		return nil, err
	}
	kept := Tokens{UserID: answer.GetUser().GetId(), DeviceToken: known.DeviceToken}
	if answer.GetDeviceToken() != "" {
		kept.DeviceToken = answer.GetDeviceToken()
	}
	return answer, s.keep(kept.with(answer.GetTokens()))
}

func (s *session) signOut(ctx context.Context) error {
	done, err := s.store.Turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	tokens, err := s.store.Load()
	if err != nil {
		return err
	}
	if tokens.AccessToken != "" {
		request := &v1.LogoutRequest{RequestId: NewID()}
		err = s.retries.run(sign(ctx, tokens.AccessToken), s.timeout, func(ctx context.Context) error {
			_, err := s.auth.Logout(ctx, request)
			return err
		})
		// It may have ended before.
		if err != nil && CodeOf(err) != codes.Unauthenticated {
			return err
		}
	}
	return s.keep(Tokens{DeviceToken: tokens.DeviceToken})
}

func (s *session) accessToken(ctx context.Context) (string, error) {
	s.lock.Lock()
	tokens, renewAt := s.tokens, s.renewAt
	s.lock.Unlock()
	if tokens.RefreshToken == "" || time.Now().Unix() < renewAt {
		return tokens.AccessToken, nil
	}
	fresh, err := s.refresh(ctx, tokens.AccessToken)
	if code := CodeOf(err); code == codes.Unavailable || code == codes.DeadlineExceeded {
		// The old one may still do.
		return tokens.AccessToken, nil
	}
	return fresh, err
}

// refresh waits for another token than the one that does not work any more. All goroutines and processes that ask get the same.
func (s *session) refresh(ctx context.Context, rejected string) (string, error) {
	under := s.join(rejected)
	if under == nil {
		return s.current().AccessToken, nil
	}
	select {
	case <-under.done:
		return under.token, under.err
	case <-ctx.Done():
		return "", errorOf(ctx.Err())
	}
}

// join is the renewal of a token. Nil: it has been renewed meanwhile.
func (s *session) join(rejected string) *flight {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.tokens.AccessToken != rejected && s.tokens.AccessToken != "" {
		return nil
	}
	under, is := s.flights[rejected]
	if !is {
		under = &flight{done: make(chan struct{})}
		s.flights[rejected] = under
		go s.fly(under, rejected)
	}
	return under
}

func (s *session) fly(under *flight, rejected string) {
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	under.token, under.err = s.renew(ctx, rejected)
	s.lock.Lock()
	delete(s.flights, rejected)
	s.lock.Unlock()
	close(under.done)
}

func (s *session) renew(ctx context.Context, rejected string) (string, error) {
	done, err := s.store.Turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	tokens, err := s.store.Load()
	if err != nil {
		return "", err
	}
	if tokens.AccessToken != rejected && tokens.AccessToken != "" {
		s.adoptFresh(tokens)
		return tokens.AccessToken, nil
	}
	if tokens.RefreshToken == "" {
		return "", notSignedIn()
	}
	return s.exchange(ctx, tokens)
}

func (s *session) exchange(ctx context.Context, tokens Tokens) (string, error) {
	if tokens.RefreshRequestID == "" {
		// Kept before it is sent: the answer may be lost with this process.
		tokens.RefreshRequestID = NewID()
		if err := s.store.Save(tokens); err != nil {
			return "", err
		}
	}
	request := &v1.RefreshSessionRequest{RequestId: tokens.RefreshRequestID, RefreshToken: tokens.RefreshToken}
	var answer *v1.RefreshSessionResponse
	err := s.retries.run(ctx, s.timeout, func(ctx context.Context) (err error) {
		answer, err = s.auth.RefreshSession(ctx, request)
		return err
	})
	if hasEnded(err) {
		if kept := s.keep(Tokens{DeviceToken: tokens.DeviceToken}); kept != nil {
			return "", errors.Join(err, kept)
		}
	}
	if err != nil {
		return "", err
	}
	fresh := tokens.with(answer.GetTokens())
	return fresh.AccessToken, s.keep(fresh)
}

// hasEnded says whether the session is over, or the answer came too late to be asked for again. Only a server of ours knows.
func hasEnded(err error) bool {
	code := CodeOf(err)
	return ReasonOf(err) != "" && (code == codes.Unauthenticated || code == codes.FailedPrecondition)
}

func (s *session) keep(tokens Tokens) error {
	if err := s.store.Save(tokens); err != nil {
		return err
	}
	s.adoptFresh(tokens)
	return nil
}

func (s *session) adopt(tokens Tokens) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.tokens, s.renewAt = tokens, tokens.AccessExpiresAt-marginSeconds
}

// adoptFresh takes tokens that have just been made. By a clock that is far ahead they have expired already: then only the server's word
// counts.
func (s *session) adoptFresh(tokens Tokens) {
	s.adopt(tokens)
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.renewAt <= time.Now().Unix() {
		s.renewAt = math.MaxInt64
	}
}

func (t Tokens) with(fresh *v1.SessionTokens) Tokens {
	return Tokens{
		AccessToken:     fresh.GetAccessToken(),
		AccessExpiresAt: fresh.GetAccessExpiresAt().GetSeconds(),
		RefreshToken:    fresh.GetRefreshToken(),
		SessionID:       fresh.GetSessionId(),
		UserID:          t.UserID,
		DeviceToken:     t.DeviceToken,
	}
}
