/** What does a waiting command do to the things of a book on the screen? Most commands are alike for every kind of thing. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.CloseAccountRequest
import tallystick.v1.CreateAccountRequest
import tallystick.v1.CreateCategoryRequest
import tallystick.v1.CreatePayeeRequest
import tallystick.v1.CreatePaymentMethodRequest
import tallystick.v1.CreateRuleRequest
import tallystick.v1.CreateTagRequest
import tallystick.v1.CreateTemplateRequest
import tallystick.v1.DeleteAccountRequest
import tallystick.v1.DeleteCategoryRequest
import tallystick.v1.DeletePayeeRequest
import tallystick.v1.DeletePaymentMethodRequest
import tallystick.v1.DeleteRuleRequest
import tallystick.v1.DeleteTagRequest
import tallystick.v1.DeleteTemplateRequest
import tallystick.v1.Entry
import tallystick.v1.MergeCategoriesRequest
import tallystick.v1.ReopenAccountRequest
import tallystick.v1.ReorderCategoriesRequest
import tallystick.v1.ReorderRulesRequest
import tallystick.v1.RestoreAccountRequest
import tallystick.v1.RestoreCategoryRequest
import tallystick.v1.RestorePayeeRequest
import tallystick.v1.RestorePaymentMethodRequest
import tallystick.v1.RestoreRuleRequest
import tallystick.v1.RestoreTagRequest
import tallystick.v1.RestoreTemplateRequest
import tallystick.v1.Transaction
import tallystick.v1.TransactionKind
import tallystick.v1.TransactionStatus
import tallystick.v1.UpdateAccountRequest
import tallystick.v1.UpdateBookRequest
import tallystick.v1.UpdateCategoryRequest
import tallystick.v1.UpdatePayeeRequest
import tallystick.v1.UpdatePaymentMethodRequest
import tallystick.v1.UpdateRuleRequest
import tallystick.v1.UpdateTagRequest
import tallystick.v1.UpdateTemplateRequest

private val BOOK = Noun(Kinds.BOOK, "name base_currency first_day_of_week first_day_of_month time_zone")
private val ACCOUNT = Noun(Kinds.ACCOUNT, "name type position icon color note held_by_member_id")
private val CATEGORY = Noun(Kinds.CATEGORY, "name parent_id position icon color archived")
private val PAYEE = Noun(Kinds.PAYEE, "name default_category_id")
private val PAYMENT_METHOD = Noun(Kinds.PAYMENT_METHOD, "name icon")
private val TAG = Noun(Kinds.TAG, "name color")
private val RULE = Noun(Kinds.RULE, "name when then position disabled")
private val TEMPLATE = Noun(Kinds.TEMPLATE, "name draft schedule mode paused")

/** What there is no rule for leaves the view as it is. */
internal fun applyInLedger(view: View, command: MessageLite, made: Made) {
    create(view, command, made)
    update(view, command, made)
    delete(view, command)
    restore(view, command)
    when (command) {
        is CloseAccountRequest -> setClosed(view, command.accountId, command.closedOn)
        is ReopenAccountRequest -> setClosed(view, command.accountId, "")
        is MergeCategoriesRequest -> mergeCategories(view, command)
        is ReorderCategoriesRequest -> reorderCategories(view, command.categoryIdsList)
        is ReorderRulesRequest -> reorderRules(view, command.ruleIdsList)
    }
}

private fun create(view: View, command: MessageLite, made: Made) {
    when (command) {
        is CreateAccountRequest -> createAccount(view, command, made)
        is CreateCategoryRequest -> createNoun(view, CATEGORY, command.categoryId, command, made)
        is CreatePayeeRequest -> createNoun(view, PAYEE, command.payeeId, command, made)
        is CreatePaymentMethodRequest -> createNoun(view, PAYMENT_METHOD, command.paymentMethodId, command, made)
        is CreateTagRequest -> createNoun(view, TAG, command.tagId, command, made)
        is CreateRuleRequest -> createNoun(view, RULE, command.ruleId, command, made)
        is CreateTemplateRequest -> createNoun(view, TEMPLATE, command.templateId, command, made)
    }
}

private fun update(view: View, command: MessageLite, made: Made) {
    when (command) {
        is UpdateBookRequest -> updateNoun(view, BOOK, command.bookId, command, command.updateMask.pathsList)
        is UpdateAccountRequest -> updateAccount(view, command, made)
        is UpdateCategoryRequest -> updateNoun(view, CATEGORY, command.categoryId, command, command.updateMask.pathsList)
        is UpdatePayeeRequest -> updateNoun(view, PAYEE, command.payeeId, command, command.updateMask.pathsList)
        is UpdatePaymentMethodRequest ->
            updateNoun(view, PAYMENT_METHOD, command.paymentMethodId, command, command.updateMask.pathsList)
        is UpdateTagRequest -> updateNoun(view, TAG, command.tagId, command, command.updateMask.pathsList)
        is UpdateRuleRequest -> updateNoun(view, RULE, command.ruleId, command, command.updateMask.pathsList)
        is UpdateTemplateRequest -> updateNoun(view, TEMPLATE, command.templateId, command, command.updateMask.pathsList)
    }
}

private fun delete(view: View, command: MessageLite) {
    when (command) {
        is DeleteAccountRequest -> deleteNoun(view, Kinds.ACCOUNT, command.accountId)
        is DeleteCategoryRequest -> deleteNoun(view, Kinds.CATEGORY, command.categoryId)
        is DeletePayeeRequest -> deleteNoun(view, Kinds.PAYEE, command.payeeId)
        is DeletePaymentMethodRequest -> deleteNoun(view, Kinds.PAYMENT_METHOD, command.paymentMethodId)
        is DeleteTagRequest -> deleteNoun(view, Kinds.TAG, command.tagId)
        is DeleteRuleRequest -> deleteNoun(view, Kinds.RULE, command.ruleId)
        is DeleteTemplateRequest -> deleteNoun(view, Kinds.TEMPLATE, command.templateId)
    }
}

private fun restore(view: View, command: MessageLite) {
    when (command) {
        is RestoreAccountRequest -> restoreNoun(view, Kinds.ACCOUNT, command.accountId)
        is RestoreCategoryRequest -> restoreNoun(view, Kinds.CATEGORY, command.categoryId)
        is RestorePayeeRequest -> restoreNoun(view, Kinds.PAYEE, command.payeeId)
        is RestorePaymentMethodRequest -> restoreNoun(view, Kinds.PAYMENT_METHOD, command.paymentMethodId)
        is RestoreTagRequest -> restoreNoun(view, Kinds.TAG, command.tagId)
        is RestoreRuleRequest -> restoreNoun(view, Kinds.RULE, command.ruleId)
        is RestoreTemplateRequest -> restoreNoun(view, Kinds.TEMPLATE, command.templateId)
    }
}

/** The stand-in for its opening balance has the account's id: the server gives it another one. */
private fun createAccount(view: View, request: CreateAccountRequest, made: Made) {
    val opens = request.hasOpeningBalance() && request.openingBalance.minor != 0L
    val isOpened = !opens || (request.openingBalance.currency == request.currency && request.openingOn.isNotEmpty())
    refuseIf(!isOpened) { "an opening balance is in the account's currency, on a day" }
    val isNew = view.find(Kinds.ACCOUNT, request.accountId) == null
    createNoun(view, ACCOUNT, request.accountId, request, made)
    if (!isNew) return
    val account = view.require(Kinds.ACCOUNT, request.accountId).let { plain ->
        plain.toBuilder().build {
            privateTo = if (request.private) made.userId else ""
            openingTransactionId = if (opens) plain.id else ""
        }
    }
    view.put(Kinds.ACCOUNT, account)
    if (!opens) return
    val entry = Entry.newBuilder().build {
        accountId = account.id
        amount = moneyOf(request.currency, request.openingBalance.minor)
        status = TransactionStatus.TRANSACTION_STATUS_CLEARED
    }
    val opening = Transaction.newBuilder().build {
        id = account.id
        bookId = made.spaceId
        kind = TransactionKind.TRANSACTION_KIND_OPENING
        bookedOn = request.openingOn
        addEntries(entry)
        status = entry.status
        privateTo = account.privateTo
        made.at?.let { createdAt = it }
    }
    view.add(Kinds.TRANSACTION, opening)
}

private fun updateAccount(view: View, request: UpdateAccountRequest, made: Made) {
    val before = view.require(Kinds.ACCOUNT, request.accountId)
    val names = touched(request.updateMask.pathsList, request, ACCOUNT.changeable + "private")
    val after = named(overlay(before, request, names - "private"))
    val isMoved = "private" in names
    view.put(Kinds.ACCOUNT, if (isMoved) after.toBuilder().build { privateTo = if (request.private) made.userId else "" } else after)
}

private fun setClosed(view: View, accountId: String, day: String) {
    view.put(Kinds.ACCOUNT, view.require(Kinds.ACCOUNT, accountId).toBuilder().build { closedOn = day })
}

/** Gives the named ones the positions from 1 on, in their order. */
private fun reorderCategories(view: View, ids: List<String>) {
    ids.forEachIndexed { index, id ->
        view.put(Kinds.CATEGORY, view.require(Kinds.CATEGORY, id).toBuilder().build { position = index + 1 })
    }
}

private fun reorderRules(view: View, ids: List<String>) {
    ids.forEachIndexed { index, id -> view.put(Kinds.RULE, view.require(Kinds.RULE, id).toBuilder().build { position = index + 1 }) }
}
