package tallystick

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	v1 "tallystick.dev/go/v1"
)

var unavailable = status.Error(codes.Unavailable, "nobody is here")

func TestTheVeryFirstMessageIsRepeated(t *testing.T) {
	tries := []struct {
		name  string
		fails []error
		calls int
		code  codes.Code
		// At least that long it takes, and no longer than that.
		least, most time.Duration
	}{
		{"done at once", nil, 1, codes.OK, 0, 0},
		{"away twice", []error{unavailable, unavailable}, 3, codes.OK, 0, 300 * time.Millisecond},
		{"away for long", []error{unavailable, unavailable, unavailable, unavailable, unavailable, unavailable}, 6, codes.Unavailable, 0, 4 * time.Second},
		{"told when", []error{failure(codes.ResourceExhausted, "TOO_MANY_REQUESTS", after(3*time.Second))}, 2, codes.OK, 3 * time.Second, 3100 * time.Millisecond},
		{"draining", []error{failure(codes.Unavailable, "SHUTTING_DOWN", after(time.Second))}, 2, codes.OK, time.Second, 1100 * time.Millisecond},
		{"told later than the call lasts", []error{failure(codes.ResourceExhausted, "TOO_MANY_REQUESTS", after(time.Minute))}, 1, codes.ResourceExhausted, 0, 0},
		{"too much, and nobody says until when", []error{failure(codes.ResourceExhausted, "TOO_LARGE")}, 1, codes.ResourceExhausted, 0, 0},
		{"refused", []error{failure(codes.FailedPrecondition, "BOOK_ARCHIVED")}, 1, codes.FailedPrecondition, 0, 0},
		{"a fault", []error{status.Error(codes.Internal, "oh")}, 1, codes.Internal, 0, 0},
		{"changed meanwhile", []error{failure(codes.Aborted, "STALE_VERSION")}, 1, codes.Aborted, 0, 0},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent []*v1.CreateBookRequest
				client := serve(t, &scripted{create: func(request *v1.CreateBookRequest) error {
					sent = append(sent, proto.CloneOf(request))
					if len(sent) <= len(try.fails) {
						return try.fails[len(sent)-1]
					}
					return nil
				}}, Options{})
				began := time.Now()
				request := &v1.CreateBookRequest{RequestId: NewID(), Name: "Home"}
				_, err := client.Ledger.CreateBook(t.Context(), request)
				if CodeOf(err) != try.code || len(sent) != try.calls {
					t.Fatalf("%d calls and %v", len(sent), err)
				}
				if took := time.Since(began); took < try.least || took > try.most {
					t.Errorf("took %s", took)
				}
				for _, each := range sent {
					if !proto.Equal(each, request) {
						t.Errorf("sent %v", each)
					}
				}
			})
		})
	}
}

func TestACallEndsInTime(t *testing.T) {
	never := func(ctx context.Context, _ string) error {
		<-ctx.Done()
		return ctx.Err()
	}
	tries := []struct {
		name    string
		options Options
		within  time.Duration
		takes   time.Duration
	}{
		{"as usual", Options{}, 0, 30 * time.Second},
		{"as the client says", Options{Timeout: time.Second}, 0, time.Second},
		{"as the call says", Options{Timeout: time.Second}, 2 * time.Minute, 2 * time.Minute},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := serve(t, &scripted{getMe: never}, try.options)
				ctx := t.Context()
				if try.within > 0 {
					within, cancel := context.WithTimeout(ctx, try.within)
					defer cancel()
					ctx = within
				}
				began := time.Now()
				_, err := client.Auth.GetMe(ctx, &v1.GetMeRequest{})
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != try.takes {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		})
	}
}

func TestACallThatNobodyWaitsForEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serve(t, &scripted{getMe: func(context.Context, string) error { return unavailable }}, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := client.Auth.GetMe(ctx, &v1.GetMeRequest{})
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestAFailureSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "amount.minor", Reason: "int64.gt", Description: "must be above 0"},
		}}
		client := serve(t, &scripted{create: func(*v1.CreateBookRequest) error {
			return failure(codes.InvalidArgument, "INVALID_FIELD", bad)
		}}, Options{})
		_, err := client.Ledger.CreateBook(t.Context(), &v1.CreateBookRequest{})
		var failed *Error
		if !errors.As(err, &failed) {
			t.Fatalf("%T", err)
		}
		if failed.Code != codes.InvalidArgument || failed.Reason != "INVALID_FIELD" || failed.Metadata["fact"] != "said" {
			t.Errorf("%+v", failed)
		}
		if len(failed.Violations) != 1 || failed.Violations[0] != (FieldViolation{"amount.minor", "int64.gt", "must be above 0"}) {
			t.Errorf("%+v", failed.Violations)
		}
		if failed.MayRepeat() || status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v", err)
		}
	})
}

func TestAReasonOfANewerServerIsToldByItsName(t *testing.T) {
	if reason := ReasonOf(errorOf(failure(codes.FailedPrecondition, "MOON_IS_FULL"))); reason != "MOON_IS_FULL" {
		t.Error(reason)
	}
}

func TestOnlyAServerOfOursHasReasons(t *testing.T) {
	said, _ := status.New(codes.PermissionDenied, "no").WithDetails(&errdetails.ErrorInfo{Reason: "NO", Domain: "proxy.example"})
	if reason := ReasonOf(errorOf(said.Err())); reason != "" {
		t.Error(reason)
	}
}

func TestTokensAreSentWhereTheyBelong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent []string
		server := &scripted{
			getMe:  func(_ context.Context, token string) error { sent = append(sent, token); return nil },
			health: func(token string) { sent = append(sent, token) },
		}
		client := serve(t, server, Options{Tokens: MemoryTokens(Tokens{AccessToken: "key"})})
		_, _ = client.Auth.GetMe(t.Context(), &v1.GetMeRequest{})
		_, _ = client.Status.GetHealth(t.Context(), &v1.GetHealthRequest{})
		own := metadata.AppendToOutgoingContext(t.Context(), authorization, bearer+"own")
		_, _ = client.Auth.GetMe(own, &v1.GetMeRequest{})
		if len(sent) != 3 || sent[0] != "key" || sent[1] != "" || sent[2] != "own" {
			t.Errorf("%q", sent)
		}
	})
}

func TestBeyondThisMachineNothingIsSentInTheClear(t *testing.T) {
	tries := map[string]bool{
		"127.0.0.1:8080": true, "localhost:1": true, "dns:///localhost": true, "[::1]:8080": true, "unix:/run/t.sock": true,
		"tallystick.example:443": false, "localhost.example:80": false, "127.0.0.1.example:80": false, "10.0.0.1:80": false,
	}
	for target, isPlain := range tries {
		protocol := transportCredentials(target, Options{}).Info().SecurityProtocol
		if (protocol == "insecure") != isPlain {
			t.Errorf("%s: %s", target, protocol)
		}
	}
}

// A server that is not there yet, or not any more: the connection is made anew, and the call with it.
func TestAServerComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := 0
		server := &scripted{create: func(*v1.CreateBookRequest) error { return nil }}
		away := func(context.Context, string) error {
			refused++
			if refused <= 2 {
				return errors.New("connection refused")
			}
			return nil
		}
		client, stop := serveAt(t, server, away, Options{})
		if _, err := client.Ledger.CreateBook(t.Context(), &v1.CreateBookRequest{RequestId: NewID()}); err != nil || refused != 3 {
			t.Fatalf("%v after %d connections", err, refused)
		}
		// It drains, another process takes its place, and the connection with it.
		stop()
		if _, err := client.Ledger.CreateBook(t.Context(), &v1.CreateBookRequest{RequestId: NewID()}); err != nil || refused != 4 {
			t.Errorf("%v after %d connections", err, refused)
		}
	})
}

func TestAServerThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := func(context.Context, string) error { return errors.New("connection refused") }
		client, _ := serveAt(t, &scripted{}, away, Options{})
		_, err := client.Auth.GetMe(t.Context(), &v1.GetMeRequest{})
		var failed *Error
		if !errors.As(err, &failed) || failed.Code != codes.Unavailable || failed.Reason != "" || !failed.MayRepeat() {
			t.Error(err)
		}
	})
}
