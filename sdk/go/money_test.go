package tallystick

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"tallystick.dev/go/internal/vectors"
	v1 "tallystick.dev/go/v1"
)

type moneyVectors struct {
	Parse []struct {
		Decimal, Currency string
		Minor             int64 `json:",string"`
		Error             bool
	}
	Format []struct {
		Currency, Decimal string
		Minor             int64 `json:",string"`
	}
	Add []struct {
		Currency string
		Minors   []string
		Sum      string
		Error    bool
	}
	Allocate []struct {
		Minor   int64 `json:",string"`
		Weights []int64
		Parts   []string
		Error   bool
	}
}

func TestMoneyIsWhatTheVectorsSay(t *testing.T) {
	said := vectors.Read[moneyVectors](t, "money")
	if len(said.Parse) == 0 || len(said.Format) == 0 || len(said.Add) == 0 || len(said.Allocate) == 0 {
		t.Fatal("there is nothing to compare with")
	}
	for _, try := range said.Parse {
		money, err := ParseMoney(try.Decimal, try.Currency)
		if (err != nil) != try.Error || money.GetMinor() != try.Minor {
			t.Errorf("%q %s: %v, %v", try.Decimal, try.Currency, money, err)
		}
	}
	for _, try := range said.Format {
		decimal, err := ToDecimal(&v1.Money{Currency: try.Currency, Minor: try.Minor})
		if err != nil || decimal != try.Decimal {
			t.Errorf("%d %s: %s, %v", try.Minor, try.Currency, decimal, err)
		}
	}
	for _, try := range said.Add {
		amounts := moneys(try.Currency, try.Minors)
		sum, err := AddMoney(amounts[0], amounts[1:]...)
		if try.Error != errors.Is(err, ErrOutOfRange) || !try.Error && fmt.Sprint(sum.GetMinor()) != try.Sum {
			t.Errorf("%v: %v, %v", try.Minors, sum, err)
		}
	}
	for _, try := range said.Allocate {
		parts, err := Allocate(&v1.Money{Currency: "EUR", Minor: try.Minor}, try.Weights)
		var minors []string
		for _, part := range parts {
			minors = append(minors, fmt.Sprint(part.GetMinor()))
		}
		if try.Error != (err != nil) || fmt.Sprint(minors) != fmt.Sprint(try.Parts) {
			t.Errorf("%d by %v: %v, %v", try.Minor, try.Weights, minors, err)
		}
	}
}

func TestCurrenciesDoNotMix(t *testing.T) {
	if sum, err := AddMoney(&v1.Money{Currency: "EUR", Minor: 1}, &v1.Money{Currency: "USD", Minor: 1}); err == nil {
		t.Error(sum)
	}
}

func TestPartsAlwaysAddUp(t *testing.T) {
	drawn := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		money := &v1.Money{Currency: "EUR", Minor: int64(drawn.Uint64() >> drawn.IntN(64))}
		weights := make([]int64, 1+drawn.IntN(8))
		for i := range weights {
			weights[i] = drawn.Int64() >> drawn.IntN(63)
		}
		weights[0]++
		parts, err := Allocate(money, weights)
		if err != nil {
			t.Fatal(err)
		}
		sum, total := new(big.Int), new(big.Int)
		for i, part := range parts {
			sum.Add(sum, big.NewInt(part.GetMinor()))
			total.Add(total, big.NewInt(weights[i]))
		}
		if sum.Cmp(big.NewInt(money.GetMinor())) != 0 {
			t.Fatalf("%d by %v is %s", money.GetMinor(), weights, sum)
		}
		for i, part := range parts {
			// Nobody is further than a unit from what is due: |part * total - amount * weight| < total.
			due := new(big.Int).Mul(big.NewInt(money.GetMinor()), big.NewInt(weights[i]))
			off := due.Sub(due, new(big.Int).Mul(big.NewInt(part.GetMinor()), total))
			if off.CmpAbs(total) >= 0 {
				t.Fatalf("%d by %v: part %d is %d", money.GetMinor(), weights, i, part.GetMinor())
			}
		}
	}
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	drawn := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		for _, currency := range []string{"EUR", "JPY", "KWD", "CLF"} {
			money := &v1.Money{Currency: currency, Minor: int64(drawn.Uint64() >> drawn.IntN(64))}
			decimal, err := ToDecimal(money)
			if err != nil {
				t.Fatal(err)
			}
			if read, err := ParseMoney(decimal, currency); err != nil || read.GetMinor() != money.GetMinor() {
				t.Fatalf("%s: %v, %v", decimal, read, err)
			}
		}
	}
}

func moneys(currency string, minors []string) (amounts []*v1.Money) {
	for _, minor := range minors {
		whole, _ := new(big.Int).SetString(minor, 10)
		amounts = append(amounts, &v1.Money{Currency: currency, Minor: whole.Int64()})
	}
	return amounts
}
