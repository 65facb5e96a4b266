// Sample tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, sees it arrive, and is paid back.
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
	chapters := []func(context.Context, *tallystick.Client) error{
		func(ctx context.Context, client *tallystick.Client) error { return signUp(ctx, client, email) },
		keepABook,
		shareADinner,
	}
	for _, chapter := range chapters {
		if err := chapter(ctx, client); err != nil {
			return err
		}
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

func keepABook(ctx context.Context, client *tallystick.Client) error {
	made, err := client.Ledger.CreateBook(ctx, &v1.CreateBookRequest{RequestId: tallystick.NewID(), Name: "Home", BaseCurrency: "EUR"})
	if err != nil {
		return err
	}
	book := made.GetBook()
	fmt.Println("book:", book.GetName(), book.GetBaseCurrency())
	opened, err := client.Ledger.CreateAccount(ctx, &v1.CreateAccountRequest{
		RequestId: tallystick.NewID(), BookId: book.GetId(), Name: "Cash", Type: v1.AccountType_ACCOUNT_TYPE_CASH, Currency: "EUR",
		OpeningBalance: euros("100"), OpeningOn: "2026-02-01",
	})
	if err != nil {
		return err
	}
	fmt.Println("account:", opened.GetAccount().GetName())
	spent, err := client.Ledger.CreateTransaction(ctx, &v1.CreateTransactionRequest{
		RequestId: tallystick.NewID(), BookId: book.GetId(), Kind: v1.TransactionKind_TRANSACTION_KIND_EXPENSE,
		AccountId: opened.GetAccount().GetId(), Amount: euros("12.30"), BookedOn: "2026-02-03", Payee: "Bakery",
	})
	if err != nil {
		return err
	}
	fmt.Println("expense:", spent.GetTransaction().GetPayee(), "leaves", decimal(spent.GetBalance().GetBalance()))
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
