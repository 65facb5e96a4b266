// How does somebody come to keep a book?

import Tallystick

func signUp(_ client: TallystickClient, _ email: String, _ password: String) async throws {
    var request = Tallystick_V1_RegisterRequest()
    request.requestID = newID()
    request.email = email
    request.password = password
    request.displayName = "Ann"
    _ = try await client.auth.register(request: request).answer()
    let signedIn = try await client.signIn(email: email, password: password, deviceName: "sample")
    print("signed in:", signedIn.user.displayName)
}

/// One account of a book, and what it held by the last answer.
struct Cash {
    let bookID: String
    let accountID: String
    let holds: Tallystick_V1_Money
}

func keepABook(_ client: TallystickClient) async throws -> Cash {
    var newBook = Tallystick_V1_CreateBookRequest()
    newBook.requestID = newID()
    newBook.name = "Home"
    newBook.baseCurrency = "EUR"
    let book = try await client.ledger.createBook(request: newBook).answer().book
    print("book:", book.name, book.baseCurrency)

    var newAccount = Tallystick_V1_CreateAccountRequest()
    newAccount.requestID = newID()
    newAccount.bookID = book.id
    newAccount.name = "Cash"
    newAccount.type = .cash
    newAccount.currency = "EUR"
    newAccount.openingBalance = try parseMoney("100", "EUR")
    newAccount.openingOn = "2026-02-01"
    let account = try await client.ledger.createAccount(request: newAccount).answer().account
    print("account:", account.name)

    let expense = try expenseOf(book.id, account.id, "12.30", "2026-02-03", "Bakery")
    let spent = try await client.ledger.createTransaction(request: expense).answer()
    let left = try spent.balance.balance.decimal()
    print("expense:", spent.transaction.payee, "leaves", left)
    return Cash(bookID: book.id, accountID: account.id, holds: spent.balance.balance)
}

/// Spends without a network. This SDK keeps no copies: what is kept is the request, whose id lets it be sent as often as it takes, and the
/// last balance that the server has told.
func spendOffline(_ client: TallystickClient, _ cash: Cash) async throws {
    let kiosk = try expenseOf(cash.bookID, cash.accountID, "3.50", "2026-02-04", "Kiosk")
    var left = cash.holds
    left.minor -= kiosk.amount.minor
    let shown = try left.decimal()
    print("offline:", kiosk.payee, "leaves", shown)

    _ = try await client.ledger.createTransaction(request: kiosk).answer()
    var asked = Tallystick_V1_GetAccountBalanceRequest()
    asked.bookID = cash.bookID
    asked.accountID = cash.accountID
    let held = try await client.ledger.getAccountBalance(request: asked).answer().balance.balance.decimal()
    print("online:", kiosk.payee, "leaves", held)
}

private func expenseOf(
    _ bookID: String, _ accountID: String, _ amount: String, _ day: String, _ payee: String
) throws -> Tallystick_V1_CreateTransactionRequest {
    var expense = Tallystick_V1_CreateTransactionRequest()
    expense.requestID = newID()
    expense.bookID = bookID
    expense.kind = .expense
    expense.accountID = accountID
    expense.amount = try parseMoney(amount, "EUR")
    expense.bookedOn = day
    expense.payee = payee
    return expense
}
