package main

import (
	"context"
	"fmt"

	tallystick "tallystick.dev/go"
	v1 "tallystick.dev/go/v1"
)

// account is one of a book, and what it held by the last answer.
type account struct {
	bookID, id string
	holds      *v1.Money
}

func keepABook(ctx context.Context, client *tallystick.Client) (account, error) {
	made, err := client.Ledger.CreateBook(ctx, &v1.CreateBookRequest{RequestId: tallystick.NewID(), Name: "Home", BaseCurrency: "EUR"})
	if err != nil {
		return account{}, err
	}
	book := made.GetBook()
	fmt.Println("book:", book.GetName(), book.GetBaseCurrency())
	opened, err := client.Ledger.CreateAccount(ctx, &v1.CreateAccountRequest{
		RequestId: tallystick.NewID(), BookId: book.GetId(), Name: "Cash", Type: v1.AccountType_ACCOUNT_TYPE_CASH, Currency: "EUR",
		OpeningBalance: euros("100"), OpeningOn: "2026-02-01",
	})
	if err != nil {
		return account{}, err
	}
	fmt.Println("account:", opened.GetAccount().GetName())
	cash := account{bookID: book.GetId(), id: opened.GetAccount().GetId()}
	spent, err := client.Ledger.CreateTransaction(ctx, expenseOf(cash, "12.30", "2026-02-03", "Bakery"))
	if err != nil {
		return account{}, err
	}
	cash.holds = spent.GetBalance().GetBalance()
	fmt.Println("expense:", spent.GetTransaction().GetPayee(), "leaves", decimal(cash.holds))
	return cash, nil
}

// spendOffline spends without a network. This SDK keeps no copies: what is kept is the request, whose id lets it be sent as often as it
// takes, and the last balance that the server has told.
func spendOffline(ctx context.Context, client *tallystick.Client, cash account) error {
	kiosk := expenseOf(cash, "3.50", "2026-02-04", "Kiosk")
	left := &v1.Money{Currency: cash.holds.GetCurrency(), Minor: cash.holds.GetMinor() - kiosk.GetAmount().GetMinor()}
	fmt.Println("offline:", kiosk.GetPayee(), "leaves", decimal(left))
	if _, err := client.Ledger.CreateTransaction(ctx, kiosk); err != nil {
		return err
	}
	held, err := client.Ledger.GetAccountBalance(ctx, &v1.GetAccountBalanceRequest{BookId: cash.bookID, AccountId: cash.id})
	if err != nil {
		return err
	}
	fmt.Println("online:", kiosk.GetPayee(), "leaves", decimal(held.GetBalance().GetBalance()))
	return nil
}

func expenseOf(cash account, amount, day, payee string) *v1.CreateTransactionRequest {
	return &v1.CreateTransactionRequest{
		RequestId: tallystick.NewID(), BookId: cash.bookID, Kind: v1.TransactionKind_TRANSACTION_KIND_EXPENSE,
		AccountId: cash.id, Amount: euros(amount), BookedOn: day, Payee: payee,
	}
}
