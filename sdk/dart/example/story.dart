// Tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, sees it arrive, and is paid back.
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
    await _keepABook(client);
    await _shareADinner(client);
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

Future<void> _keepABook(Client client) async {
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
  final spent = await client.ledger.createTransaction(
    v1.CreateTransactionRequest(
      requestId: newId(),
      bookId: book.id,
      kind: v1.TransactionKind.TRANSACTION_KIND_EXPENSE,
      accountId: opened.account.id,
      amount: parseMoney('12.30', 'EUR'),
      bookedOn: '2026-02-03',
      payee: 'Bakery',
    ),
  );
  print('expense: ${spent.transaction.payee} leaves ${toDecimal(spent.balance.balance)}');
}

Future<void> _shareADinner(Client client) async {
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
  await _settle(client, group, names);
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
Future<void> _settle(Client client, String group, Map<String, String> names) async {
  final paid = <String>[];
  for (final debt in await _debts(client, group)) {
    await client.groups.recordSettlement(
      v1.RecordSettlementRequest(
        requestId: newId(),
        groupId: group,
        fromMemberId: debt.fromMemberId,
        toMemberId: debt.toMemberId,
        amount: debt.amount,
        bookedOn: '2026-02-04',
      ),
    );
    paid.add('${names[debt.fromMemberId]} pays ${names[debt.toMemberId]} ${toDecimal(debt.amount)}');
  }
  _tellInOrder(paid);
  print('open debts: ${(await _debts(client, group)).length}');
}

Future<List<v1.Debt>> _debts(Client client, String group) async {
  final balances = await client.groups.getBalances(v1.GetBalancesRequest(groupId: group));
  return balances.debts;
}

void _tellInOrder(List<String> lines) {
  lines.sort();
  lines.forEach(print);
}
