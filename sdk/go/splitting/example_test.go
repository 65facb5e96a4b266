package splitting_test

import (
	"fmt"

	"tallystick.dev/go/splitting"
)

func ExampleShares() {
	const ann, bob, expense = "01900000-0000-7000-8000-0000000000a1", "01900000-0000-7000-8000-0000000000a2", "01900000-0000-7000-8000-000000000001"
	shares, err := splitting.Shares(900, splitting.Weighted{ann: 2, bob: 1}, expense)
	fmt.Println(shares[ann], shares[bob], err)
	// Output: 600 300 <nil>
}
