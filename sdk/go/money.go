package tallystick

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"tallystick.dev/go/internal/division"
	v1 "tallystick.dev/go/v1"
)

// ErrOutOfRange is an amount that 64 bits do not hold.
var ErrOutOfRange = errors.New("does not fit in 64 bits")

const usualExponent = 2

var (
	currencyCode   = regexp.MustCompile(`^[A-Z]{3}$`)
	decimalNumber  = regexp.MustCompile(`^(-?)([0-9]+)(?:\.([0-9]+))?$`)
	otherExponents = map[int]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		3: "BHD IQD JOD KWD LYD OMR TND",
		4: "CLF UYW",
	}
)

// ExponentOf says how many decimals a currency's smallest unit has, by ISO 4217.
func ExponentOf(currency string) (int, error) {
	if !currencyCode.MatchString(currency) {
		return 0, fmt.Errorf("not an ISO 4217 code: %q", currency)
	}
	for exponent, codes := range otherExponents {
		if strings.Contains(codes, currency) {
			return exponent, nil
		}
	}
	return usualExponent, nil
}

// ToDecimal is the amount as a decimal number without its currency: "-12.30" for -1230 cents.
func ToDecimal(money *v1.Money) (string, error) {
	exponent, err := ExponentOf(money.GetCurrency())
	if err != nil {
		return "", err
	}
	digits, isNegative := strings.CutPrefix(strconv.FormatInt(money.GetMinor(), 10), "-")
	digits = strings.Repeat("0", max(exponent+1-len(digits), 0)) + digits
	decimal := digits[:len(digits)-exponent]
	if exponent > 0 {
		decimal += "." + digits[len(digits)-exponent:]
	}
	if isNegative {
		decimal = "-" + decimal
	}
	return decimal, nil
}

// ParseMoney reads a decimal number with a point, such as "12.3". More decimals than the currency has are an error, never rounded.
func ParseMoney(decimal, currency string) (*v1.Money, error) {
	exponent, err := ExponentOf(currency)
	if err != nil {
		return nil, err
	}
	found := decimalNumber.FindStringSubmatch(decimal)
	if found == nil {
		return nil, fmt.Errorf("not a decimal number: %q", decimal)
	}
	sign, whole, fraction := found[1], found[2], found[3]
	if len(fraction) > exponent {
		return nil, fmt.Errorf("%s has %d decimals: %q", currency, exponent, decimal)
	}
	minor, err := strconv.ParseInt(sign+whole+fraction+strings.Repeat("0", exponent-len(fraction)), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q %w", decimal, ErrOutOfRange)
	}
	return &v1.Money{Currency: currency, Minor: minor}, nil
}

// AddMoney is the exact sum of amounts of one currency.
func AddMoney(first *v1.Money, others ...*v1.Money) (*v1.Money, error) {
	sum := big.NewInt(first.GetMinor())
	for _, other := range others {
		if other.GetCurrency() != first.GetCurrency() {
			return nil, fmt.Errorf("%s cannot be added to %s", other.GetCurrency(), first.GetCurrency())
		}
		sum.Add(sum, big.NewInt(other.GetMinor()))
	}
	if !sum.IsInt64() {
		return nil, fmt.Errorf("%s %w", sum, ErrOutOfRange)
	}
	return &v1.Money{Currency: first.GetCurrency(), Minor: sum.Int64()}, nil
}

// Allocate divides an amount in proportion to whole weights, to the last cent: the parts add up to it.
//
// Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same, to
// the first. A negative amount is divided as the positive one.
func Allocate(money *v1.Money, weights []int64) ([]*v1.Money, error) {
	whole := make([]*big.Int, len(weights))
	for i, weight := range weights {
		whole[i] = big.NewInt(weight)
	}
	parts, err := division.Divide(big.NewInt(money.GetMinor()), whole, func(_, _ int) int { return 0 })
	if err != nil {
		return nil, err
	}
	divided := make([]*v1.Money, len(parts))
	for i, part := range parts {
		divided[i] = &v1.Money{Currency: money.GetCurrency(), Minor: part.Int64()}
	}
	return divided, nil
}
