/**
 * What does an app do with Tallystick? This tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends
 * without a network, and is paid back.
 *
 * The arguments are the server's address and an email address. A test runs it.
 */
package tallystick.sample

import java.io.File
import kotlin.io.path.createTempDirectory
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import tallystick.client.Client
import tallystick.client.FileTokens
import tallystick.client.build
import tallystick.client.newId
import tallystick.client.offline.Kinds
import tallystick.client.offline.OfflineBook
import tallystick.client.offline.SqliteStorage
import tallystick.client.offline.Storage
import tallystick.client.offline.Watcher
import tallystick.client.parseMoney
import tallystick.client.toDecimal
import tallystick.v1.Account
import tallystick.v1.AccountType
import tallystick.v1.CreateAccountRequest
import tallystick.v1.CreateBookRequest
import tallystick.v1.CreateExpenseRequest
import tallystick.v1.CreateGroupRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.Expense
import tallystick.v1.ExpenseDraft
import tallystick.v1.GetAccountBalanceRequest
import tallystick.v1.GetBalancesRequest
import tallystick.v1.Money
import tallystick.v1.RecordSettlementRequest
import tallystick.v1.RegisterRequest
import tallystick.v1.TransactionKind

private const val PASSWORD = "correct horse battery"

/** A group, and what its members are called, by their ids. */
private class Trip(val id: String, val names: Map<String, String>)

suspend fun main(arguments: Array<String>) {
    val (address, email) = arguments
    val place = createTempDirectory().toFile()
    try {
        SqliteStorage.open(File(place, "copies.db")).use { tell(address, email, FileTokens(File(place, "tokens")), it) }
    } finally {
        place.deleteRecursively()
    }
}

private suspend fun tell(address: String, email: String, tokens: FileTokens, storage: Storage) {
    val (account, trip) = Client(address, tokens).use { client ->
        signUp(client, email)
        val account = keepABook(client)
        val trip = shareADinner(client, storage)
        OfflineBook.open(storage, account.bookId).sync(client)
        account to trip
    }
    // Without a client there is no network.
    spend(storage, account)
    Client(address, tokens).use { client ->
        goOnline(client, storage, account)
        settle(client, trip)
        client.signOut()
        println("signed out")
    }
}

private suspend fun signUp(client: Client, email: String) {
    val register = RegisterRequest.newBuilder().build {
        requestId = newId()
        this.email = email
        password = PASSWORD
        displayName = "Ann"
    }
    client.auth.register(register)
    println("signed in: ${client.signIn(email, PASSWORD, "sample").user.displayName}")
}

private suspend fun keepABook(client: Client): Account {
    val home = CreateBookRequest.newBuilder().build {
        requestId = newId()
        name = "Home"
        baseCurrency = "EUR"
    }
    val book = client.ledger.createBook(home).book
    println("book: ${book.name} ${book.baseCurrency}")
    val cash = CreateAccountRequest.newBuilder().build {
        requestId = newId()
        bookId = book.id
        name = "Cash"
        type = AccountType.ACCOUNT_TYPE_CASH
        currency = "EUR"
        openingBalance = parseMoney("100", "EUR")
        openingOn = "2026-02-01"
    }
    val account = client.ledger.createAccount(cash).account
    println("account: ${account.name}")
    val spent = client.ledger.createTransaction(expense(account, "Bakery", "12.30", "2026-02-03"))
    println("expense: ${spent.transaction.payee} leaves ${spent.balance.balance.toDecimal()}")
    return account
}

private fun expense(account: Account, payee: String, amount: String, day: String): CreateTransactionRequest =
    CreateTransactionRequest.newBuilder().build {
        requestId = newId()
        bookId = account.bookId
        kind = TransactionKind.TRANSACTION_KIND_EXPENSE
        accountId = account.id
        this.amount = parseMoney(amount, account.currency)
        bookedOn = day
        this.payee = payee
    }

private suspend fun shareADinner(client: Client, storage: Storage): Trip {
    val group = CreateGroupRequest.newBuilder().build {
        requestId = newId()
        name = "Trip"
        defaultCurrency = "EUR"
        addAllGuests(listOf("Bob", "Cleo"))
    }
    val made = client.groups.createGroup(group)
    val trip = Trip(made.group.id, made.membersList.associate { it.id to it.displayName })
    println("group: ${made.group.name} of ${trip.names.size}")
    val arrived = seeItArrive(client, storage, trip)
    println("arrived: ${arrived.description} ${arrived.amount.toDecimal()}")
    val shares = arrived.sharesList.map { "${trip.names[it.memberId]} bears ${euros(it.owedMinor)}" }
    shares.sorted().forEach(::println)
    return trip
}

/** Watches a copy of the group, adds the expense once that is whole, and returns it as the stream brings it. */
private suspend fun seeItArrive(client: Client, storage: Storage, trip: Trip): Expense = coroutineScope {
    val copy = OfflineBook.open(storage, trip.id)
    copy.pull(client)
    val watching = launch { Watcher(client, storage).also { it.add(copy) }.run() }
    val dinner = ExpenseDraft.newBuilder().build {
        bookedOn = "2026-02-03"
        description = "Dinner"
        amount = parseMoney("30", "EUR")
    }
    client.groups.createExpense(
        CreateExpenseRequest.newBuilder().build {
            requestId = newId()
            groupId = trip.id
            expense = dinner
        }
    )
    val arrived = copy.observe { list(Kinds.EXPENSE) }.first { it.isNotEmpty() }.single()
    watching.cancel()
    arrived
}

/** Spends from a copy of the book. */
private suspend fun spend(storage: Storage, account: Account) {
    val copy = OfflineBook.open(storage, account.bookId)
    copy.submit(expense(account, "Kiosk", "3.50", "2026-02-04"))
    val shown = copy.balances().first { it.account.id == account.id }
    println("offline: Kiosk leaves ${shown.balance.toDecimal()}")
}

private suspend fun goOnline(client: Client, storage: Storage, account: Account) {
    OfflineBook.open(storage, account.bookId).sync(client)
    val asked = GetAccountBalanceRequest.newBuilder().build {
        bookId = account.bookId
        accountId = account.id
    }
    println("online: Kiosk leaves ${client.ledger.getAccountBalance(asked).balance.balance.toDecimal()}")
}

/** Pays what is owed, debt by debt, and looks whether anything is left. */
private suspend fun settle(client: Client, trip: Trip) {
    val asked = GetBalancesRequest.newBuilder().build { groupId = trip.id }
    val debts = client.groups.getBalances(asked).debtsList
    for (debt in debts) {
        client.groups.recordSettlement(
            RecordSettlementRequest.newBuilder().build {
                requestId = newId()
                groupId = trip.id
                fromMemberId = debt.fromMemberId
                toMemberId = debt.toMemberId
                amount = debt.amount
                bookedOn = "2026-02-04"
            }
        )
    }
    val paid = debts.map { "${trip.names[it.fromMemberId]} pays ${trip.names[it.toMemberId]} ${it.amount.toDecimal()}" }
    paid.sorted().forEach(::println)
    println("open debts: ${client.groups.getBalances(asked).debtsCount}")
}

private fun euros(minor: Long): String = Money.newBuilder().setCurrency("EUR").setMinor(minor).build().toDecimal()
