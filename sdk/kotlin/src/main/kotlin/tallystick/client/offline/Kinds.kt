/** Which kinds of entity are there, and how does each lie in an `Entity`? Messages of protobuf-lite cannot be asked, so a table says it. */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.v1.Account
import tallystick.v1.Book
import tallystick.v1.Budget
import tallystick.v1.BudgetItem
import tallystick.v1.BudgetMove
import tallystick.v1.Category
import tallystick.v1.ClientValue
import tallystick.v1.Conflict
import tallystick.v1.Display
import tallystick.v1.Entity
import tallystick.v1.Entity.KindCase
import tallystick.v1.Expense
import tallystick.v1.ExpenseComment
import tallystick.v1.File
import tallystick.v1.Group
import tallystick.v1.GroupLink
import tallystick.v1.Import
import tallystick.v1.ImportProfile
import tallystick.v1.JoinRequest
import tallystick.v1.Member
import tallystick.v1.Notification
import tallystick.v1.NotificationPreferences
import tallystick.v1.Payee
import tallystick.v1.PaymentMethod
import tallystick.v1.Preferences
import tallystick.v1.Rate
import tallystick.v1.Reconciliation
import tallystick.v1.RecurringExpense
import tallystick.v1.Rule
import tallystick.v1.Settlement
import tallystick.v1.SettlementPlan
import tallystick.v1.Tag
import tallystick.v1.Template
import tallystick.v1.Transaction
import tallystick.v1.User
import tallystick.v1.Webhook

/** A kind of entity: `book.list(Kinds.ACCOUNT)`. */
public class Kind<M : MessageLite> internal constructor(
    internal val case: KindCase,
    internal val idOf: (M) -> String,
    private val unwrap: (Entity) -> M,
    private val put: Entity.Builder.(M) -> Entity.Builder,
) {
    /** As the contract writes it: `payment_method`. */
    public val name: String = case.name.lowercase()

    /** The entity itself. */
    internal fun of(entity: Entity): M = unwrap(entity)

    internal fun wrap(message: M): Entity = Entity.newBuilder().put(message).build()

    override fun toString(): String = name
}

/** Every kind of entity that this version knows. */
public object Kinds {
    /** In a home: the user. */
    @JvmField public val PROFILE: Kind<User> = Kind(KindCase.PROFILE, User::getId, Entity::getProfile) { setProfile(it) }
    @JvmField public val MEMBER: Kind<Member> = Kind(KindCase.MEMBER, Member::getId, Entity::getMember) { setMember(it) }
    @JvmField public val PREFERENCES: Kind<Preferences> =
        Kind(KindCase.PREFERENCES, Preferences::getId, Entity::getPreferences) { setPreferences(it) }
    @JvmField public val CONFLICT: Kind<Conflict> = Kind(KindCase.CONFLICT, Conflict::getId, Entity::getConflict) { setConflict(it) }
    @JvmField public val DISPLAY: Kind<Display> = Kind(KindCase.DISPLAY, Display::getId, Entity::getDisplay) { setDisplay(it) }
    @JvmField public val CLIENT_VALUE: Kind<ClientValue> =
        Kind(KindCase.CLIENT_VALUE, ClientValue::getId, Entity::getClientValue) { setClientValue(it) }
    @JvmField public val NOTIFICATION: Kind<Notification> =
        Kind(KindCase.NOTIFICATION, Notification::getId, Entity::getNotification) { setNotification(it) }
    @JvmField public val NOTIFICATION_PREFERENCES: Kind<NotificationPreferences> =
        Kind(KindCase.NOTIFICATION_PREFERENCES, NotificationPreferences::getId, Entity::getNotificationPreferences) {
            setNotificationPreferences(it)
        }
    @JvmField public val BOOK: Kind<Book> = Kind(KindCase.BOOK, Book::getId, Entity::getBook) { setBook(it) }
    @JvmField public val ACCOUNT: Kind<Account> = Kind(KindCase.ACCOUNT, Account::getId, Entity::getAccount) { setAccount(it) }
    @JvmField public val CATEGORY: Kind<Category> = Kind(KindCase.CATEGORY, Category::getId, Entity::getCategory) { setCategory(it) }
    @JvmField public val PAYEE: Kind<Payee> = Kind(KindCase.PAYEE, Payee::getId, Entity::getPayee) { setPayee(it) }
    @JvmField public val PAYMENT_METHOD: Kind<PaymentMethod> =
        Kind(KindCase.PAYMENT_METHOD, PaymentMethod::getId, Entity::getPaymentMethod) { setPaymentMethod(it) }
    @JvmField public val TAG: Kind<Tag> = Kind(KindCase.TAG, Tag::getId, Entity::getTag) { setTag(it) }
    @JvmField public val TRANSACTION: Kind<Transaction> =
        Kind(KindCase.TRANSACTION, Transaction::getId, Entity::getTransaction) { setTransaction(it) }
    @JvmField public val RECONCILIATION: Kind<Reconciliation> =
        Kind(KindCase.RECONCILIATION, Reconciliation::getId, Entity::getReconciliation) { setReconciliation(it) }
    @JvmField public val TEMPLATE: Kind<Template> = Kind(KindCase.TEMPLATE, Template::getId, Entity::getTemplate) { setTemplate(it) }
    @JvmField public val RATE: Kind<Rate> = Kind(KindCase.RATE, Rate::getId, Entity::getRate) { setRate(it) }
    @JvmField public val RULE: Kind<Rule> = Kind(KindCase.RULE, Rule::getId, Entity::getRule) { setRule(it) }
    @JvmField public val GROUP_LINK: Kind<GroupLink> =
        Kind(KindCase.GROUP_LINK, GroupLink::getId, Entity::getGroupLink) { setGroupLink(it) }
    @JvmField public val BUDGET: Kind<Budget> = Kind(KindCase.BUDGET, Budget::getId, Entity::getBudget) { setBudget(it) }
    @JvmField public val BUDGET_ITEM: Kind<BudgetItem> =
        Kind(KindCase.BUDGET_ITEM, BudgetItem::getId, Entity::getBudgetItem) { setBudgetItem(it) }
    @JvmField public val BUDGET_MOVE: Kind<BudgetMove> =
        Kind(KindCase.BUDGET_MOVE, BudgetMove::getId, Entity::getBudgetMove) { setBudgetMove(it) }
    @JvmField public val WEBHOOK: Kind<Webhook> = Kind(KindCase.WEBHOOK, Webhook::getId, Entity::getWebhook) { setWebhook(it) }
    @JvmField public val FILE: Kind<File> = Kind(KindCase.FILE, File::getId, Entity::getFile) { setFile(it) }
    @JvmField public val FILE_IMPORT: Kind<Import> = Kind(KindCase.FILE_IMPORT, Import::getId, Entity::getFileImport) { setFileImport(it) }
    @JvmField public val IMPORT_PROFILE: Kind<ImportProfile> =
        Kind(KindCase.IMPORT_PROFILE, ImportProfile::getId, Entity::getImportProfile) { setImportProfile(it) }
    /** In a group: the group itself. */
    @JvmField public val EXPENSE_GROUP: Kind<Group> =
        Kind(KindCase.EXPENSE_GROUP, Group::getId, Entity::getExpenseGroup) { setExpenseGroup(it) }
    @JvmField public val JOIN_REQUEST: Kind<JoinRequest> =
        Kind(KindCase.JOIN_REQUEST, JoinRequest::getId, Entity::getJoinRequest) { setJoinRequest(it) }
    @JvmField public val EXPENSE: Kind<Expense> = Kind(KindCase.EXPENSE, Expense::getId, Entity::getExpense) { setExpense(it) }
    @JvmField public val EXPENSE_COMMENT: Kind<ExpenseComment> =
        Kind(KindCase.EXPENSE_COMMENT, ExpenseComment::getId, Entity::getExpenseComment) { setExpenseComment(it) }
    @JvmField public val RECURRING_EXPENSE: Kind<RecurringExpense> =
        Kind(KindCase.RECURRING_EXPENSE, RecurringExpense::getId, Entity::getRecurringExpense) { setRecurringExpense(it) }
    @JvmField public val SETTLEMENT: Kind<Settlement> =
        Kind(KindCase.SETTLEMENT, Settlement::getId, Entity::getSettlement) { setSettlement(it) }
    @JvmField public val SETTLEMENT_PLAN: Kind<SettlementPlan> =
        Kind(KindCase.SETTLEMENT_PLAN, SettlementPlan::getId, Entity::getSettlementPlan) { setSettlementPlan(it) }

    internal val all: List<Kind<*>> =
        listOf(
            PROFILE, MEMBER, PREFERENCES, CONFLICT, DISPLAY, CLIENT_VALUE, NOTIFICATION, NOTIFICATION_PREFERENCES,
            BOOK, ACCOUNT, CATEGORY, PAYEE, PAYMENT_METHOD, TAG, TRANSACTION, RECONCILIATION, TEMPLATE, RATE, RULE, GROUP_LINK,
            BUDGET, BUDGET_ITEM, BUDGET_MOVE, WEBHOOK, FILE, FILE_IMPORT, IMPORT_PROFILE,
            EXPENSE_GROUP, JOIN_REQUEST, EXPENSE, EXPENSE_COMMENT, RECURRING_EXPENSE, SETTLEMENT, SETTLEMENT_PLAN,
        )

    internal val byCase: Map<KindCase, Kind<*>> = all.associateBy { it.case }
    internal val byName: Map<String, Kind<*>> = all.associateBy { it.name }
}
