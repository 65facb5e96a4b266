package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tallystick "tallystick.dev/go"
	v1 "tallystick.dev/go/v1"
)

// dinner is an expense of a group, and the names of those who share it.
type dinner struct {
	client *tallystick.Client
	group  string
	names  map[string]string
}

func shareADinner(ctx context.Context, client *tallystick.Client) (dinner, error) {
	made, err := client.Groups.CreateGroup(ctx, &v1.CreateGroupRequest{
		RequestId: tallystick.NewID(), Name: "Trip", DefaultCurrency: "EUR", Guests: []string{"Bob", "Cleo"},
	})
	if err != nil {
		return dinner{}, err
	}
	shared := dinner{client, made.GetGroup().GetId(), map[string]string{}}
	for _, member := range made.GetMembers() {
		shared.names[member.GetId()] = member.GetDisplayName()
	}
	fmt.Println("group:", made.GetGroup().GetName(), "of", len(shared.names))
	arrived, err := shared.seeItArrive(ctx)
	if err != nil {
		return dinner{}, err
	}
	fmt.Println("arrived:", arrived.GetDescription(), decimal(arrived.GetAmount()))
	var shares []string
	for _, share := range arrived.GetShares() {
		owed := &v1.Money{Currency: arrived.GetAmount().GetCurrency(), Minor: share.GetOwedMinor()}
		shares = append(shares, fmt.Sprintf("%s bears %s", shared.names[share.GetMemberId()], decimal(owed)))
	}
	tellInOrder(shares)
	return shared, nil
}

// seeItArrive watches the group, adds the expense once all that was before is told, and returns it as the stream brings it.
func (d dinner) seeItArrive(ctx context.Context) (*v1.Expense, error) {
	isAdded := false
	for news, err := range d.client.Watch(ctx, tallystick.WatchOptions{Cursors: map[string]string{d.group: ""}}) {
		if err != nil {
			return nil, err
		}
		for _, change := range news.Changes {
			if expense := change.GetEntity().GetExpense(); expense != nil {
				return expense, nil
			}
		}
		if news.What == tallystick.UpToDate && !isAdded {
			isAdded = true
			if err := d.add(ctx); err != nil {
				return nil, err
			}
		}
	}
	return nil, errors.New("the stream ended without a word")
}

func (d dinner) add(ctx context.Context) error {
	_, err := d.client.Groups.CreateExpense(ctx, &v1.CreateExpenseRequest{
		RequestId: tallystick.NewID(), GroupId: d.group,
		Expense: &v1.ExpenseDraft{BookedOn: "2026-02-03", Description: "Dinner", Amount: euros("30")},
	})
	return err
}

// settle pays what is owed, debt by debt, and looks whether anything is left.
func (d dinner) settle(ctx context.Context) error {
	open, err := d.debts(ctx)
	if err != nil {
		return err
	}
	var paid []string
	for _, debt := range open {
		_, err := d.client.Groups.RecordSettlement(ctx, &v1.RecordSettlementRequest{
			RequestId: tallystick.NewID(), GroupId: d.group, FromMemberId: debt.GetFromMemberId(), ToMemberId: debt.GetToMemberId(),
			Amount: debt.GetAmount(), BookedOn: "2026-02-04",
		})
		if err != nil {
			return err
		}
		from, to := d.names[debt.GetFromMemberId()], d.names[debt.GetToMemberId()]
		paid = append(paid, fmt.Sprintf("%s pays %s %s", from, to, decimal(debt.GetAmount())))
	}
	tellInOrder(paid)
	left, err := d.debts(ctx)
	if err != nil {
		return err
	}
	fmt.Println("open debts:", len(left))
	return nil
}

func (d dinner) debts(ctx context.Context) ([]*v1.Debt, error) {
	balances, err := d.client.Groups.GetBalances(ctx, &v1.GetBalancesRequest{GroupId: d.group})
	return balances.GetDebts(), err
}

func tellInOrder(lines []string) {
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
