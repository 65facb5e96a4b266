/** What becomes of a transaction when somebody changes a part of it? It is taken back to a draft, and changed. */
package tallystick.client.offline

import java.math.BigInteger.ZERO
import tallystick.client.build
import tallystick.v1.Entry
import tallystick.v1.Money
import tallystick.v1.Split
import tallystick.v1.SplitChange
import tallystick.v1.Transaction
import tallystick.v1.TransactionDraft
import tallystick.v1.TransactionKind.TRANSACTION_KIND_TRANSFER
import tallystick.v1.TransactionStatus.TRANSACTION_STATUS_CLEARED
import tallystick.v1.TransactionStatus.TRANSACTION_STATUS_RECONCILED

private val EMPTY: TransactionDraft = TransactionDraft.getDefaultInstance()
private val CHANGEABLE: List<String> = (fieldsOf(EMPTY).keys - "transaction_id").toList()
private val MONEY =
    "kind account_id category_id amount splits import_key to_account_id to_amount to_import_key".split(" ")

/** What a single update and one of a batch have in common. */
internal class Update(val paths: List<String>, val change: TransactionDraft, val splitChanges: List<SplitChange>)

/** A transaction as somebody would write it down. The status is left open: entries keep theirs. */
internal fun draftOf(transaction: Transaction): TransactionDraft {
    val entries = transaction.entriesList
    val first = needed(entries.firstOrNull(), "an entry")
    return TransactionDraft.newBuilder().build {
        kind = transaction.kind
        bookedOn = transaction.bookedOn
        payee = transaction.payee
        note = transaction.note
        payeeId = transaction.payeeId
        paymentMethodId = transaction.paymentMethodId
        refundOfId = transaction.refundOfId
        accountId = first.accountId
        importKey = first.importKey
        amount = magnitudeOf(transaction, first)
        addAllTagIds(transaction.tagIdsList)
        addAllAttachmentIds(transaction.attachmentIdsList)
        when {
            kind == TRANSACTION_KIND_TRANSFER && entries.size > 1 -> goTo(first, entries[1])
            isMadeElsewhere(kind) || (entries.size == 1 && first.note.isEmpty()) -> categoryId = first.categoryId
            else -> addAllSplits(entries.map { splitOf(it, first.accountId) })
        }
    }
}

private fun TransactionDraft.Builder.goTo(first: Entry, second: Entry) {
    toAccountId = second.accountId
    toImportKey = second.importKey
    if (second.hasAmount() && second.amount.currency != first.amount.currency) {
        toAmount = moneyOf(second.amount.currency, second.amount.minor)
    }
}

/** The draft of a transaction with a change laid over it. */
internal fun changeDraft(before: Transaction, update: Update): TransactionDraft {
    val names = touched(update.paths, update.change, CHANGEABLE)
    val draft = overlay(draftOf(before), update.change, names)
    requireKind(before, draft)
    val isTransfer = draft.kind == TRANSACTION_KIND_TRANSFER
    return draft.toBuilder().build {
        if (isTransfer && "category_id" !in names) clearCategoryId()
        if (isTransfer && "splits" !in names) clearSplits()
        if (!isTransfer && "to_account_id" !in names) clearToAccountId()
        if (!isTransfer && "to_import_key" !in names) clearToImportKey()
        if (!isTransfer && "to_amount" !in names) clearToAmount()
        if ("splits" in names && splitsCount > 0 && "category_id" !in names) clearCategoryId()
        if (update.splitChanges.isNotEmpty()) changeSplits(before, update.splitChanges)
    }
}

private fun requireKind(before: Transaction, draft: TransactionDraft) {
    val isElsewhere = isMadeElsewhere(before.kind)
    val isOther = draft.kind != before.kind && (isElsewhere || isMadeElsewhere(draft.kind))
    refuseIf(isOther) { "opening balances and adjustments stay what they are" }
    val isMoved = isElsewhere && (draft.accountId.lowercase() != before.getEntries(0).accountId || draft.splitsCount > 0)
    refuseIf(isMoved) { "it belongs to its account" }
    val isWhole = draft.kindValue != 0 && draft.accountId.isNotEmpty() && draft.bookedOn.isNotEmpty() && draft.hasAmount()
    refuseIf(!isWhole) { "kind, account, date and amount cannot be empty" }
}

/** Changes single splits in place. An expense with one part is a split of one. */
private fun TransactionDraft.Builder.changeSplits(before: Transaction, changes: List<SplitChange>) {
    if (splitsCount == 0 && kind != TRANSACTION_KIND_TRANSFER && !isMadeElsewhere(kind)) {
        addAllSplits(before.entriesList.map { splitOf(it, accountId) })
        clearCategoryId()
    }
    for (change in changes) {
        val index = splitsList.indexOfFirst { it.hasLine() && it.line == change.line }
        refuseIf(index < 0) { "it needs a split with that line" }
        setSplits(index, changed(getSplits(index), change))
    }
}

private fun changed(split: Split, change: SplitChange): Split =
    split.toBuilder().build {
        if (change.hasCategoryId()) categoryId = change.categoryId
        if (change.hasAccountId()) accountId = change.accountId
        if (change.hasNote()) note = change.note
        if (change.hasAmount()) amount = moneyOf(change.amount.currency, change.amount.minor)
    }

/** Whether the draft says of accounts, categories and amounts what the transaction has. */
internal fun isSameMoney(draft: TransactionDraft, transaction: Transaction): Boolean =
    moneyPart(draft) == moneyPart(draftOf(transaction))

private fun moneyPart(draft: TransactionDraft): TransactionDraft = overlay(EMPTY, draft, MONEY)

/** A reconciled entry stays. */
internal fun requireUnlocked(before: Transaction, unlock: Boolean) {
    val isCovered = before.entriesList.any { it.status == TRANSACTION_STATUS_RECONCILED }
    refuseIf(isCovered && !unlock) { "a statement covers it" }
}

/** A reconciled entry keeps its account, amount, date and status. With `unlock` it may change, and is cleared then. */
internal fun unlocked(before: Transaction, after: Transaction, unlock: Boolean): Transaction {
    val reconciled = before.entriesList.filter { it.status == TRANSACTION_STATUS_RECONCILED }
    val moved = reconciled.filterNot { isKept(it, before, after) }.map { it.line }
    refuseIf(moved.isNotEmpty() && !unlock) { "a statement covers it" }
    return after.toBuilder().build {
        entriesList.forEachIndexed { index, entry ->
            if (entry.line in moved && entry.status == TRANSACTION_STATUS_RECONCILED) {
                setEntries(index, entry.toBuilder().setStatus(TRANSACTION_STATUS_CLEARED))
            }
        }
    }
}

private fun isKept(entry: Entry, before: Transaction, after: Transaction): Boolean {
    val now = after.entriesList.firstOrNull { it.line == entry.line } ?: return false
    val isSame = now.accountId == entry.accountId && now.amount == entry.amount && now.status == TRANSACTION_STATUS_RECONCILED
    return isSame && after.bookedOn == before.bookedOn
}

private fun splitOf(entry: Entry, usualAccountId: String): Split {
    refuseIf(!entry.hasAmount()) { "it needs an amount" }
    return Split.newBuilder().build {
        categoryId = entry.categoryId
        amount = moneyOf(entry.amount.currency, if (entry.amount.minor < 0) negated(entry.amount.minor) else entry.amount.minor)
        accountId = if (entry.accountId == usualAccountId) "" else entry.accountId
        note = entry.note
        line = entry.line
    }
}

/** How much it is about, above zero, unless it is of a kind that may be below. */
private fun magnitudeOf(transaction: Transaction, first: Entry): Money {
    refuseIf(!first.hasAmount()) { "it needs an amount" }
    val amount = first.amount
    return when {
        isMadeElsewhere(transaction.kind) -> amount
        transaction.kind == TRANSACTION_KIND_TRANSFER -> moneyOf(amount.currency, negated(amount.minor))
        else -> {
            val sum = transaction.entriesList.fold(ZERO) { total, entry -> total + entry.amount.minor.toBigInteger() }
            moneyOf(amount.currency, fitting(sum.abs()))
        }
    }
}
