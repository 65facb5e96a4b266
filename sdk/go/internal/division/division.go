// Package division divides whole numbers in whole parts that add up to them.
package division

import (
	"errors"
	"math/big"
	"slices"
)

// Divide divides an amount in proportion to weights. Each part is rounded towards zero, and the units that are left go to the parts that
// lost most by it; of those that lost the same, first to what the tie puts first.
func Divide(amount *big.Int, weights []*big.Int, tie func(one, other int) int) ([]*big.Int, error) {
	total, err := Sum(weights)
	if err != nil {
		return nil, err
	}
	parts, lost, order := make([]*big.Int, len(weights)), make([]*big.Int, len(weights)), make([]int, len(weights))
	left := new(big.Int).Set(amount)
	for i, weight := range weights {
		parts[i], lost[i] = new(big.Int).QuoRem(new(big.Int).Mul(amount, weight), total, new(big.Int))
		left.Sub(left, parts[i])
		order[i] = i
	}
	slices.SortStableFunc(order, func(one, other int) int {
		if by := lost[other].CmpAbs(lost[one]); by != 0 {
			return by
		}
		return tie(one, other)
	})
	unit := big.NewInt(int64(left.Sign()))
	for _, i := range order[:new(big.Int).Abs(left).Int64()] {
		parts[i].Add(parts[i], unit)
	}
	return parts, nil
}

// Sum is the sum of weights, none of which is below zero, and one above.
func Sum(weights []*big.Int) (*big.Int, error) {
	total := new(big.Int)
	for _, weight := range weights {
		if weight.Sign() < 0 {
			return nil, errors.New("a weight is below zero")
		}
		total.Add(total, weight)
	}
	if total.Sign() == 0 {
		return nil, errors.New("no weight is above zero")
	}
	return total, nil
}
