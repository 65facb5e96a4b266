package splitting

import (
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"tallystick.dev/go/internal/division"
)

// Weights say in which proportion members bear something, by their ids. Whole numbers of any size.
type Weights map[string]*big.Int

// Spec says how an amount is shared: Equal, Exact, Weighted, Percent, Adjusted or Itemised.
type Spec interface {
	weights(amount int64) (Weights, error)
}

// Equal: everybody bears the same.
type Equal []string

// Exact: everybody bears what is said.
type Exact map[string]int64

// Weighted: in proportion to whole numbers.
type Weighted map[string]int64

// Percent: in hundredths of a percent, 10,000 together.
type Percent map[string]int64

// Adjusted: some have extras, or pay less; what remains is borne equally by all who are named, also those with an extra of 0.
type Adjusted map[string]int64

// Itemised: everybody bears their part of each line, and tax, tip and discount in proportion to the sum of those.
type Itemised struct {
	Lines              []Line
	Tax, Tip, Discount int64
}

// Line is one thing on a receipt, and in which proportion who shares it.
type Line struct {
	Amount  int64
	Weights map[string]int64
}

// NotBalanced is that what was said does not account for all of it.
type NotBalanced struct {
	Expected, Actual, Difference *big.Int
}

func (n *NotBalanced) Error() string {
	return fmt.Sprintf("adds up to %s and not to %s", n.Actual, n.Expected)
}

// WeightsOf says in which proportion the members bear an amount that is not zero: exact, however many lines there are.
func WeightsOf(amount int64, spec Spec) (Weights, error) {
	if amount == 0 {
		return nil, errors.New("an expense is not zero")
	}
	weights, err := spec.weights(amount)
	if err != nil {
		return nil, err
	}
	_, err = division.Sum(slices.Collect(maps.Values(weights)))
	return weights, err
}

func (members Equal) weights(int64) (Weights, error) {
	weights := Weights{}
	for _, member := range members {
		weights[member] = big.NewInt(1)
	}
	return weights, nil
}

func (amounts Exact) weights(amount int64) (Weights, error) {
	if err := requireSum(big.NewInt(amount), sumOf(amounts)); err != nil {
		return nil, err
	}
	return oneWay(amount, whole(amounts))
}

func (given Weighted) weights(int64) (Weights, error) {
	return whole(given), nil
}

func (points Percent) weights(int64) (Weights, error) {
	return whole(points), requireSum(big.NewInt(10_000), sumOf(points))
}

func (extras Adjusted) weights(amount int64) (Weights, error) {
	rest := new(big.Int).Sub(big.NewInt(amount), sumOf(extras))
	if rest.Sign()*big.NewInt(amount).Sign() < 0 {
		return nil, notBalanced(big.NewInt(amount), sumOf(extras))
	}
	parts := whole(extras)
	for _, part := range parts {
		part.Add(rest, part.Mul(part, big.NewInt(int64(len(extras)))))
	}
	return oneWay(amount, parts)
}

func (items Itemised) weights(amount int64) (Weights, error) {
	sum := new(big.Int)
	for _, each := range []int64{items.Tax, items.Tip} {
		sum.Add(sum, big.NewInt(each))
	}
	sum.Sub(sum, big.NewInt(items.Discount))
	for _, line := range items.Lines {
		sum.Add(sum, big.NewInt(line.Amount))
	}
	if err := requireSum(big.NewInt(amount), sum); err != nil {
		return nil, err
	}
	totals, denominator := make([]*big.Int, len(items.Lines)), big.NewInt(1)
	for i, line := range items.Lines {
		total, err := division.Sum(slices.Collect(maps.Values(whole(line.Weights))))
		if err != nil {
			return nil, err
		}
		totals[i], denominator = total, leastMultiple(denominator, total)
	}
	return oneWay(amount, items.subtotals(totals, denominator))
}

// subtotals are everybody's parts of the lines, over a denominator that all of them share.
func (items Itemised) subtotals(totals []*big.Int, denominator *big.Int) Weights {
	subtotals := Weights{}
	for i, line := range items.Lines {
		unit := new(big.Int).Mul(big.NewInt(line.Amount), new(big.Int).Quo(denominator, totals[i]))
		for member, weight := range line.Weights {
			if subtotals[member] == nil {
				subtotals[member] = new(big.Int)
			}
			subtotals[member].Add(subtotals[member], new(big.Int).Mul(unit, big.NewInt(weight)))
		}
	}
	return subtotals
}

func leastMultiple(one, other *big.Int) *big.Int {
	common := new(big.Int).GCD(nil, nil, one, other)
	return common.Mul(new(big.Int).Quo(one, common), other)
}

func oneWay(amount int64, parts Weights) (Weights, error) {
	for _, part := range parts {
		if part.Sign()*big.NewInt(amount).Sign() < 0 {
			return nil, errors.New("a part has the other sign than the amount")
		}
		part.Abs(part)
	}
	return parts, nil
}

func whole(parts map[string]int64) Weights {
	weights := Weights{}
	for member, part := range parts {
		weights[member] = big.NewInt(part)
	}
	return weights
}

func sumOf(parts map[string]int64) *big.Int {
	sum := new(big.Int)
	for _, part := range parts {
		sum.Add(sum, big.NewInt(part))
	}
	return sum
}

func requireSum(expected, actual *big.Int) error {
	if expected.Cmp(actual) == 0 {
		return nil
	}
	return notBalanced(expected, actual)
}

func notBalanced(expected, actual *big.Int) error {
	return &NotBalanced{expected, actual, new(big.Int).Sub(expected, actual)}
}
