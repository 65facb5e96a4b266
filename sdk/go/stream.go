package tallystick

import "google.golang.org/grpc"

// stream is a stream of answers whose failures have reasons. One that is refused for its token is opened once more.
type stream struct {
	grpc.ClientStream
	// Opens it with another token. Nil once something has come: what has begun is gone on with elsewhere.
	again func() (grpc.ClientStream, error)
	sent  []any
}

func (s *stream) SendMsg(message any) error {
	if s.again != nil {
		s.sent = append(s.sent, message)
	}
	return errorOf(s.ClientStream.SendMsg(message))
}

func (s *stream) RecvMsg(message any) error {
	err := errorOf(s.ClientStream.RecvMsg(message))
	if s.again == nil || ReasonOf(err) != invalidToken {
		s.again, s.sent = nil, nil
		return err
	}
	if err := s.reopen(); err != nil {
		return err
	}
	return s.RecvMsg(message)
}

func (s *stream) reopen() error {
	fresh, err := s.again()
	if err != nil {
		return err
	}
	sent := s.sent
	s.ClientStream, s.again, s.sent = fresh, nil, nil
	for _, message := range sent {
		if err := s.SendMsg(message); err != nil {
			return err
		}
	}
	return s.CloseSend()
}
