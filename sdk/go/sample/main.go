// Sample tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends without a network,
// and is paid back.
//
//	go run ./sample 127.0.0.1:8080 ann@example.com
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	tallystick "tallystick.dev/go"
	v1 "tallystick.dev/go/v1"
)

const password = "correct horse battery"

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: sample ADDRESS EMAIL")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := tell(ctx, os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func tell(ctx context.Context, address, email string) error {
	client, err := tallystick.NewClient(address, tallystick.Options{})
	if err != nil {
		return err
	}
	defer client.Close()
	if err := signUp(ctx, client, email); err != nil {
		return err
	}
	cash, err := keepABook(ctx, client)
	if err != nil {
		return err
	}
	shared, err := shareADinner(ctx, client)
	if err != nil {
		return err
	}
	if err := spendOffline(ctx, client, cash); err != nil {
		return err
	}
	if err := shared.settle(ctx); err != nil {
		return err
	}
	if err := client.SignOut(ctx); err != nil {
		return err
	}
	fmt.Println("signed out")
	return nil
}

func signUp(ctx context.Context, client *tallystick.Client, email string) error {
	_, err := client.Auth.Register(ctx, &v1.RegisterRequest{
		RequestId: tallystick.NewID(), Email: email, Password: password, DisplayName: "Ann",
	})
	if err != nil {
		return err
	}
	signedIn, err := client.SignIn(ctx, email, password, "sample")
	if err != nil {
		return err
	}
	fmt.Println("signed in:", signedIn.GetUser().GetDisplayName())
	return nil
}

// euros is an amount that is written here, so that it can be read.
func euros(decimal string) *v1.Money {
	money, err := tallystick.ParseMoney(decimal, "EUR")
	if err != nil {
		panic(err)
	}
	return money
}

func decimal(money *v1.Money) string {
	text, err := tallystick.ToDecimal(money)
	if err != nil {
		return err.Error()
	}
	return text
}
