package tallystick

import v1 "tallystick.dev/go/v1"

// What says what a [News] is about.
type What int

const (
	// Changed: Changes happened in the space. A copy that takes them, in order, is at Cursor.
	Changed What = iota + 1
	// Reset: the copy cannot go on from where it was, for Reason. Throw it away: all that is in the space follows as Changed.
	Reset
	// Added: the user is in a space that is not among the cursors. With FollowAdded all that is in it comes next.
	Added
	// Forgotten: the user is not in the space any more. Others' data goes.
	Forgotten
	// UpToDate: all that had happened is told. Comes once after each beginning, and after each interruption.
	UpToDate
	// Interrupted: the stream was lost, for Err. Watch goes on by itself.
	Interrupted
)

// News is something that a program which watches may want to know.
type News struct {
	What What
	// The space; empty for UpToDate and Interrupted.
	SpaceID string
	// Keep it with the copy: the next Watch goes on from there.
	Cursor  string
	Changes []*v1.Change
	Reason  v1.ResetReason
	Err     error
}

func (w What) String() string {
	names := [...]string{"", "Changed", "Reset", "Added", "Forgotten", "UpToDate", "Interrupted"}
	if w < Changed || int(w) >= len(names) {
		return "Unknown"
	}
	return names[w]
}
