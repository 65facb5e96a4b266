package tallystick

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	v1 "tallystick.dev/go/v1"
)

// takesOnly lets only this token call.
func takesOnly(good string) func(context.Context, string) error {
	return func(_ context.Context, token string) error {
		if token != good {
			return failure(codes.Unauthenticated, invalidToken)
		}
		return nil
	}
}

// turning counts how often somebody had the store alone.
type turning struct {
	TokenStore
	turns atomic.Int32
}

func (s *turning) Turn(ctx context.Context) (func(), error) {
	s.turns.Add(1)
	return s.TokenStore.Turn(ctx)
}

func renewsTo(access string, lasts time.Duration) func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
	return func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
		return tokensUntil(access, time.Now().Add(lasts)), nil
	}
}

func TestARefusedTokenIsRenewedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{getMe: takesOnly("second"), renew: renewsTo("second", 10*time.Minute)}
		store := &turning{TokenStore: signedIn(time.Now().Add(10 * time.Minute))}
		client := serve(t, server, Options{Tokens: store})
		var waiting sync.WaitGroup
		for range 20 {
			waiting.Go(func() {
				if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil {
					t.Error(err)
				}
			})
		}
		waiting.Wait()
		if len(server.renewed) != 1 || server.renewed[0].GetRefreshToken() != "refresh first" {
			t.Errorf("renewed by %v", server.renewed)
		}
		if turns := store.turns.Load(); turns != 1 {
			t.Errorf("%d have waited for the store", turns)
		}
		if client.Tokens().AccessToken != "second" || client.Tokens().UserID != "ann" {
			t.Errorf("%+v", client.Tokens())
		}
	})
}

func TestATokenIsRenewedBeforeItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{getMe: takesOnly("second"), renew: renewsTo("second", 10*time.Minute)}
		client := serve(t, server, Options{Tokens: signedIn(time.Now().Add(10 * time.Minute))})
		time.Sleep(10*time.Minute - marginSeconds*time.Second - time.Second)
		if token, _ := client.session.accessToken(t.Context()); token != "first" {
			t.Errorf("too early: %s", token)
		}
		time.Sleep(time.Second)
		if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil || len(server.renewed) != 1 {
			t.Errorf("%v, renewed by %v", err, server.renewed)
		}
	})
}

func TestADevicesClockDecidesNothing(t *testing.T) {
	tries := []struct {
		name string
		// What the server's clock says beside ours, which begins in the year 2000.
		off time.Duration
	}{
		{"years behind", 26 * 365 * 24 * time.Hour},
		{"years ahead", -10 * 365 * 24 * time.Hour},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				renew := renewsTo("second", try.off+10*time.Minute)
				server := &scripted{getMe: takesOnly("second"), renew: renew}
				client := serve(t, server, Options{Tokens: signedIn(time.Now().Add(try.off + 10*time.Minute))})
				for range 5 {
					if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil {
						t.Fatal(err)
					}
				}
				if len(server.renewed) != 1 {
					t.Errorf("renewed %d times", len(server.renewed))
				}
				// It ends by the server's clock.
				server.getMe, server.renew = takesOnly("third"), renewsTo("third", try.off+10*time.Minute)
				if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil || len(server.renewed) != 2 {
					t.Errorf("%v, renewed %d times", err, len(server.renewed))
				}
			})
		})
	}
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := signedIn(time.Now().Add(10 * time.Minute))
		server := &scripted{getMe: takesOnly("second"), renew: func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
			return nil, unavailable
		}}
		client := serve(t, server, Options{Tokens: store, Retries: Retries{Tries: 1}})
		if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); CodeOf(err) != codes.Unavailable {
			t.Fatal(err)
		}
		// Another process goes on with what is in the store.
		server.renew = renewsTo("second", 10*time.Minute)
		next := serve(t, server, Options{Tokens: store})
		if _, err := next.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil {
			t.Fatal(err)
		}
		one, other := server.renewed[0], server.renewed[1]
		if one.GetRequestId() == "" || one.GetRequestId() != other.GetRequestId() {
			t.Errorf("%s, %s", one.GetRequestId(), other.GetRequestId())
		}
		if kept, _ := store.Load(); kept.RefreshRequestID != "" {
			t.Error("the next exchange would be taken for this one")
		}
	})
}

func TestARenewalOutlivesWhoeverAskedForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := signedIn(time.Now().Add(10 * time.Minute))
		server := &scripted{getMe: takesOnly("second"), renew: func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
			time.Sleep(5 * time.Second)
			return tokensUntil("second", time.Now().Add(10*time.Minute)), nil
		}}
		client := serve(t, server, Options{Tokens: store})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Auth.GetMe(ctx, &v1.GetMeRequest{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if kept, _ := store.Load(); kept.AccessToken != "second" {
			t.Errorf("%+v", kept)
		}
	})
}

func TestAnEndedSessionIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := MemoryTokens(Tokens{UserID: "ann", DeviceToken: "device"}.with(tokensUntil("first", time.Now().Add(time.Hour))))
		server := &scripted{getMe: takesOnly("second"), renew: func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
			return nil, failure(codes.Unauthenticated, "REFRESH_TOKEN_REUSED")
		}}
		client := serve(t, server, Options{Tokens: store})
		_, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{})
		if kept, _ := store.Load(); ReasonOf(err) != "REFRESH_TOKEN_REUSED" || kept != (Tokens{DeviceToken: "device"}) {
			t.Errorf("%v, kept %+v", err, kept)
		}
	})
}

func TestWhenNobodyRenewsTheOldTokenMayStillDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{getMe: takesOnly("first"), renew: func(*v1.RefreshSessionRequest) (*v1.SessionTokens, error) {
			return nil, unavailable
		}}
		client := serve(t, server, Options{Tokens: signedIn(time.Now().Add(10 * time.Second))})
		if _, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{}); err != nil {
			t.Error(err)
		}
	})
}

func TestSigningInAndOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := MemoryTokens(Tokens{})
		server := &scripted{getMe: takesOnly("first")}
		client := serve(t, server, Options{Tokens: store})
		if _, err := client.SignIn(t.Context(), "ann@example.com", "wrong", ""); ReasonOf(err) != "WRONG_CREDENTIALS" {
			t.Fatal(err)
		}
		if _, err := client.SignIn(t.Context(), "ann@example.com", "right", ""); err != nil {
			t.Fatal(err)
		}
		if kept, _ := store.Load(); kept != client.Tokens() || kept.UserID != "ann" || kept.DeviceToken != "device" {
			t.Fatalf("%+v", kept)
		}
		server.getMe = func(context.Context, string) error { return unavailable }
		if err := client.SignOut(t.Context()); CodeOf(err) != codes.Unavailable || client.Tokens().AccessToken == "" {
			t.Fatalf("%v, kept %+v", err, client.Tokens())
		}
		// It has ended otherwise.
		server.getMe = takesOnly("none")
		if err := client.SignOut(t.Context()); err != nil || client.Tokens() != (Tokens{DeviceToken: "device"}) {
			t.Fatalf("%v, kept %+v", err, client.Tokens())
		}
	})
}

func TestTokensAreInNoLog(t *testing.T) {
	secret := Tokens{AccessToken: "hush", RefreshToken: "hush", DeviceToken: "hush", UserID: "ann"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if said := fmt.Sprintf(verb, secret); strings.Contains(said, "hush") || !strings.Contains(said, "ann") {
			t.Error(said)
		}
	}
}
