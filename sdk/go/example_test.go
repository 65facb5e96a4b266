package tallystick_test

import (
	"errors"
	"fmt"

	tallystick "tallystick.dev/go"
	v1 "tallystick.dev/go/v1"
)

func ExampleParseMoney() {
	money, err := tallystick.ParseMoney("12.3", "EUR")
	fmt.Println(money.GetMinor(), err)
	_, err = tallystick.ParseMoney("12.345", "EUR")
	fmt.Println(err)
	// Output:
	// 1230 <nil>
	// EUR has 2 decimals: "12.345"
}

func ExampleToDecimal() {
	text, err := tallystick.ToDecimal(&v1.Money{Currency: "KWD", Minor: -1})
	fmt.Println(text, err)
	// Output: -0.001 <nil>
}

func ExampleAllocate() {
	parts, err := tallystick.Allocate(&v1.Money{Currency: "EUR", Minor: 100}, []int64{1, 1, 1})
	if err != nil {
		fmt.Println(err)
	}
	for _, part := range parts {
		fmt.Println(part.GetMinor())
	}
	// Output:
	// 34
	// 33
	// 33
}

func ExampleVerifyWebhook() {
	body, signature := []byte(`{"changes":[]}`), "t=1770076800,v1=0"
	err := tallystick.VerifyWebhook(body, signature, "tswh_a-secret")
	fmt.Println(errors.Is(err, tallystick.ErrSignatureInvalid))
	// Output: true
}
