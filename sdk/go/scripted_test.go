package tallystick

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	v1 "tallystick.dev/go/v1"
)

// scripted is a server that says what its test wants. All of it happens in memory and in the time of synctest.
type scripted struct {
	v1.UnimplementedAuthServiceServer
	v1.UnimplementedLedgerServiceServer
	v1.UnimplementedSyncServiceServer
	v1.UnimplementedStatusServiceServer

	getMe   func(ctx context.Context, token string) error
	renew   func(request *v1.RefreshSessionRequest) (*v1.SessionTokens, error)
	create  func(request *v1.CreateBookRequest) error
	list    func(request *v1.ListTransactionsRequest) (*v1.ListTransactionsResponse, error)
	watch   func(request *v1.WatchRequest, token string, stream grpc.ServerStreamingServer[v1.WatchResponse]) error
	pull    func(request *v1.PullRequest, stream grpc.ServerStreamingServer[v1.PullResponse]) error
	health  func(token string)
	lock    sync.Mutex
	renewed []*v1.RefreshSessionRequest
}

func (s *scripted) GetMe(ctx context.Context, _ *v1.GetMeRequest) (*v1.GetMeResponse, error) {
	return &v1.GetMeResponse{}, s.getMe(ctx, tokenOf(ctx))
}

func (s *scripted) Login(_ context.Context, request *v1.LoginRequest) (*v1.LoginResponse, error) {
	if request.GetPassword() != "right" {
		return nil, failure(codes.Unauthenticated, "WRONG_CREDENTIALS")
	}
	tokens := tokensUntil("first", time.Now().Add(10*time.Minute))
	return &v1.LoginResponse{User: &v1.User{Id: "ann"}, Tokens: tokens, DeviceToken: "device"}, nil
}

func (s *scripted) Logout(ctx context.Context, _ *v1.LogoutRequest) (*v1.LogoutResponse, error) {
	return &v1.LogoutResponse{}, s.getMe(ctx, tokenOf(ctx))
}

func (s *scripted) RefreshSession(_ context.Context, request *v1.RefreshSessionRequest) (*v1.RefreshSessionResponse, error) {
	s.lock.Lock()
	s.renewed = append(s.renewed, request)
	s.lock.Unlock()
	tokens, err := s.renew(request)
	return &v1.RefreshSessionResponse{Tokens: tokens}, err
}

func (s *scripted) CreateBook(_ context.Context, request *v1.CreateBookRequest) (*v1.CreateBookResponse, error) {
	return &v1.CreateBookResponse{Book: &v1.Book{Id: "book"}}, s.create(request)
}

func (s *scripted) ListTransactions(_ context.Context, request *v1.ListTransactionsRequest) (*v1.ListTransactionsResponse, error) {
	return s.list(request)
}

func (s *scripted) GetHealth(ctx context.Context, _ *v1.GetHealthRequest) (*v1.GetHealthResponse, error) {
	s.health(tokenOf(ctx))
	return &v1.GetHealthResponse{}, nil
}

func (s *scripted) Watch(request *v1.WatchRequest, stream grpc.ServerStreamingServer[v1.WatchResponse]) error {
	return s.watch(request, tokenOf(stream.Context()), stream)
}

func (s *scripted) Pull(request *v1.PullRequest, stream grpc.ServerStreamingServer[v1.PullResponse]) error {
	return s.pull(request, stream)
}

// serve starts the server, and returns a client of it.
func serve(t *testing.T, server *scripted, options Options) *Client {
	t.Helper()
	client, _ := serveAt(t, server, func(context.Context, string) error { return nil }, options)
	return client
}

// serveAt is a server whose door says who may connect. What it returns beside the client lets the server drain, and another take its place.
func serveAt(t *testing.T, server *scripted, door func(context.Context, string) error, options Options) (*Client, func()) {
	t.Helper()
	listener, running := start(server)
	options.Plaintext = true
	options.Dial = append(options.Dial, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		if err := door(ctx, address); err != nil {
			return nil, err
		}
		return listener.DialContext(ctx)
	}))
	client, err := NewClient("passthrough:///scripted", options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		running.Stop()
	})
	return client, func() {
		running.GracefulStop()
		listener, running = start(server)
	}
}

func start(server *scripted) (*bufconn.Listener, *grpc.Server) {
	listener, running := bufconn.Listen(1<<20), grpc.NewServer()
	v1.RegisterAuthServiceServer(running, server)
	v1.RegisterLedgerServiceServer(running, server)
	v1.RegisterSyncServiceServer(running, server)
	v1.RegisterStatusServiceServer(running, server)
	go func() { _ = running.Serve(listener) }()
	return listener, running
}

func tokenOf(ctx context.Context) string {
	given, _ := metadata.FromIncomingContext(ctx)
	if said := given.Get(authorization); len(said) > 0 {
		return said[0][len(bearer):]
	}
	return ""
}

func tokensUntil(access string, ends time.Time) *v1.SessionTokens {
	return &v1.SessionTokens{
		AccessToken: access, AccessExpiresAt: timestamppb.New(ends), RefreshToken: "refresh " + access, SessionId: "session",
	}
}

// signedIn is a store of somebody whose token ends then.
func signedIn(ends time.Time) TokenStore {
	return MemoryTokens(Tokens{UserID: "ann"}.with(tokensUntil("first", ends)))
}

// failure is what a server of ours says, with whatever details beside.
func failure(code codes.Code, reason string, details ...protoadapt.MessageV1) error {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: domain, Metadata: map[string]string{"fact": "said"}}
	said, err := status.New(code, "as the script says").WithDetails(append(details, info)...)
	if err != nil {
		panic(err)
	}
	return said.Err()
}

func after(wait time.Duration) protoadapt.MessageV1 {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(wait)}
}
