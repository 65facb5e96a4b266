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

func keepABook(_ client: TallystickClient) async throws {
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

    var expense = Tallystick_V1_CreateTransactionRequest()
    expense.requestID = newID()
    expense.bookID = book.id
    expense.kind = .expense
    expense.accountID = account.id
    expense.amount = try parseMoney("12.30", "EUR")
    expense.bookedOn = "2026-02-03"
    expense.payee = "Bakery"
    let spent = try await client.ledger.createTransaction(request: expense).answer()
    let left = try spent.balance.balance.decimal()
    print("expense:", spent.transaction.payee, "leaves", left)
}
