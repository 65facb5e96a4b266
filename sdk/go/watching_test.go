package tallystick

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	v1 "tallystick.dev/go/v1"
)

// A step is what one stream says before it ends, with an error or in order. Without an error and with stays it says nothing more.
type step struct {
	says  []*v1.WatchResponse
	err   error
	stays bool
}

// script lets each stream say its step, and each pull a page. It keeps what it was asked.
type script struct {
	scripted
	steps   []step
	pages   map[string]*v1.PullResponse
	asked   []string
	pulled  []string
	pulling error
}

func (s *script) serve(t *testing.T, options Options) *Client {
	s.scripted.watch = func(request *v1.WatchRequest, _ string, stream grpc.ServerStreamingServer[v1.WatchResponse]) error {
		s.asked = append(s.asked, strings.Join(request.GetCursors(), " "))
		if len(s.steps) == 0 {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		now := s.steps[0]
		s.steps = s.steps[1:]
		for _, answer := range now.says {
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
		if now.stays {
			<-stream.Context().Done()
		}
		return now.err
	}
	s.scripted.pull = func(request *v1.PullRequest, stream grpc.ServerStreamingServer[v1.PullResponse]) error {
		asked := request.GetSpaceId() + "@" + request.GetCursor()
		s.pulled = append(s.pulled, asked)
		page, is := s.pages[asked]
		if failed := s.pulling; failed != nil {
			s.pulling = nil
			return failed
		}
		if !is {
			return failure(codes.NotFound, "NOT_FOUND")
		}
		return stream.Send(page)
	}
	return serve(t, &s.scripted, options)
}

func changed(space, cursor string) *v1.WatchResponse {
	told := &v1.WatchChanges{SpaceId: space, Cursor: cursor, Changes: []*v1.Change{{Version: 1}}}
	return &v1.WatchResponse{Event: &v1.WatchResponse_Changes{Changes: told}}
}

func heartbeat(cursors ...string) *v1.WatchResponse {
	return &v1.WatchResponse{Event: &v1.WatchResponse_Heartbeat{Heartbeat: &v1.WatchHeartbeat{Cursors: cursors}}}
}

func behind(space string, head int64) *v1.WatchResponse {
	return &v1.WatchResponse{Event: &v1.WatchResponse_Behind{Behind: &v1.WatchBehind{SpaceId: space, Head: head}}}
}

func added(space string) *v1.WatchResponse {
	return &v1.WatchResponse{Event: &v1.WatchResponse_Added{Added: &v1.WatchAdded{SpaceId: space}}}
}

func forget(space string) *v1.WatchResponse {
	return &v1.WatchResponse{Event: &v1.WatchResponse_Forget{Forget: &v1.WatchForget{SpaceId: space}}}
}

func reset(space string) *v1.WatchResponse {
	told := &v1.WatchReset{SpaceId: space, Reason: v1.ResetReason_RESET_REASON_EPOCH}
	return &v1.WatchResponse{Event: &v1.WatchResponse_Reset_{Reset_: told}}
}

func goodbye(again time.Duration) *v1.WatchResponse {
	told := &v1.WatchGoodbye{AgainAfter: durationpb.New(again)}
	return &v1.WatchResponse{Event: &v1.WatchResponse_Goodbye{Goodbye: told}}
}

// unknown is an event of a newer server.
func unknown() *v1.WatchResponse {
	said := protowire.AppendVarint(protowire.AppendTag(nil, 99, protowire.VarintType), 1)
	event := &v1.WatchResponse{}
	if err := proto.Unmarshal(said, event); err != nil {
		panic(err)
	}
	return event
}

func page(cursor string, head int64) *v1.PullResponse {
	return &v1.PullResponse{Cursor: cursor, Head: head, AtHead: true}
}

func brief(news News) string {
	switch news.What {
	case Changed:
		return fmt.Sprintf("%s=%s", news.SpaceID, news.Cursor)
	case Interrupted:
		return "interrupted"
	case UpToDate:
		return "up to date"
	default:
		return fmt.Sprintf("%s %s", strings.ToLower(news.What.String()), news.SpaceID)
	}
}

func TestWatching(t *testing.T) {
	here := map[string]string{"a": "a1"}
	tries := []struct {
		name    string
		options WatchOptions
		steps   []step
		pages   map[string]*v1.PullResponse
		pulling error
		// What is told until there is no more to tell, and what the streams and pulls were asked.
		told, asked, pulled []string
	}{
		{
			name: "changes that follow need no pull", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{heartbeat("a1"), changed("a", "a2"), changed("a", "a3")}, stays: true}},
			told:  []string{"up to date", "a=a2", "a=a3"}, asked: []string{"a1"},
		},
		{
			name: "a first copy is pulled", options: WatchOptions{Cursors: map[string]string{"a": ""}},
			steps: []step{{says: []*v1.WatchResponse{heartbeat("a1"), changed("a", "a2")}, stays: true}},
			pages: map[string]*v1.PullResponse{"a@": page("a1", 1)},
			told:  []string{"a=a1", "up to date", "a=a2"}, asked: []string{"a1"}, pulled: []string{"a@"},
		},
		{
			name: "what is behind is pulled, and goes on from there", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{behind("a", 5), heartbeat("a5"), changed("a", "a6")}, stays: true}},
			pages: map[string]*v1.PullResponse{"a@a1": page("a5", 5)},
			told:  []string{"a=a5", "up to date", "a=a6"}, asked: []string{"a1"}, pulled: []string{"a@a1"},
		},
		{
			name: "changes over a gap are pulled", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{behind("a", 5), changed("a", "a7"), changed("a", "a8")}, stays: true}},
			// The pull came further than the stream knew.
			pages: map[string]*v1.PullResponse{"a@a1": page("a6", 6), "a@a6": page("a7", 7)},
			told:  []string{"a=a6", "a=a7", "a=a8"}, asked: []string{"a1"}, pulled: []string{"a@a1", "a@a6"},
		},
		{
			name: "a lost stream goes on where it was", options: WatchOptions{Cursors: here},
			steps: []step{
				{says: []*v1.WatchResponse{heartbeat("a1"), changed("a", "a2")}, err: unavailable},
				{says: []*v1.WatchResponse{heartbeat("a2"), changed("a", "a3")}, stays: true},
			},
			told: []string{"up to date", "a=a2", "interrupted", "up to date", "a=a3"}, asked: []string{"a1", "a2"},
		},
		{
			name: "a lost pull goes on where it was", options: WatchOptions{Cursors: here},
			steps: []step{
				{says: []*v1.WatchResponse{behind("a", 2)}, stays: true},
				{says: []*v1.WatchResponse{behind("a", 2), heartbeat("a2")}, stays: true},
			},
			pages: map[string]*v1.PullResponse{"a@a1": page("a2", 2)}, pulling: unavailable,
			told: []string{"interrupted", "a=a2", "up to date"}, asked: []string{"a1", "a1"}, pulled: []string{"a@a1", "a@a1"},
		},
		{
			name: "a goodbye is no interruption", options: WatchOptions{Cursors: here},
			steps: []step{
				{says: []*v1.WatchResponse{heartbeat("a1"), goodbye(2 * time.Second)}},
				{says: []*v1.WatchResponse{heartbeat("a1")}, stays: true},
			},
			told: []string{"up to date", "up to date"}, asked: []string{"a1", "a1"},
		},
		{
			name: "a copy that must be made anew", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{reset("a"), heartbeat("b1")}, stays: true}},
			pages: map[string]*v1.PullResponse{
				"a@a1": {Cursor: "b1", Head: 1, AtHead: true, Reset_: v1.ResetReason_RESET_REASON_EPOCH},
			},
			told: []string{"reset a", "a=b1", "up to date"}, asked: []string{"a1"}, pulled: []string{"a@a1"},
		},
		{
			name: "a space that the user has left", options: WatchOptions{Cursors: here},
			steps: []step{
				{says: []*v1.WatchResponse{heartbeat("a1"), forget("a"), changed("a", "a2")}, err: unavailable},
				{says: []*v1.WatchResponse{heartbeat()}, stays: true},
			},
			told: []string{"up to date", "forgotten a", "interrupted", "up to date"}, asked: []string{"a1", ""},
		},
		{
			name: "others are followed on", options: WatchOptions{Cursors: map[string]string{"a": "a1", "b": "b1"}},
			steps: []step{{says: []*v1.WatchResponse{heartbeat("a1", "b1"), behind("a", 2), changed("b", "b2")}, stays: true}},
			told:  []string{"up to date", "forgotten a", "b=b2"}, asked: []string{"a1 b1"}, pulled: []string{"a@a1"},
		},
		{
			name: "a pull of a space that the user has left", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{behind("a", 2), heartbeat()}, stays: true}},
			told:  []string{"forgotten a", "up to date"}, asked: []string{"a1"}, pulled: []string{"a@a1"},
		},
		{
			name: "others are told of once", options: WatchOptions{Cursors: here},
			steps: []step{
				{says: []*v1.WatchResponse{added("b"), behind("b", 3), heartbeat("a1")}, err: unavailable},
				{says: []*v1.WatchResponse{added("b"), heartbeat("a1")}, stays: true},
			},
			told: []string{"added b", "up to date", "interrupted", "up to date"}, asked: []string{"a1", "a1"},
		},
		{
			name: "others are followed if one wants", options: WatchOptions{FollowAdded: true},
			steps: []step{
				{says: []*v1.WatchResponse{added("b"), heartbeat()}, err: unavailable},
				{says: []*v1.WatchResponse{heartbeat("b1"), changed("b", "b2")}, stays: true},
			},
			pages: map[string]*v1.PullResponse{"b@": page("b1", 1)},
			told:  []string{"added b", "b=b1", "up to date", "interrupted", "up to date", "b=b2"},
			asked: []string{"", "b1"}, pulled: []string{"b@"},
		},
		{
			name: "what a newer server says beside is left alone", options: WatchOptions{Cursors: here},
			steps: []step{{says: []*v1.WatchResponse{unknown(), heartbeat("a1"), changed("a", "a2")}, stays: true}},
			told:  []string{"up to date", "a=a2"}, asked: []string{"a1"},
		},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: try.steps, pages: try.pages, pulling: try.pulling}
				client := server.serve(t, Options{})
				// Before the streams would be taken for dead.
				ctx, cancel := context.WithTimeout(t.Context(), silenceMax-time.Second)
				defer cancel()
				var told []string
				var last error
				for news, err := range client.Watch(ctx, try.options) {
					if last = err; err == nil {
						told = append(told, brief(news))
					}
				}
				if !errors.Is(last, context.DeadlineExceeded) {
					t.Errorf("ended by %v", last)
				}
				if !slices.Equal(told, try.told) {
					t.Errorf("told %q", told)
				}
				if !slices.Equal(server.asked, try.asked) || !slices.Equal(server.pulled, try.pulled) {
					t.Errorf("asked %q, pulled %q", server.asked, server.pulled)
				}
			})
		})
	}
}

func TestAStreamThatIsSilentIsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []step{{says: []*v1.WatchResponse{heartbeat()}, stays: true}, {says: []*v1.WatchResponse{heartbeat()}, stays: true}}}
		began, heard := time.Now(), 0
		for news, err := range server.serve(t, Options{}).Watch(t.Context(), WatchOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if news.What == Interrupted && !errors.Is(news.Err, errSilence) {
				t.Fatal(news.Err)
			}
			if news.What == UpToDate {
				// What a loop does with the news is not the stream's silence.
				time.Sleep(2 * silenceMax)
				if heard++; heard == 2 {
					break
				}
			}
		}
		if took := time.Since(began); took < 5*silenceMax || took > 5*silenceMax+time.Second {
			t.Error(took)
		}
	})
}

func TestAStreamDoesNotLastForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &scripted{}
		streams := 0
		server.watch = func(_ *v1.WatchRequest, _ string, stream grpc.ServerStreamingServer[v1.WatchResponse]) error {
			streams++
			for stream.Send(heartbeat()) == nil && sleep(stream.Context(), 20*time.Second) == nil {
			}
			return stream.Context().Err()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*lifetimeMax-time.Minute)
		defer cancel()
		for news, err := range serve(t, server, Options{}).Watch(ctx, WatchOptions{}) {
			if news.What == Interrupted {
				t.Error(news.Err, err)
			}
		}
		if streams != 3 {
			t.Error(streams)
		}
	})
}

func TestATokenThatEndsWhileOneWatches(t *testing.T) {
	tries := []struct {
		name string
		// Whether the token is good when the stream begins.
		isGood bool
		told   []string
	}{
		{"in the middle", true, []string{"up to date", "interrupted", "up to date"}},
		{"at the beginning", false, []string{"up to date"}},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &scripted{renew: renewsTo("second", time.Hour)}
				server.watch = func(_ *v1.WatchRequest, token string, stream grpc.ServerStreamingServer[v1.WatchResponse]) error {
					if token == "second" || try.isGood {
						_ = stream.Send(heartbeat())
					}
					if token == "second" {
						<-stream.Context().Done()
					}
					try.isGood = false
					return failure(codes.Unauthenticated, invalidToken)
				}
				client := serve(t, server, Options{Tokens: signedIn(time.Now().Add(time.Hour))})
				ctx, cancel := context.WithTimeout(t.Context(), silenceMax-time.Second)
				defer cancel()
				var told []string
				for news, err := range client.Watch(ctx, WatchOptions{}) {
					if err == nil {
						told = append(told, brief(news))
					}
				}
				if !slices.Equal(told, try.told) || len(server.renewed) != 1 {
					t.Errorf("told %q, renewed %d times", told, len(server.renewed))
				}
			})
		})
	}
}

func TestWhatIsRefusedForGoodEndsTheLoop(t *testing.T) {
	tries := []struct {
		name   string
		err    error
		reason string
	}{
		{"a cursor of nobody's", failure(codes.InvalidArgument, "INVALID_CURSOR"), "INVALID_CURSOR"},
		{"a key that was revoked", failure(codes.Unauthenticated, "INVALID_ACCESS_KEY"), "INVALID_ACCESS_KEY"},
	}
	for _, try := range tries {
		t.Run(try.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []step{{err: try.err}}}
				var last error
				for _, err := range server.serve(t, Options{}).Watch(t.Context(), WatchOptions{}) {
					last = err
				}
				if ReasonOf(last) != try.reason || len(server.asked) != 1 {
					t.Errorf("%v after %d streams", last, len(server.asked))
				}
			})
		})
	}
}

func TestAServerThatIsAwayIsAskedMoreAndMoreRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: slices.Repeat([]step{{err: unavailable}}, 200)}
		server.steps = append(server.steps, step{says: []*v1.WatchResponse{heartbeat()}, stays: true})
		began, interrupted := time.Now(), 0
		for news, err := range server.serve(t, Options{}).Watch(t.Context(), WatchOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if news.What == UpToDate {
				break
			}
			interrupted++
		}
		// On average half of five seconds each, once the waits have grown.
		if took := time.Since(began); interrupted != 200 || took < 200*time.Second || took > 1000*time.Second {
			t.Errorf("%d interruptions in %s", interrupted, took)
		}
	})
}

func TestAServerThatDrainsSaysWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		draining := failure(codes.Unavailable, "SHUTTING_DOWN", after(7*time.Second))
		server := &script{steps: []step{{err: draining}, {says: []*v1.WatchResponse{heartbeat()}, stays: true}}}
		began := time.Now()
		for news, err := range server.serve(t, Options{}).Watch(t.Context(), WatchOptions{}) {
			if err != nil || news.What == Interrupted && ReasonOf(news.Err) != "SHUTTING_DOWN" {
				t.Fatal(news.Err, err)
			}
			if news.What == UpToDate {
				break
			}
		}
		if took := time.Since(began); took < 7*time.Second || took > 8*time.Second {
			t.Error(took)
		}
	})
}

func TestALoopThatIsLeftEndsItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		server := &scripted{watch: func(_ *v1.WatchRequest, _ string, stream grpc.ServerStreamingServer[v1.WatchResponse]) error {
			defer close(ended)
			_ = stream.Send(heartbeat())
			<-stream.Context().Done()
			return nil
		}}
		for range serve(t, server, Options{}).Watch(t.Context(), WatchOptions{}) {
			break
		}
		<-ended
	})
}
