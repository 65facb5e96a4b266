/**
 * What do two people and their money look like from an app? They sign up, keep a book, share an expense and settle it.
 *
 * The first argument is the server's address. A test runs it.
 */
package tallystick.sample

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.last
import kotlinx.coroutines.flow.onEach
import tallystick.client.Client
import tallystick.client.News
import tallystick.client.build
import tallystick.client.newId
import tallystick.client.parseMoney
import tallystick.client.toDecimal
import tallystick.client.watch
import tallystick.v1.AccountType
import tallystick.v1.CategoryKind
import tallystick.v1.ConfirmSettlementRequest
import tallystick.v1.CreateAccountRequest
import tallystick.v1.CreateBookRequest
import tallystick.v1.CreateCategoryRequest
import tallystick.v1.CreateExpenseRequest
import tallystick.v1.CreateGroupRequest
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.EqualSplit
import tallystick.v1.Expense
import tallystick.v1.ExpenseDraft
import tallystick.v1.ExpenseSplit
import tallystick.v1.GetBalancesRequest
import tallystick.v1.Group
import tallystick.v1.JoinGroupRequest
import tallystick.v1.JoinPolicy
import tallystick.v1.Member
import tallystick.v1.PullRequest
import tallystick.v1.RecordSettlementRequest
import tallystick.v1.RegisterRequest
import tallystick.v1.TransactionKind

private const val PASSWORD = "correct horse battery"
private const val TODAY = "2026-02-03"

suspend fun main(arguments: Array<String>) {
    val (address) = arguments
    Client(address).use { ann ->
        Client(address).use { bob ->
            signUp(ann, "Ann")
            signUp(bob, "Bob")
            keepBook(ann)
            share(ann, bob)
            ann.signOut()
            bob.signOut()
        }
    }
}

private suspend fun signUp(client: Client, name: String) {
    val email = "$name-${newId()}@example.com".lowercase()
    val register = RegisterRequest.newBuilder().build {
        requestId = newId()
        this.email = email
        password = PASSWORD
        displayName = name
    }
    client.auth.register(register)
    println("${client.signIn(email, PASSWORD, "$name's phone").user.displayName} is signed in")
}

private suspend fun keepBook(ann: Client) {
    val home = newId()
    val cash = newId()
    val food = newId()
    ann.ledger.createBook(
        CreateBookRequest.newBuilder().build {
            requestId = newId()
            bookId = home
            name = "Home"
            baseCurrency = "EUR"
        }
    )
    ann.ledger.createAccount(
        CreateAccountRequest.newBuilder().build {
            requestId = newId()
            bookId = home
            accountId = cash
            name = "Cash"
            type = AccountType.ACCOUNT_TYPE_CASH
            currency = "EUR"
        }
    )
    ann.ledger.createCategory(
        CreateCategoryRequest.newBuilder().build {
            requestId = newId()
            bookId = home
            categoryId = food
            name = "Food"
            kind = CategoryKind.CATEGORY_KIND_EXPENSE
        }
    )
    val bread = CreateTransactionRequest.newBuilder().build {
        requestId = newId()
        bookId = home
        kind = TransactionKind.TRANSACTION_KIND_EXPENSE
        accountId = cash
        categoryId = food
        amount = parseMoney("12.30", "EUR")
        bookedOn = TODAY
        payee = "Bakery"
    }
    println("Ann's cash: ${ann.ledger.createTransaction(bread).balance.balance.toDecimal()}")
}

private suspend fun share(ann: Client, bob: Client) {
    val made = ann.groups.createGroup(
        CreateGroupRequest.newBuilder().build {
            requestId = newId()
            name = "Trip"
            defaultCurrency = "EUR"
            discoverable = true
            joinPolicy = JoinPolicy.JOIN_POLICY_OPEN
        }
    )
    val trip = made.group
    val annIn = made.membersList.first()
    val join = JoinGroupRequest.newBuilder().build {
        requestId = newId()
        groupId = trip.id
    }
    val bobIn = bob.groups.joinGroup(join).member
    val arrived = dineAndSee(ann, bob, trip, listOf(annIn, bobIn))
    println("Bob sees: ${arrived.description}, ${arrived.amount.toDecimal()} ${arrived.amount.currency}")
    showBalances(ann, trip)
    settle(ann, bob, trip, annIn)
    showBalances(ann, trip)
}

/** Bob's telephone has a copy of the group, and watches; Ann pays for dinner. */
private suspend fun dineAndSee(ann: Client, bob: Client, trip: Group, members: List<Member>): Expense = coroutineScope {
    var cursor = bob.sync.pull(PullRequest.newBuilder().build { spaceId = trip.id }).last().cursor
    val seen = async {
        bob.watch { listOf(cursor) }
            .filterIsInstance<News.Changed>()
            .onEach { cursor = it.cursor }
            .first { news -> news.changes.any { it.entity.hasExpense() } }
    }
    val dinner = ExpenseDraft.newBuilder().build {
        bookedOn = TODAY
        description = "Dinner"
        amount = parseMoney("30.01", "EUR")
        split = ExpenseSplit.newBuilder().build { equal = EqualSplit.newBuilder().build { addAllMemberIds(members.map { it.id }) } }
    }
    ann.groups.createExpense(
        CreateExpenseRequest.newBuilder().build {
            requestId = newId()
            groupId = trip.id
            expense = dinner
        }
    )
    seen.await().changes.first { it.entity.hasExpense() }.entity.expense
}

private suspend fun settle(ann: Client, bob: Client, trip: Group, annIn: Member) {
    val debt = bob.groups.getBalances(GetBalancesRequest.newBuilder().build { groupId = trip.id }).debtsList.single()
    val paid = RecordSettlementRequest.newBuilder().build {
        requestId = newId()
        groupId = trip.id
        toMemberId = annIn.id
        amount = debt.amount
        bookedOn = TODAY
    }
    val settlement = bob.groups.recordSettlement(paid).settlement
    val confirm = ConfirmSettlementRequest.newBuilder().build {
        requestId = newId()
        groupId = trip.id
        settlementId = settlement.id
    }
    ann.groups.confirmSettlement(confirm)
    println("Bob has paid, and Ann says so")
}

private suspend fun showBalances(client: Client, trip: Group) {
    val nets = client.groups.getBalances(GetBalancesRequest.newBuilder().build { groupId = trip.id }).balancesList.map { it.net.toDecimal() }
    println("open: ${nets.ifEmpty { listOf("nothing") }.sorted().joinToString()}")
}
