/** What can wait in an outbox, and what does each command change? */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.client.newId
import tallystick.v1.*

/** Commands that make the one thing they are about, by what it is. */
internal val MAKING: Map<Class<out MessageLite>, Kind<*>> =
    mapOf(
        CreateAccountRequest::class.java to Kinds.ACCOUNT,
        CreateCategoryRequest::class.java to Kinds.CATEGORY,
        CreateTransactionRequest::class.java to Kinds.TRANSACTION,
        CreatePayeeRequest::class.java to Kinds.PAYEE,
        CreatePaymentMethodRequest::class.java to Kinds.PAYMENT_METHOD,
        CreateTagRequest::class.java to Kinds.TAG,
        CreateTemplateRequest::class.java to Kinds.TEMPLATE,
        CreateRuleRequest::class.java to Kinds.RULE,
        AddGuestRequest::class.java to Kinds.MEMBER,
        CreateExpenseRequest::class.java to Kinds.EXPENSE,
        AddCommentRequest::class.java to Kinds.EXPENSE_COMMENT,
        CreateRecurringExpenseRequest::class.java to Kinds.RECURRING_EXPENSE,
        CreateSettlementPlanRequest::class.java to Kinds.SETTLEMENT_PLAN,
        RecordSettlementRequest::class.java to Kinds.SETTLEMENT,
        CreateBudgetRequest::class.java to Kinds.BUDGET,
        CopyBudgetRequest::class.java to Kinds.BUDGET,
        CreateBudgetItemRequest::class.java to Kinds.BUDGET_ITEM,
        AssignMoneyRequest::class.java to Kinds.BUDGET_MOVE,
        MoveMoneyRequest::class.java to Kinds.BUDGET_MOVE,
    )

/** Commands that change the one thing they name, by what it is. */
internal val CHANGING: Map<Class<out MessageLite>, Kind<*>> =
    mapOf(
        UpdateMemberRequest::class.java to Kinds.MEMBER,
        RemoveMemberRequest::class.java to Kinds.MEMBER,
        LeaveGroupRequest::class.java to Kinds.MEMBER,
        ResolveConflictRequest::class.java to Kinds.CONFLICT,
        UpdateBookRequest::class.java to Kinds.BOOK,
        UpdateAccountRequest::class.java to Kinds.ACCOUNT,
        CloseAccountRequest::class.java to Kinds.ACCOUNT,
        ReopenAccountRequest::class.java to Kinds.ACCOUNT,
        ReconcileAccountRequest::class.java to Kinds.ACCOUNT,
        DeleteAccountRequest::class.java to Kinds.ACCOUNT,
        RestoreAccountRequest::class.java to Kinds.ACCOUNT,
        UpdateCategoryRequest::class.java to Kinds.CATEGORY,
        DeleteCategoryRequest::class.java to Kinds.CATEGORY,
        RestoreCategoryRequest::class.java to Kinds.CATEGORY,
        UpdatePayeeRequest::class.java to Kinds.PAYEE,
        DeletePayeeRequest::class.java to Kinds.PAYEE,
        RestorePayeeRequest::class.java to Kinds.PAYEE,
        UpdatePaymentMethodRequest::class.java to Kinds.PAYMENT_METHOD,
        DeletePaymentMethodRequest::class.java to Kinds.PAYMENT_METHOD,
        RestorePaymentMethodRequest::class.java to Kinds.PAYMENT_METHOD,
        UpdateTagRequest::class.java to Kinds.TAG,
        DeleteTagRequest::class.java to Kinds.TAG,
        RestoreTagRequest::class.java to Kinds.TAG,
        UpdateTransactionRequest::class.java to Kinds.TRANSACTION,
        DeleteTransactionRequest::class.java to Kinds.TRANSACTION,
        RestoreTransactionRequest::class.java to Kinds.TRANSACTION,
        RevertTransactionRequest::class.java to Kinds.TRANSACTION,
        UpdateTemplateRequest::class.java to Kinds.TEMPLATE,
        SkipOccurrenceRequest::class.java to Kinds.TEMPLATE,
        ExecuteTemplateRequest::class.java to Kinds.TEMPLATE,
        DeleteTemplateRequest::class.java to Kinds.TEMPLATE,
        RestoreTemplateRequest::class.java to Kinds.TEMPLATE,
        DeleteRateRequest::class.java to Kinds.RATE,
        UpdateRuleRequest::class.java to Kinds.RULE,
        DeleteRuleRequest::class.java to Kinds.RULE,
        RestoreRuleRequest::class.java to Kinds.RULE,
        UpdateGroupLinkRequest::class.java to Kinds.GROUP_LINK,
        UnlinkGroupRequest::class.java to Kinds.GROUP_LINK,
        UpdateGroupRequest::class.java to Kinds.EXPENSE_GROUP,
        ArchiveGroupRequest::class.java to Kinds.EXPENSE_GROUP,
        UnarchiveGroupRequest::class.java to Kinds.EXPENSE_GROUP,
        LockPeriodRequest::class.java to Kinds.EXPENSE_GROUP,
        ReopenPeriodRequest::class.java to Kinds.EXPENSE_GROUP,
        AnswerJoinRequestRequest::class.java to Kinds.JOIN_REQUEST,
        UpdateExpenseRequest::class.java to Kinds.EXPENSE,
        DeleteExpenseRequest::class.java to Kinds.EXPENSE,
        RestoreExpenseRequest::class.java to Kinds.EXPENSE,
        RevertExpenseRequest::class.java to Kinds.EXPENSE,
        DeleteCommentRequest::class.java to Kinds.EXPENSE_COMMENT,
        UpdateRecurringExpenseRequest::class.java to Kinds.RECURRING_EXPENSE,
        DeleteRecurringExpenseRequest::class.java to Kinds.RECURRING_EXPENSE,
        RestoreRecurringExpenseRequest::class.java to Kinds.RECURRING_EXPENSE,
        CancelSettlementPlanRequest::class.java to Kinds.SETTLEMENT_PLAN,
        ConfirmSettlementRequest::class.java to Kinds.SETTLEMENT,
        DisputeSettlementRequest::class.java to Kinds.SETTLEMENT,
        ReverseSettlementRequest::class.java to Kinds.SETTLEMENT,
        UpdateBudgetRequest::class.java to Kinds.BUDGET,
        DeleteBudgetRequest::class.java to Kinds.BUDGET,
        RestoreBudgetRequest::class.java to Kinds.BUDGET,
        UpdateBudgetItemRequest::class.java to Kinds.BUDGET_ITEM,
        DeleteBudgetItemRequest::class.java to Kinds.BUDGET_ITEM,
        RestoreBudgetItemRequest::class.java to Kinds.BUDGET_ITEM,
        DeleteNotificationRequest::class.java to Kinds.NOTIFICATION,
        UpdateWebhookRequest::class.java to Kinds.WEBHOOK,
        DeleteWebhookRequest::class.java to Kinds.WEBHOOK,
        RestoreWebhookRequest::class.java to Kinds.WEBHOOK,
        DeleteFileRequest::class.java to Kinds.FILE,
        RestoreFileRequest::class.java to Kinds.FILE,
    )

/** The field with the id, where it is not `<kind>_id`. */
private val ID_FIELDS: Map<Kind<*>, String> =
    mapOf(
        Kinds.GROUP_LINK to "link_id",
        Kinds.EXPENSE_GROUP to "group_id",
        Kinds.EXPENSE_COMMENT to "comment_id",
        Kinds.RECURRING_EXPENSE to "recurring_id",
        Kinds.SETTLEMENT_PLAN to "plan_id",
        Kinds.BUDGET_ITEM to "item_id",
        Kinds.BUDGET_MOVE to "move_id",
    )

/** The first that a command has is its space. */
private val SPACE_FIELDS = listOf("space_id", "book_id", "group_id")

/** A command with everything in it that a device makes: its request id, its space, and the ids of what it creates. */
internal fun composeCommand(message: MessageLite, spaceId: String): Mutation {
    // What cannot wait fails here.
    Mutation.newBuilder().putCommand(message)
    val named = filled(message, "request_id", ::newId)
    val spaceField = SPACE_FIELDS.firstOrNull { it in fieldsOf(message) }
    val placed = if (spaceField == null) named else filled(named, spaceField) { spaceId }
    return Mutation.newBuilder().putCommand(minted(placed)).build()
}

internal fun requestIdOf(mutation: Mutation): String = commandIn(mutation)?.let { textIn(it, "request_id") }.orEmpty()

internal fun withRequestId(mutation: Mutation, requestId: String): Mutation {
    val command = commandIn(mutation) ?: return mutation
    return mutation.toBuilder().putCommand(withText(command, "request_id", requestId)).build()
}

private inline fun <M : MessageLite> filled(command: M, name: String, make: () -> String): M =
    if (textIn(command, name).isNullOrEmpty()) withText(command, name, make()) else command

private fun minted(command: MessageLite): MessageLite =
    when (command) {
        is CreateExpenseRequest -> command.toBuilder().build { expense = minted(expense) }
        is BatchCreateTransactionsRequest -> {
            val drafts = command.transactionsList.map { filled(it, "transaction_id", ::newId) }
            command.toBuilder().clearTransactions().addAllTransactions(drafts).build()
        }
        is BatchCreateExpensesRequest -> command.toBuilder().clearExpenses().addAllExpenses(command.expensesList.map(::minted)).build()
        is ReconcileAccountRequest -> filled(command, "reconciliation_id", ::newId)
        else -> MAKING[command.javaClass]?.let { filled(command, idFieldOf(command, it), ::newId) } ?: command
    }

private fun minted(draft: ExpenseDraft): ExpenseDraft = filled(draft, "expense_id", ::newId)

/** The field with the id of the one thing that a command is about. Of a copy that is the new one. */
private fun idFieldOf(command: MessageLite, kind: Kind<*>): String =
    if (command is CopyBudgetRequest) "new_budget_id" else ID_FIELDS[kind] ?: "${kind.name}_id"

/** Whether what a command is about was not there before it. */
internal fun isNew(mutation: Mutation): Boolean {
    val command = commandIn(mutation) ?: return false
    return command.javaClass in MAKING || command is BatchCreateTransactionsRequest || command is BatchCreateExpensesRequest
}

/** The entities that a command changes, as far as it names them. */
internal fun targetsOf(mutation: Mutation, spaceId: String): List<String> =
    when (val command = commandIn(mutation)) {
        null -> emptyList()
        is BatchCreateTransactionsRequest -> command.transactionsList.map { targetOf(Kinds.TRANSACTION, it.transactionId) }
        is BatchUpdateTransactionsRequest -> command.updatesList.map { targetOf(Kinds.TRANSACTION, it.transactionId) }
        is BatchDeleteTransactionsRequest -> command.transactionIdsList.map { targetOf(Kinds.TRANSACTION, it) }
        is BatchCreateExpensesRequest -> command.expensesList.map { targetOf(Kinds.EXPENSE, it.expenseId) }
        is ReorderCategoriesRequest -> command.categoryIdsList.map { targetOf(Kinds.CATEGORY, it) }
        is ReorderRulesRequest -> command.ruleIdsList.map { targetOf(Kinds.RULE, it) }
        is MergeCategoriesRequest -> listOf(command.categoryId, command.intoCategoryId).map { targetOf(Kinds.CATEGORY, it) }
        is CreateExpenseRequest -> listOf(targetOf(Kinds.EXPENSE, command.expense.expenseId))
        is RecordSettlementRequest -> {
            val plan = listOf(command.planId).filter { it.isNotEmpty() }.map { targetOf(Kinds.SETTLEMENT_PLAN, it) }
            listOf(targetOf(Kinds.SETTLEMENT, command.settlementId)) + plan
        }
        else -> targetsInHome(command, spaceId) ?: listOfNotNull(targetNamedIn(command))
    }

private fun targetsInHome(command: MessageLite, homeId: String): List<String>? =
    when (command) {
        // A user has one profile, which the command does not name.
        is UpdateMeRequest -> listOf(targetOf(Kinds.PROFILE, ""))
        is UpdateSettingsRequest -> listOf(targetOf(Kinds.PREFERENCES, homeId), targetOf(Kinds.PROFILE, ""))
        is UpdateDisplayRequest -> displaysIn(homeId, command.thing.takeIf { command.hasThing() })
        is ResetDisplayRequest -> displaysIn(homeId, command.thing.takeIf { command.hasThing() })
        is PutClientValueRequest -> listOf(targetOf(Kinds.CLIENT_VALUE, clientValueId(homeId, command.key)))
        is DeleteClientValueRequest -> listOf(targetOf(Kinds.CLIENT_VALUE, clientValueId(homeId, command.key)))
        is MarkReadRequest -> command.notificationIdsList.map { targetOf(Kinds.NOTIFICATION, it) }
        is MarkAllReadRequest -> listOfNotNull(command.notificationId.ifEmpty { null }).map { targetOf(Kinds.NOTIFICATION, it) }
        is UpdateNotificationPreferencesRequest ->
            listOf(targetOf(Kinds.NOTIFICATION_PREFERENCES, notificationPreferencesId(homeId)))
        else -> null
    }

private fun displaysIn(homeId: String, thing: BookThing?): List<String> =
    listOfNotNull(thing).map { targetOf(Kinds.DISPLAY, displayId(homeId, it)) }

private fun targetNamedIn(command: MessageLite): String? {
    val kind = MAKING[command.javaClass] ?: CHANGING[command.javaClass] ?: return null
    // Whoever leaves may be the caller, whom the command does not name.
    val id = textIn(command, idFieldOf(command, kind)).orEmpty()
    return if (id.isEmpty()) null else targetOf(kind, id)
}
