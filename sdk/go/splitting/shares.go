// Package splitting says what everybody bears of an expense: the server's own answer, computed on the device.
//
// A program makes the id of an expense before it shows the shares, because the id decides who bears a cent that cannot be divided.
// Amounts are minor units, and ids are texts.
package splitting

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"tallystick.dev/go/internal/division"
)

// RuleVersion is the version of the rule, as expenses say which they were split by.
const RuleVersion = 1

type id [16]byte

// Shares are everybody's shares of an expense that is not zero, by the members' ids.
func Shares(amount int64, spec Spec, expenseID string) (map[string]int64, error) {
	weights, err := WeightsOf(amount, spec)
	if err != nil {
		return nil, err
	}
	return Allocate(amount, weights, expenseID)
}

// Allocate divides an amount in proportion to whole weights.
//
// For an expense in another currency: its amount in the group's, converted once, by the [WeightsOf] the amount that was paid. For what
// several payers have paid: by what each paid, as [Weighted].
func Allocate(amount int64, weights Weights, expenseID string) (map[string]int64, error) {
	if amount == math.MinInt64 {
		return nil, errors.New("the amount does not fit in 64 bits")
	}
	expense, err := parseID(expenseID)
	if err != nil {
		return nil, err
	}
	members, sizes, err := inOrder(weights)
	if err != nil {
		return nil, err
	}
	parts, err := division.Divide(big.NewInt(amount), sizes, func(one, other int) int {
		return bytes.Compare(lot(expense, members[one]), lot(expense, members[other]))
	})
	if err != nil {
		return nil, err
	}
	shares := make(map[string]int64, len(members))
	for i, member := range members {
		shares[member.String()] = parts[i].Int64()
	}
	return shares, nil
}

// RefundShares are the shares of a refund of that much. Left are what its expense's shares are after earlier refunds, whose shares are
// added to them. The amount has the sign of the expense, the shares the other.
func RefundShares(amount int64, left map[string]int64, refundID string) (map[string]int64, error) {
	there := sumOf(left)
	if amount == 0 || big.NewInt(amount).Sign()*there.Sign() < 0 {
		return nil, errors.New("a refund is not zero, and has the sign of the expense")
	}
	if big.NewInt(amount).CmpAbs(there) > 0 {
		return nil, notBalanced(there, big.NewInt(amount))
	}
	weights := whole(left)
	for _, weight := range weights {
		weight.Abs(weight)
	}
	shares, err := Allocate(amount, weights, refundID)
	for member := range shares {
		shares[member] = -shares[member]
	}
	return shares, err
}

// inOrder are the members and their weights, in the order of the ids.
func inOrder(weights Weights) ([]id, []*big.Int, error) {
	known := make(map[id]*big.Int, len(weights))
	for text, weight := range weights {
		member, err := parseID(text)
		if err != nil {
			return nil, nil, err
		}
		known[member] = weight
	}
	if len(known) < len(weights) {
		return nil, nil, errors.New("a member is named twice")
	}
	members := slices.SortedFunc(maps.Keys(known), func(one, other id) int { return bytes.Compare(one[:], other[:]) })
	sizes := make([]*big.Int, len(members))
	for i, member := range members {
		sizes[i] = known[member]
	}
	return members, sizes, nil
}

// lot decides who bears a unit more than others who lost the same.
func lot(expense, member id) []byte {
	drawn := sha256.Sum256(append(expense[:], member[:]...))
	return drawn[:]
}

func parseID(text string) (parsed id, err error) {
	digits := strings.ReplaceAll(text, "-", "")
	if len(text) != 36 || hex.EncodedLen(len(parsed)) != len(digits) {
		return parsed, fmt.Errorf("not an id: %q", text)
	}
	if _, err := hex.Decode(parsed[:], []byte(digits)); err != nil {
		return parsed, fmt.Errorf("not an id: %q", text)
	}
	return parsed, nil
}

func (i id) String() string {
	text := hex.EncodeToString(i[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
