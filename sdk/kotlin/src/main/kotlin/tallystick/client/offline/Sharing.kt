/**
 * What does an expense come to, as somebody wrote it down or changed it? The same as on the server: from its draft and what the view has,
 * the expense with its shares.
 *
 * Where nothing changes that the shares follow from, they are not even looked at.
 */
package tallystick.client.offline

import tallystick.client.SPLIT_RULE_VERSION
import tallystick.client.build
import tallystick.v1.Conversion
import tallystick.v1.Expense
import tallystick.v1.ExpenseDraft
import tallystick.v1.ExpenseKind
import tallystick.v1.ExpenseSplit
import tallystick.v1.Group
import tallystick.v1.Payer
import tallystick.v1.UpdateExpenseRequest

private val EMPTY: ExpenseDraft = ExpenseDraft.getDefaultInstance()
private val PLAIN = listOf("booked_on", "description", "category", "note", "receipt_ids")
private val DECIDING = listOf("kind", "amount", "payers", "split", "conversion", "refund_of_id")
private val CONVERSION = listOf("conversion", "convert_with", "convert_source")

/** `before`, which has its ids, with all that the draft says and what follows from it. */
internal fun composeExpense(view: View, draft: ExpenseDraft, before: Expense, made: Made): Expense {
    val group = groupIn(view, made)
    refuseIf(draft.amount.minor <= 0) { "the amount must be above zero" }
    val said = composePlain(draft, before).toBuilder().build {
        kindValue = draft.kindValue.takeIf { it != 0 } ?: ExpenseKind.EXPENSE_KIND_EXPENSE_VALUE
        amount = draft.amount
        refundOfId = draft.refundOfId.lowercase()
        clearPayers().addAllPayers(payersOf(view, draft, made))
    }
    val source = refundable(view, said)
    val after = refusingWrong {
        val whole = said.toBuilder().build {
            clearConversion()
            conversionOf(said, draft, group, source)?.let { conversion = it }
            clearSplit()
            splitOf(view, draft, group, source)?.let { split = it }
        }
        whole.toBuilder().build {
            clearShares().addAllShares(sharesOf(outcomeOf(whole, source)))
            ruleVersion = SPLIT_RULE_VERSION
        }
    }
    requireIn(view, membersOf(after), membersOf(before))
    return after
}

private fun conversionOf(before: Expense, draft: ExpenseDraft, group: Group, source: Refundable?): Conversion? =
    conversionOf(draft, group.defaultCurrency, before.conversion) ?: source?.convert(draft.amount.minor)

/** Null: as the expense that is given back. */
private fun splitOf(view: View, draft: ExpenseDraft, group: Group, source: Refundable?): ExpenseSplit? =
    when {
        draft.hasSplit() -> canonicalSplit(draft.split)
        source == null -> defaultSplit(group, presentIds(view))
        else -> null
    }

/** An expense with a change laid over it. */
internal fun changeExpense(view: View, before: Expense, request: UpdateExpenseRequest, made: Made): Expense {
    val old = draftOf(before)
    val draft = changeDraft(before, old, request)
    if (draft.convertWith.isEmpty() && overlay(EMPTY, draft, DECIDING) == overlay(EMPTY, old, DECIDING)) {
        return composePlain(draft, before)
    }
    requireInUse(groupIn(view, made))
    return composeExpense(view, draft, before, made)
}

/** Whether anything about money differs. */
internal fun isMoving(before: Expense, after: Expense): Boolean {
    val money = DECIDING + listOf("shares", "rule_version")
    val part = { expense: Expense -> overlay(Expense.getDefaultInstance(), expense, money) }
    return part(before) != part(after)
}

internal fun refundsOf(view: View, expenseId: String): List<Expense> =
    view.all(Kinds.EXPENSE).values.filter { it.refundOfId == expenseId }

/** If it is a refund of an expense: of that there is as much left. */
internal fun requireLeft(view: View, expense: Expense) {
    refundable(view, expense)?.requireLeft(expense.sharesList.associate { it.memberId to it.owedMinor })
}

internal fun membersOf(expense: Expense): List<String> = expense.sharesList.map { it.memberId }

/** What describes it. No cent moves. */
private fun composePlain(draft: ExpenseDraft, before: Expense): Expense =
    before.toBuilder().build {
        bookedOn = requireDay(draft.bookedOn)
        description = draft.description
        category = draft.category
        note = draft.note
        importKey = draft.importKey
        clearReceiptIds().addAllReceiptIds(draft.receiptIdsList.map(String::lowercase))
    }

private fun payersOf(view: View, draft: ExpenseDraft, made: Made): List<Payer> {
    val told = draft.payersList.ifEmpty { listOf(payerOf(ownMember(view, made).id, draft.amount.minor)) }
    return told.map { payerOf(it.memberId.lowercase(), it.minor) }
}

private fun payerOf(memberId: String, minor: Long): Payer = Payer.newBuilder().setMemberId(memberId).setMinor(minor).build()

/** What the refund gives back of. Null: it names no expense. */
private fun refundable(view: View, refund: Expense): Refundable? {
    val id = refund.refundOfId.ifEmpty { return null }
    return requireRefundable(refund, view.require(Kinds.EXPENSE, id), refundsOf(view, id))
}

private fun outcomeOf(expense: Expense, source: Refundable?): Outcome {
    val paid = paidBy(expense.payersList)
    if (source != null && isSharedAs(expense, source.original)) return source.mirror(expense, paid)
    refuseIf(!expense.hasSplit()) { "it needs a split" }
    val converted = if (expense.hasConversion()) expense.conversion.amount.minor else null
    val outcome = divide(expense.id, expense.amount.minor, paid, specOf(expense.split), converted)
    source?.requireLeft(outcome.plain.owed)
    return outcome
}

/** However the parts are ordered. */
private fun isSharedAs(expense: Expense, original: Expense): Boolean =
    !expense.hasSplit() || (original.hasSplit() && specOf(expense.split) == specOf(original.split))

/** An expense as somebody would write it down. */
private fun draftOf(expense: Expense): ExpenseDraft = overlay(EMPTY, expense, PLAIN + DECIDING + "import_key")

/** The draft of an expense with a change laid over it, and what follows from an amount. */
private fun changeDraft(before: Expense, old: ExpenseDraft, request: UpdateExpenseRequest): ExpenseDraft {
    val values = request.change
    val paths = request.updateMask.pathsList
    val told = touched(paths, values, PLAIN + DECIDING)
    val isConverted = "conversion" in told || (paths.isEmpty() && values.convertWith.isNotEmpty())
    val names = if (isConverted) told + CONVERSION else told
    val draft = overlay(old, values, names.distinct())
    refuseIf(!draft.hasAmount()) { "it needs an amount" }
    if (draft.amount == old.amount) return draft
    val paid = draft.toBuilder().build {
        if ("payers" !in names && payersCount == 1) setPayers(0, payerOf(getPayers(0).memberId, amount.minor))
    }
    return if ("conversion" in names) paid else convertedAgain(before, paid)
}

/**
 * An amount that changed counts by the rate that is kept. Where both amounts were given, or another currency, somebody must say anew; but
 * what is in the currency that it counts as needs no conversion, and a refund is converted as its expense is.
 */
private fun convertedAgain(before: Expense, draft: ExpenseDraft): ExpenseDraft {
    if (!before.hasConversion()) return draft
    val kept = before.conversion
    val hasRate = kept.rate.isNotEmpty()
    val isPlain = draft.amount.currency == kept.amount.currency || (!hasRate && draft.refundOfId.isNotEmpty())
    if (isPlain) return draft.toBuilder().clearConversion().build()
    refuseIf(!hasRate || draft.amount.currency != before.amount.currency) { "the conversion must be said anew" }
    return draft.toBuilder().setConversion(convertedAgain(kept, draft.amount)).build()
}
