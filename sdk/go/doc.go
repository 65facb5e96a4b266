// Package tallystick is Tallystick for Go: a client that stays signed in and repeats what may be repeated, exact money, lists that are
// read as loops, and news of what happens in a space, as it happens.
//
// The messages and services of the contract are in tallystick.dev/go/v1. Begin with [NewClient].
package tallystick
