// Tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends without a network,
// and is paid back.
//
//     dart run example/story.dart 127.0.0.1:8080 ann@example.com

import 'dart:io';

import 'package:tallystick/tallystick.dart';
import 'package:tallystick/v1.dart' as v1;

const _password = 'correct horse battery';

Future<void> main(List<String> arguments) async {
  if (arguments.length != 2) {
    stderr.writeln('usage: story ADDRESS EMAIL');
    exitCode = 2;
    return;
  }
  final [address, email] = arguments;
  final client = Client(address);
  try {
    await _signUp(client, email);
    final cash = await _keepABook(client);
    final trip = await _shareADinner(client);
    await _spendOffline(client, cash);
    await _settle(client, trip);
    await client.signOut();
    print('signed out');
  } finally {
    await client.close();
  }
}

Future<void> _signUp(Client client, String email) async {
  await client.auth.register(
    v1.RegisterRequest(requestId: newId(), email: email, password: _password, displayName: 'Ann'),
  );
  final signedIn = await client.signIn(email, _password, deviceName: 'story');
  print('signed in: ${signedIn.user.displayName}');
}

/// One account of a book, and what it held by the last answer.
typedef _Cash = ({String bookId, String accountId, v1.Money holds});

/// A group, and what its members are called, by their ids.
typedef _Trip = ({String id, Map<String, String> names});

Future<_Cash> _keepABook(Client client) async {
  final made = await client.ledger.createBook(
    v1.CreateBookRequest(requestId: newId(), name: 'Home', baseCurrency: 'EUR'),
  );
  final book = made.book;
  print('book: ${book.name} ${book.baseCurrency}');
  final opened = await client.ledger.createAccount(
    v1.CreateAccountRequest(
      requestId: newId(),
      bookId: book.id,
      name: 'Cash',
      type: v1.AccountType.ACCOUNT_TYPE_CASH,
      currency: 'EUR',
      openingBalance: parseMoney('100', 'EUR'),
      openingOn: '2026-02-01',
    ),
  );
  print('account: ${opened.account.name}');
  final expense = _expenseOf(book.id, opened.account.id, '12.30', '2026-02-03', 'Bakery');
  final spent = await client.ledger.createTransaction(expense);
  final holds = spent.balance.balance;
  print('expense: ${spent.transaction.payee} leaves ${toDecimal(holds)}');
  return (bookId: book.id, accountId: opened.account.id, holds: holds);
}

/// Spends without a network. This SDK keeps no copies: what is kept is the request, whose id lets it be sent as often
/// as it takes, and the last balance that the server has told.
Future<void> _spendOffline(Client client, _Cash cash) async {
  final kiosk = _expenseOf(cash.bookId, cash.accountId, '3.50', '2026-02-04', 'Kiosk');
  final left = v1.Money(currency: cash.holds.currency, minor: cash.holds.minor - kiosk.amount.minor);
  print('offline: ${kiosk.payee} leaves ${toDecimal(left)}');
  await client.ledger.createTransaction(kiosk);
  final held = await client.ledger.getAccountBalance(
    v1.GetAccountBalanceRequest(bookId: cash.bookId, accountId: cash.accountId),
  );
  print('online: ${kiosk.payee} leaves ${toDecimal(held.balance.balance)}');
}

v1.CreateTransactionRequest _expenseOf(String bookId, String accountId, String amount, String day, String payee) =>
    v1.CreateTransactionRequest(
      requestId: newId(),
      bookId: bookId,
      kind: v1.TransactionKind.TRANSACTION_KIND_EXPENSE,
      accountId: accountId,
      amount: parseMoney(amount, 'EUR'),
      bookedOn: day,
      payee: payee,
    );

Future<_Trip> _shareADinner(Client client) async {
  final made = await client.groups.createGroup(
    v1.CreateGroupRequest(requestId: newId(), name: 'Trip', defaultCurrency: 'EUR', guests: ['Bob', 'Cleo']),
  );
  final group = made.group.id;
  final names = {for (final member in made.members) member.id: member.displayName};
  print('group: ${made.group.name} of ${names.length}');
  final arrived = await _seeItArrive(client, group);
  print('arrived: ${arrived.description} ${toDecimal(arrived.amount)}');
  _tellInOrder([
    for (final share in arrived.shares)
      '${names[share.memberId]} bears '
          '${toDecimal(v1.Money(currency: arrived.amount.currency, minor: share.owedMinor))}',
  ]);
  return (id: group, names: names);
}

/// Watches the group, adds the expense once all that was before is told, and returns it as the stream brings it.
Future<v1.Expense> _seeItArrive(Client client, String group) async {
  var isAdded = false;
  await for (final news in client.watch(cursors: {group: ''})) {
    switch (news) {
      case Changed(:final changes):
        for (final change in changes) {
          if (change.entity.hasExpense()) return change.entity.expense;
        }
      case UpToDate() when !isAdded:
        isAdded = true;
        await _addDinner(client, group);
      default:
        break;
    }
  }
  throw StateError('the stream ended without a word');
}

Future<void> _addDinner(Client client, String group) async {
  await client.groups.createExpense(
    v1.CreateExpenseRequest(
      requestId: newId(),
      groupId: group,
      expense: v1.ExpenseDraft(bookedOn: '2026-02-03', description: 'Dinner', amount: parseMoney('30', 'EUR')),
    ),
  );
}

/// Pays what is owed, debt by debt, and looks whether anything is left.
Future<void> _settle(Client client, _Trip trip) async {
  final paid = <String>[];
  for (final debt in await _debts(client, trip.id)) {
    await client.groups.recordSettlement(
      v1.RecordSettlementRequest(
        requestId: newId(),
        groupId: trip.id,
        fromMemberId: debt.fromMemberId,
        toMemberId: debt.toMemberId,
        amount: debt.amount,
        bookedOn: '2026-02-04',
      ),
    );
    paid.add('${trip.names[debt.fromMemberId]} pays ${trip.names[debt.toMemberId]} ${toDecimal(debt.amount)}');
  }
  _tellInOrder(paid);
  print('open debts: ${(await _debts(client, trip.id)).length}');
}

Future<List<v1.Debt>> _debts(Client client, String group) async {
  final balances = await client.groups.getBalances(v1.GetBalancesRequest(groupId: group));
  return balances.debts;
}

void _tellInOrder(List<String> lines) {
  lines.sort();
  lines.forEach(print);
}
