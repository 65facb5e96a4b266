/** How does what somebody writes down become the entries of a transaction? As the server composes them. */
package tallystick.client.offline

import java.math.BigInteger.TEN
import java.math.BigInteger.ZERO
import tallystick.client.build
import tallystick.client.exponentOf
import tallystick.v1.Account
import tallystick.v1.CategoryKind
import tallystick.v1.CreateTransactionRequest
import tallystick.v1.Entry
import tallystick.v1.Money
import tallystick.v1.Split
import tallystick.v1.Transaction
import tallystick.v1.TransactionDraft
import tallystick.v1.TransactionKind
import tallystick.v1.TransactionKind.TRANSACTION_KIND_ADJUSTMENT
import tallystick.v1.TransactionKind.TRANSACTION_KIND_EXPENSE
import tallystick.v1.TransactionKind.TRANSACTION_KIND_INCOME
import tallystick.v1.TransactionKind.TRANSACTION_KIND_OPENING
import tallystick.v1.TransactionKind.TRANSACTION_KIND_TRANSFER
import tallystick.v1.TransactionStatus

private const val RATE_DIGITS = 12

/** The request of a single transaction and the draft of a batch have the same fields. */
internal fun draftIn(request: CreateTransactionRequest): TransactionDraft {
    val empty = TransactionDraft.getDefaultInstance()
    return overlay(empty, request, fieldsOf(empty).keys)
}

/** Made by other calls than those that record transactions, with an amount that may be below zero. */
internal fun isMadeElsewhere(kind: TransactionKind): Boolean =
    kind == TRANSACTION_KIND_OPENING || kind == TRANSACTION_KIND_ADJUSTMENT

/** The entries of a draft. Those that go on from `before` keep their lines. */
internal fun composeEntries(view: View, draft: TransactionDraft, before: List<Entry> = emptyList()): List<Entry> {
    refuseIf(!draft.hasAmount()) { "it needs an amount" }
    val minor = draft.amount.minor
    refuseIf(minor == 0L || (minor < 0 && !isMadeElsewhere(draft.kind))) { "the amount must be above zero" }
    if (draft.kind == TRANSACTION_KIND_TRANSFER) return composeTransfer(view, draft, before)
    val goesOn = draft.toAccountId.isNotEmpty() || draft.hasToAmount() || draft.toImportKey.isNotEmpty()
    refuseIf(goesOn) { "only transfers go to another account" }
    return if (draft.splitsCount > 0) composeSplits(view, draft, before) else listOf(composeWhole(view, draft, before))
}

private fun composeTransfer(view: View, draft: TransactionDraft, before: List<Entry>): List<Entry> {
    val isTransfer = draft.toAccountId.isNotEmpty() && draft.categoryId.isEmpty() && draft.splitsCount == 0
    refuseIf(!isTransfer) { "a transfer goes to another account, and has no category" }
    val leaving = draft.amount
    val source = accountFor(view, draft.accountId, leaving)
    val arriving = if (draft.hasToAmount()) draft.toAmount else leaving
    val target = accountFor(view, draft.toAccountId, arriving)
    refuseIf(source.id == target.id || arriving.minor <= 0) { "a transfer moves something to another account" }
    val isSame = source.currency != target.currency || arriving.minor == leaving.minor
    refuseIf(!isSame) { "in one currency the same amount arrives" }
    val (first, second) = if (before.size > 1) before.map { it.line } else listOf(0, 1)
    return listOf(
        entryOf(source.id, moneyOf(leaving.currency, -leaving.minor), first, draft.importKey),
        entryOf(target.id, arriving, second, draft.toImportKey),
    )
}

private fun composeWhole(view: View, draft: TransactionDraft, before: List<Entry>): Entry {
    val account = accountFor(view, draft.accountId, draft.amount)
    val category = categoryFor(view, draft.kind, draft.categoryId, before)
    val line = before.firstOrNull()?.line ?: 0
    return entryOf(account.id, signed(draft.kind, draft.amount), line, draft.importKey).toBuilder().build { categoryId = category }
}

private fun composeSplits(view: View, draft: TransactionDraft, before: List<Entry>): List<Entry> {
    val sum = draft.splitsList.fold(ZERO) { total, split -> total + split.amount.minor.toBigInteger() }
    val isWhole = draft.categoryId.isEmpty() && sum == draft.amount.minor.toBigInteger()
    refuseIf(!isWhole) { "splits add up to the amount, and have categories of their own" }
    val lines = linesOf(draft.splitsList, before)
    return draft.splitsList.mapIndexed { index, split ->
        refuseIf(!split.hasAmount()) { "it needs an amount" }
        val account = accountFor(view, split.accountId.ifEmpty { draft.accountId }, split.amount)
        val category = categoryFor(view, draft.kind, split.categoryId, before)
        val key = if (index == 0) draft.importKey else ""
        val entry = entryOf(account.id, signed(draft.kind, split.amount), lines[index], key)
        entry.toBuilder().build { categoryId = category; note = split.note }
    }
}

/** Lines never change hands: a part that goes on keeps its own, and a new one gets one that was never used. */
private fun linesOf(splits: List<Split>, before: List<Entry>): List<Int> {
    val known = before.map { it.line }
    val kept = splits.filter { it.hasLine() }.map { it.line }
    refuseIf(kept.any { it !in known } || kept.toSet().size < kept.size) { "a split names a line that is not there, or twice" }
    var following = (known.maxOrNull() ?: -1) + 1
    return splits.map { if (it.hasLine()) it.line else following++ }
}

private fun entryOf(accountId: String, amount: Money, line: Int, importKey: String): Entry =
    Entry.newBuilder().build {
        this.accountId = accountId
        this.amount = moneyOf(amount.currency, amount.minor)
        this.line = line
        this.importKey = importKey
    }

private fun signed(kind: TransactionKind, amount: Money): Money =
    if (kind == TRANSACTION_KIND_EXPENSE) moneyOf(amount.currency, negated(amount.minor)) else amount

internal fun moneyOf(currency: String, minor: Long): Money = Money.newBuilder().setCurrency(currency).setMinor(minor).build()

private fun accountFor(view: View, accountId: String, amount: Money): Account {
    val account = view.require(Kinds.ACCOUNT, accountId)
    refuseIf(account.currency != amount.currency) { "the amount is not in the account's currency" }
    return account
}

private fun categoryFor(view: View, kind: TransactionKind, categoryId: String, before: List<Entry>): String {
    if (categoryId.isEmpty()) return ""
    val category = view.require(Kinds.CATEGORY, categoryId)
    val isIncome = kind == TRANSACTION_KIND_INCOME
    val wanted = if (isIncome) CategoryKind.CATEGORY_KIND_INCOME else CategoryKind.CATEGORY_KIND_EXPENSE
    // What is on it already may stay, also if nothing new could have it.
    val isKept = before.any { it.categoryId == category.id }
    val isWrong = isMadeElsewhere(kind) || category.kind != wanted || (category.archived && !isKept)
    refuseIf(isWrong) { "the category is not for this" }
    return category.id
}

/** Nothing is booked on an account after the day it was closed. What is on it already may be corrected where it is. */
internal fun requireOpen(view: View, after: Transaction, before: Transaction? = null) {
    val here = if (before?.bookedOn == after.bookedOn) before.entriesList.map { it.accountId } else emptyList()
    for (entry in after.entriesList) {
        val closedOn = view.require(Kinds.ACCOUNT, entry.accountId).closedOn
        val isClosed = closedOn.isNotEmpty() && after.bookedOn > closedOn && entry.accountId !in here
        refuseIf(isClosed) { "the account was closed before that day" }
    }
}

/** Fills in what follows from the entries. */
internal fun finish(view: View, transaction: Transaction): Transaction {
    val entries = transaction.entriesList
    val owners = entries.map { view.require(Kinds.ACCOUNT, it.accountId).privateTo }.distinct()
    val amounts = entries.map { it.amount }
    val isTransfer = transaction.kind == TRANSACTION_KIND_TRANSFER && entries.size > 1
    val isExchange = isTransfer && amounts[0].currency != amounts[1].currency
    return transaction.toBuilder().build {
        statusValue = leastStatus(entries)
        impliedRate = if (isExchange) impliedRate(amounts[0], amounts[1]) else ""
        privateTo = owners.singleOrNull().orEmpty()
    }
}

internal fun leastStatus(entries: List<Entry>): Int = needed(entries.minOfOrNull { it.statusValue }, "an entry")

/** What one unit of the first was worth, to 12 significant digits, rounded half to even. */
internal fun impliedRate(leaving: Money, arriving: Money): String {
    val paid = arriving.minor.toBigInteger() * TEN.pow(exponentOf(leaving.currency))
    val cost = leaving.minor.toBigInteger().negate() * TEN.pow(exponentOf(arriving.currency))
    val whole = paid / cost
    var decimals = RATE_DIGITS - if (whole.signum() == 0) 0 else whole.toString().length
    while (whole.signum() == 0 && paid * TEN.pow(decimals) < cost * TEN.pow(RATE_DIGITS - 1)) decimals += 1
    val (up, down) = if (decimals < 0) paid to cost * TEN.pow(-decimals) else paid * TEN.pow(decimals) to cost
    val rounded = roundedQuotient(up, down).toString()
    if (decimals <= 0) return rounded + "0".repeat(-decimals)
    val digits = rounded.padStart(decimals + 1, '0')
    val fraction = digits.takeLast(decimals).trimEnd('0')
    return digits.dropLast(decimals) + if (fraction.isEmpty()) "" else ".$fraction"
}

/** Entries that go on keep their status, unless one is given. New ones are pending beside pending ones, and cleared otherwise. */
internal fun carryStatuses(entries: List<Entry>, before: List<Entry>, statusValue: Int): List<Entry> {
    val isPending = before.isNotEmpty() && before.all { it.status == TransactionStatus.TRANSACTION_STATUS_PENDING }
    val usual = if (isPending) TransactionStatus.TRANSACTION_STATUS_PENDING else TransactionStatus.TRANSACTION_STATUS_CLEARED
    return entries.map { entry ->
        val kept = before.firstOrNull { it.line == entry.line }?.statusValue ?: 0
        val told = listOf(statusValue, kept, usual.number).first { it != 0 }
        entry.toBuilder().setStatusValue(told).build()
    }
}
