package splitting

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"testing"

	"tallystick.dev/go/internal/vectors"
)

type numbers map[string]string

type line struct {
	AmountMinor string
	Weights     numbers
}

type spec struct {
	Mode                                  string
	MemberIDs                             []string `json:"memberIds"`
	Amounts, Weights, BasisPoints, Extras numbers
	Lines                                 []line
	TaxMinor, TipMinor, DiscountMinor     string
}

type outcome struct {
	Shares     numbers
	Refused    bool
	Unbalanced *struct{ Expected, Actual, Difference string }
}

type splittingVectors struct {
	RuleVersion int
	Members     map[string]string
	Lots        []struct{ ExpenseID, MemberID, SHA256 string }
	Allocate    []struct {
		Name, Amount, ExpenseID string
		Weights                 numbers
		outcome
	}
	Split []struct {
		Name, Amount, ExpenseID string
		Spec                    spec
		Converted               *struct {
			Amount string
			Shares numbers
		}
		outcome
	}
	Refund []struct {
		Name, Amount, RefundID string
		Left                   numbers
		outcome
	}
}

func TestSharesAreWhatTheVectorsSay(t *testing.T) {
	said := vectors.Read[splittingVectors](t, "allocations")
	if said.RuleVersion != RuleVersion {
		t.Fatalf("another rule: %d", said.RuleVersion)
	}
	named := naming(said.Members)
	for _, try := range said.Allocate {
		t.Run("allocate/"+try.Name, func(t *testing.T) {
			amount, err := strconv.ParseInt(try.Amount, 10, 64)
			if err != nil {
				// Go has no such amount: nobody can ask for it.
				return
			}
			shares, err := Allocate(amount, whole(named.amounts(t, try.Weights)), try.ExpenseID)
			named.compare(t, try.outcome, shares, err)
		})
	}
	for _, try := range said.Split {
		t.Run("split/"+try.Name, func(t *testing.T) {
			how := named.spec(t, try.Spec)
			shares, err := Shares(number(t, try.Amount), how, try.ExpenseID)
			named.compare(t, try.outcome, shares, err)
			if try.Converted == nil {
				return
			}
			weights, err := WeightsOf(number(t, try.Amount), how)
			if err != nil {
				t.Fatal(err)
			}
			converted, err := Allocate(number(t, try.Converted.Amount), weights, try.ExpenseID)
			named.compare(t, outcome{Shares: try.Converted.Shares}, converted, err)
		})
	}
	for _, try := range said.Refund {
		t.Run("refund/"+try.Name, func(t *testing.T) {
			shares, err := RefundShares(number(t, try.Amount), named.amounts(t, try.Left), try.RefundID)
			named.compare(t, try.outcome, shares, err)
		})
	}
}

func TestLotsAreWhatTheVectorsSay(t *testing.T) {
	said := vectors.Read[splittingVectors](t, "allocations")
	if len(said.Lots) == 0 {
		t.Fatal("there is nothing to compare with")
	}
	for _, try := range said.Lots {
		expense, _ := parseID(try.ExpenseID)
		member, _ := parseID(try.MemberID)
		if drawn := hex.EncodeToString(lot(expense, member)); drawn != try.SHA256 {
			t.Errorf("%s, %s: %s", try.ExpenseID, try.MemberID, drawn)
		}
	}
}

// naming turns the letters of the vectors into ids. What is no letter there is an id, or is meant to be none.
type naming map[string]string

func (n naming) id(name string) string {
	if known, is := n[name]; is {
		return known
	}
	return name
}

func (n naming) amounts(t *testing.T, texts numbers) map[string]int64 {
	t.Helper()
	amounts := map[string]int64{}
	for name, text := range texts {
		amounts[n.id(name)] = number(t, text)
	}
	return amounts
}

func (n naming) spec(t *testing.T, said spec) Spec {
	t.Helper()
	switch said.Mode {
	case "equal":
		var members Equal
		for _, name := range said.MemberIDs {
			members = append(members, n.id(name))
		}
		return members
	case "exact":
		return Exact(n.amounts(t, said.Amounts))
	case "weighted":
		return Weighted(n.amounts(t, said.Weights))
	case "percent":
		return Percent(n.amounts(t, said.BasisPoints))
	case "adjusted":
		return Adjusted(n.amounts(t, said.Extras))
	case "itemised":
		items := Itemised{Tax: number(t, said.TaxMinor), Tip: number(t, said.TipMinor), Discount: number(t, said.DiscountMinor)}
		for _, each := range said.Lines {
			items.Lines = append(items.Lines, Line{number(t, each.AmountMinor), n.amounts(t, each.Weights)})
		}
		return items
	}
	t.Fatalf("another mode: %s", said.Mode)
	return nil
}

func (n naming) compare(t *testing.T, said outcome, shares map[string]int64, err error) {
	t.Helper()
	var off *NotBalanced
	switch isOff := errors.As(err, &off); {
	case said.Unbalanced != nil:
		told := *said.Unbalanced
		if !isOff || fmt.Sprint(off.Expected, off.Actual, off.Difference) != told.Expected+" "+told.Actual+" "+told.Difference {
			t.Errorf("%v, %v", shares, err)
		}
	case said.Refused:
		if err == nil || isOff {
			t.Errorf("%v, %v", shares, err)
		}
	case err != nil:
		t.Error(err)
	default:
		wanted := n.amounts(t, said.Shares)
		for member, share := range wanted {
			if got, is := shares[member]; !is || got != share {
				t.Errorf("%s bears %d and not %d", member, got, share)
			}
		}
		if len(shares) != len(wanted) {
			t.Errorf("%v", shares)
		}
	}
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	if text == "" {
		return 0
	}
	whole, is := new(big.Int).SetString(text, 10)
	if !is || !whole.IsInt64() {
		t.Fatalf("no number of 64 bits: %s", text)
	}
	return whole.Int64()
}
