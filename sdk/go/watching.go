package tallystick

import (
	"context"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"google.golang.org/grpc/codes"

	v1 "tallystick.dev/go/v1"
)

const (
	// Heartbeats come every 20 seconds: a stream that is silent for longer is dead, whatever the network says.
	silenceMax = 45 * time.Second
	// A server ends its streams long before.
	lifetimeMax = time.Hour
)

var (
	errSilence  = errors.New("the stream has said nothing for too long")
	errLifetime = errors.New("the stream has lasted too long")
)

// WatchOptions say what to watch.
type WatchOptions struct {
	// The spaces to follow, by their ids: where the copy of each is, or "" for all that is in it, and then what happens.
	Cursors map[string]string
	// Follow spaces that the user comes into, and those that are not among Cursors, from their beginnings.
	FollowAdded bool
}

// Watch tells what happens in the user's spaces, as it happens, until the context ends or the loop is left. For each space that is
// followed the changes come in order and without gaps, whatever becomes of the stream: it begins anew after every interruption, where it
// was. A loop that takes long holds only itself up.
//
//	for news, err := range client.Watch(ctx, tallystick.WatchOptions{Cursors: map[string]string{book.Id: cursor}}) { … }
//
// An error is the last that comes: the context has ended, or the server refuses and would refuse again.
func (c *Client) Watch(ctx context.Context, options WatchOptions) iter.Seq2[News, error] {
	return func(yield func(News, error) bool) {
		cursors := maps.Clone(options.Cursors)
		if cursors == nil {
			cursors = map[string]string{}
		}
		w := &watch{
			sync: c.Sync, retries: c.retries, followAdded: options.FollowAdded, yield: yield,
			copies: cursors, told: map[string]string{}, announced: map[string]bool{},
		}
		w.run(ctx)
	}
}

// watch is one loop.
type watch struct {
	sync        v1.SyncServiceClient
	retries     Retries
	followAdded bool
	yield       func(News, error) bool
	// Where the copies are.
	copies map[string]string
	// Where the stream is in each space, as far as that is known.
	told map[string]string
	// Spaces that were told of as added.
	announced map[string]bool
}

// errLeft ends everything: whoever listened has left the loop.
var errLeft = errors.New("the loop was left")

func (w *watch) run(ctx context.Context) {
	for failed := 0; ; {
		began := time.Now()
		heard, wait, err := w.follow(ctx)
		if errors.Is(err, errLeft) {
			return
		}
		if err == nil || time.Since(began) > w.retries.LongestWait {
			failed = 0
		}
		if isOver(ctx) {
			<-ctx.Done()
			w.yield(News{}, errorOf(ctx.Err()))
			return
		}
		if err != nil {
			if !isPassing(err, heard) {
				w.yield(News{}, err)
				return
			}
			failed++
			wait = w.waitAfter(err, failed)
			if !w.yield(News{What: Interrupted, Err: err}, nil) {
				return
			}
		}
		if sleep(ctx, wait) != nil {
			w.yield(News{}, errorOf(ctx.Err()))
			return
		}
	}
}

// isOver says whether the context's time has come, also when the server was the first to notice.
func isOver(ctx context.Context) bool {
	ends, is := ctx.Deadline()
	return ctx.Err() != nil || is && !time.Now().Before(ends)
}

// follow brings the copies up to date and watches until the stream ends. It says whether the stream has said anything, and if it ended in
// order, when to come back.
func (w *watch) follow(ctx context.Context) (heard bool, wait time.Duration, err error) {
	for _, space := range slices.Sorted(maps.Keys(w.copies)) {
		if w.copies[space] == "" {
			if _, err := w.pull(ctx, space, 0); err != nil {
				return false, 0, err
			}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ends := time.AfterFunc(lifetimeMax, func() { cancel(errLifetime) })
	defer ends.Stop()
	request := &v1.WatchRequest{Cursors: slices.Sorted(maps.Values(w.copies))}
	w.told = maps.Clone(w.copies)
	opened, err := w.sync.Watch(ctx, request)
	if err != nil {
		return false, 0, err
	}
	for {
		answer, err := listen(cancel, opened.Recv)
		if errors.Is(err, io.EOF) {
			return heard, w.retries.wait(1), nil
		}
		if goodbye := answer.GetGoodbye(); goodbye != nil {
			return heard, goodbye.GetAgainAfter().AsDuration(), nil
		}
		if err == nil {
			err = w.take(ctx, answer, !heard)
		}
		if err != nil {
			return heard, 0, endOf(ctx, err)
		}
		heard = heard || answer.GetHeartbeat() != nil
	}
}

// listen waits for the next answer of a stream, and ends the stream that is silent. Time counts only while we listen: what a loop does
// with the news is its own.
func listen[Answer any](cancel context.CancelCauseFunc, receive func() (Answer, error)) (Answer, error) {
	silent := time.AfterFunc(silenceMax, func() { cancel(errSilence) })
	defer silent.Stop()
	return receive()
}

// endOf says why a stream ended that we have perhaps ended ourselves. Nil: it has lasted long enough.
func endOf(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, errLeft):
		return err
	case context.Cause(ctx) == errSilence:
		return errSilence
	case context.Cause(ctx) == errLifetime:
		return nil
	default:
		return err
	}
}

// take does with an event what it asks for. What a newer server may say beside is left alone.
func (w *watch) take(ctx context.Context, answer *v1.WatchResponse, isFirst bool) error {
	switch event := answer.GetEvent().(type) {
	case *v1.WatchResponse_Changes:
		return w.takeChanges(ctx, event.Changes)
	case *v1.WatchResponse_Behind:
		return w.takeBehind(ctx, event.Behind)
	case *v1.WatchResponse_Added:
		return w.takeAdded(ctx, event.Added.GetSpaceId())
	case *v1.WatchResponse_Forget:
		return w.forget(event.Forget.GetSpaceId())
	case *v1.WatchResponse_Reset_:
		// The pull finds out why, and says so.
		return w.catchUp(ctx, event.Reset_.GetSpaceId())
	case *v1.WatchResponse_Heartbeat:
		return w.takeHeartbeat(event.Heartbeat, isFirst)
	}
	return nil
}

func (w *watch) takeChanges(ctx context.Context, changes *v1.WatchChanges) error {
	space := changes.GetSpaceId()
	at, isFollowed := w.copies[space]
	if !isFollowed {
		return nil
	}
	followsOn := at != "" && w.told[space] == at
	w.told[space] = changes.GetCursor()
	if !followsOn {
		_, err := w.pull(ctx, space, 0)
		return err
	}
	w.copies[space] = changes.GetCursor()
	return w.tell(News{What: Changed, SpaceID: space, Cursor: changes.GetCursor(), Changes: changes.GetChanges()})
}

func (w *watch) takeBehind(ctx context.Context, behind *v1.WatchBehind) error {
	space := behind.GetSpaceId()
	if _, isFollowed := w.copies[space]; !isFollowed {
		return nil
	}
	head, err := w.pull(ctx, space, behind.GetHead())
	delete(w.told, space)
	if at, is := w.copies[space]; is && head == behind.GetHead() {
		w.told[space] = at
	}
	return err
}

func (w *watch) takeAdded(ctx context.Context, space string) error {
	_, isFollowed := w.copies[space]
	if isFollowed || w.announced[space] {
		return w.catchUp(ctx, space)
	}
	w.announced[space] = true
	if w.followAdded {
		w.copies[space] = ""
	}
	if err := w.tell(News{What: Added, SpaceID: space}); err != nil {
		return err
	}
	return w.catchUp(ctx, space)
}

// takeHeartbeat learns where the stream is.
func (w *watch) takeHeartbeat(heartbeat *v1.WatchHeartbeat, isFirst bool) error {
	for space, at := range w.copies {
		if slices.Contains(heartbeat.GetCursors(), at) {
			w.told[space] = at
		}
	}
	if !isFirst {
		return nil
	}
	return w.tell(News{What: UpToDate})
}

// catchUp pulls a space of which it is not known where the stream is.
func (w *watch) catchUp(ctx context.Context, space string) error {
	if _, isFollowed := w.copies[space]; !isFollowed {
		return nil
	}
	delete(w.told, space)
	_, err := w.pull(ctx, space, 0)
	return err
}

// pull tells all that happened in a space since the copy, and says how far that is.
func (w *watch) pull(ctx context.Context, space string, atLeast int64) (head int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pages, err := w.sync.Pull(ctx, &v1.PullRequest{SpaceId: space, Cursor: w.copies[space], MinVersion: atLeast})
	if err != nil {
		return 0, err
	}
	for {
		page, err := listen(cancel, pages.Recv)
		switch {
		case errors.Is(err, io.EOF):
			return head, nil
		case CodeOf(err) == codes.NotFound:
			return head, w.forget(space)
		case err != nil:
			return head, endOf(ctx, err)
		}
		head = page.GetHead()
		if err := w.takePage(space, page); err != nil {
			return head, err
		}
	}
}

func (w *watch) takePage(space string, page *v1.PullResponse) error {
	if page.GetReset_() != v1.ResetReason_RESET_REASON_UNSPECIFIED {
		if err := w.tell(News{What: Reset, SpaceID: space, Reason: page.GetReset_()}); err != nil {
			return err
		}
	}
	if page.GetCursor() == w.copies[space] {
		return nil
	}
	w.copies[space] = page.GetCursor()
	return w.tell(News{What: Changed, SpaceID: space, Cursor: page.GetCursor(), Changes: page.GetChanges()})
}

func (w *watch) forget(space string) error {
	delete(w.told, space)
	delete(w.announced, space)
	if _, isFollowed := w.copies[space]; !isFollowed {
		return nil
	}
	delete(w.copies, space)
	return w.tell(News{What: Forgotten, SpaceID: space})
}

func (w *watch) tell(news News) error {
	if !w.yield(news, nil) {
		return errLeft
	}
	return nil
}

func (w *watch) waitAfter(err error, failed int) time.Duration {
	var refused *Error
	if errors.As(err, &refused) && refused.saysWhen {
		return refused.RetryAfter + w.retries.wait(1)
	}
	return w.retries.wait(failed)
}

// isPassing says whether another stream may do better. A token that stops working while the stream lasts is renewed for the next.
func isPassing(err error, heard bool) bool {
	if errors.Is(err, errSilence) || ReasonOf(err) == invalidToken && heard {
		return true
	}
	switch CodeOf(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Aborted, codes.Internal:
		return true
	default:
		// Also what is no failed call, such as tokens that cannot be saved; and Canceled: the client was closed.
		return false
	}
}
