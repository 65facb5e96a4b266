package tallystick

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const domain = "tallystick"

// Error is a call that failed. Branch on its code and its reason: messages may change.
//
//	InvalidArgument     the request breaks a rule: Violations names the fields
//	Unauthenticated     nobody is signed in, or not with this
//	PermissionDenied    the caller's role is too low
//	NotFound            it is not there, or was never the caller's to see
//	AlreadyExists       the id is taken
//	FailedPrecondition  the state of things does not allow it
//	Aborted             it was changed meanwhile
//	ResourceExhausted   too much or too often: RetryAfter may say until when
//	Unavailable         nobody answers: the same call may be repeated
//	DeadlineExceeded    no answer in time: the same call may be repeated
//	Internal            a fault of the server
type Error struct {
	// The family of failures.
	Code codes.Code
	// Why, as ErrorReason of the contract names it without its prefix: "NOT_FOUND". Empty when no server of ours said it, such as for a
	// lost connection.
	Reason string
	// What is wrong, for developers.
	Message string
	// Facts beside the reason.
	Metadata map[string]string
	// Which fields break the contract, when some do.
	Violations []FieldViolation
	// How long to wait before the next try. Zero: the server does not say.
	RetryAfter time.Duration

	saysWhen bool
	status   *status.Status
}

// FieldViolation is a field that breaks the contract.
type FieldViolation struct {
	// The path of the field in the request, such as "amount.minor".
	Field string
	// The rule it breaks, such as "string.uuid".
	Rule string
	// What is wrong, for developers.
	Description string
}

func (e *Error) Error() string {
	if e.Reason == "" {
		return e.Code.String() + ": " + e.Message
	}
	return e.Reason + ": " + e.Message
}

// GRPCStatus is the failure as grpc knows it.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Is tells ended contexts: errors.Is(err, context.Canceled) and errors.Is(err, context.DeadlineExceeded).
func (e *Error) Is(target error) bool {
	switch target {
	case context.Canceled:
		return e.Code == codes.Canceled
	case context.DeadlineExceeded:
		return e.Code == codes.DeadlineExceeded
	default:
		return false
	}
}

// MayRepeat says whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened.
func (e *Error) MayRepeat() bool {
	return e.Code == codes.Unavailable || e.Code == codes.DeadlineExceeded || e.saysWhen
}

// ReasonOf is the reason of a failed call; empty for any other error, and for none.
func ReasonOf(err error) string {
	var failed *Error
	if errors.As(err, &failed) {
		return failed.Reason
	}
	return ""
}

// CodeOf is the family of a failed call; OK for none, and Unknown for any other error.
func CodeOf(err error) codes.Code {
	var failed *Error
	switch {
	case err == nil:
		return codes.OK
	case errors.As(err, &failed):
		return failed.Code
	default:
		return codes.Unknown
	}
}

// errorOf reads a failed call. The end of a stream is none.
func errorOf(err error) error {
	var known *Error
	if err == nil || errors.Is(err, io.EOF) || errors.As(err, &known) {
		return err
	}
	said, is := status.FromError(err)
	if !is {
		said = status.FromContextError(err)
	}
	failed := &Error{Code: said.Code(), Message: said.Message(), status: said}
	for _, detail := range said.Details() {
		failed.take(detail)
	}
	return failed
}

func (e *Error) take(detail any) {
	switch told := detail.(type) {
	case *errdetails.ErrorInfo:
		if told.GetDomain() == domain {
			e.Reason, e.Metadata = told.GetReason(), told.GetMetadata()
		}
	case *errdetails.BadRequest:
		for _, field := range told.GetFieldViolations() {
			e.Violations = append(e.Violations, FieldViolation{field.GetField(), field.GetReason(), field.GetDescription()})
		}
	case *errdetails.RetryInfo:
		e.RetryAfter, e.saysWhen = told.GetRetryDelay().AsDuration(), true
	}
}

// notSignedIn is what the server would say to whoever calls without a token.
func notSignedIn() error {
	said := status.New(codes.Unauthenticated, "Nobody is signed in.")
	return &Error{Code: said.Code(), Reason: "NOT_SIGNED_IN", Message: said.Message(), status: said}
}
