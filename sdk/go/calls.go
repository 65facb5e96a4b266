package tallystick

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const (
	authorization = "authorization"
	bearer        = "Bearer "
	invalidToken  = "INVALID_TOKEN"
)

// caller is where tokens come from.
type caller interface {
	// The token to call with; empty for nobody.
	accessToken(ctx context.Context) (string, error)
	// Another token than this one.
	refresh(ctx context.Context, rejected string) (string, error)
}

// calls is what is the same for every call: it carries the caller's token, ends in time, is repeated where that is safe, and fails with
// a reason.
type calls struct {
	caller  caller
	retries Retries
	timeout time.Duration
}

// unary makes a call with the very same message each time, and so the same request id: however often it arrives, it is done once.
func (c *calls) unary(
	ctx context.Context, method string, request, answer any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if isPlain(options) {
		return errorOf(invoke(ctx, method, request, answer, conn, options...))
	}
	return c.retries.run(ctx, c.timeout, func(ctx context.Context) error {
		return c.signed(ctx, method, func(ctx context.Context) error {
			return errorOf(invoke(ctx, method, request, answer, conn, options...))
		})
	})
}

// stream opens a stream, which has no time limit of ours, and is repeated only by whoever knows where to go on from.
func (c *calls) stream(
	ctx context.Context, about *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	begin := func(ctx context.Context) (grpc.ClientStream, error) {
		opened, err := open(ctx, about, conn, method, options...)
		return opened, errorOf(err)
	}
	if isSignedOtherwise(ctx, method) {
		opened, err := begin(ctx)
		if err != nil {
			return nil, err
		}
		return &stream{ClientStream: opened}, nil
	}
	token, err := c.caller.accessToken(ctx)
	if err != nil {
		return nil, errorOf(err)
	}
	opened, err := begin(sign(ctx, token))
	if err != nil {
		return nil, err
	}
	again := func() (grpc.ClientStream, error) {
		fresh, err := c.caller.refresh(ctx, token)
		if err != nil {
			return nil, errorOf(err)
		}
		return begin(sign(ctx, fresh))
	}
	return &stream{ClientStream: opened, again: again}, nil
}

func (c *calls) signed(ctx context.Context, method string, call func(context.Context) error) error {
	if isSignedOtherwise(ctx, method) {
		return call(ctx)
	}
	token, err := c.caller.accessToken(ctx)
	if err != nil {
		return errorOf(err)
	}
	err = call(sign(ctx, token))
	if token == "" || ReasonOf(err) != invalidToken {
		return err
	}
	fresh, err := c.caller.refresh(ctx, token)
	if err != nil {
		return errorOf(err)
	}
	return call(sign(ctx, fresh))
}

func isSignedOtherwise(ctx context.Context, method string) bool {
	given, _ := metadata.FromOutgoingContext(ctx)
	return public[method] || len(given.Get(authorization)) > 0
}

func sign(ctx context.Context, token string) context.Context {
	if token == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, authorization, bearer+token)
}

// plainly marks the session's own calls: renewing a token must not need one that works.
type plainly struct{ grpc.EmptyCallOption }

func isPlain(options []grpc.CallOption) bool {
	for _, option := range options {
		if _, is := option.(plainly); is {
			return true
		}
	}
	return false
}

// plainConn makes the session's own calls, which it signs and repeats itself.
type plainConn struct{ *grpc.ClientConn }

func (c plainConn) Invoke(ctx context.Context, method string, request, answer any, options ...grpc.CallOption) error {
	return c.ClientConn.Invoke(ctx, method, request, answer, append(options, plainly{})...)
}
