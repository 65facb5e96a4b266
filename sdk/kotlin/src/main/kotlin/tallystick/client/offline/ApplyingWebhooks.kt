/**
 * What does a waiting command do to webhooks on the screen? Making one needs the server there and then: it shows a secret.
 *
 * Where a webhook may lead, which kinds of entities there are to tell of, and who owns the space, is for the server to say.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.client.build
import tallystick.v1.DeleteWebhookRequest
import tallystick.v1.RestoreWebhookRequest
import tallystick.v1.UpdateWebhookRequest
import tallystick.v1.Webhook
import tallystick.v1.WebhookProblem

private val CHANGEABLE = listOf("url", "kinds", "description", "paused")
private const val WEBHOOKS_MAX = 10

// Whatever else it is: over HTTP, with a host, without credentials and without a fragment.
private val URL = Regex("https?://[^/?#@\\s]+([/?][^#\\s]*)?", RegexOption.IGNORE_CASE)

// Their user may not look any more: whoever lets them go on takes them over.
private val LOST = listOf(WebhookProblem.WEBHOOK_PROBLEM_ACCESS_LOST, WebhookProblem.WEBHOOK_PROBLEM_ROLE_TOO_LOW)

/** What there is no rule for leaves the view as it is. */
internal fun applyToWebhooks(view: View, command: MessageLite, made: Made) {
    when (command) {
        is UpdateWebhookRequest -> updateWebhook(view, command, made)
        is DeleteWebhookRequest -> deleteNoun(view, Kinds.WEBHOOK, command.webhookId)
        is RestoreWebhookRequest -> restoreWebhook(view, command.webhookId, made)
    }
}

private fun updateWebhook(view: View, request: UpdateWebhookRequest, made: Made) {
    val before = view.require(Kinds.WEBHOOK, request.webhookId)
    val names = touched(request.updateMask.pathsList, request, CHANGEABLE)
    val after = overlay(before, request, names).toBuilder().build { description = description.trim() }
    refuseIf(!URL.matches(after.url)) { "a webhook leads to an http or https address" }
    view.put(Kinds.WEBHOOK, goingOn(before, after, made))
}

private fun restoreWebhook(view: View, webhookId: String, made: Made) {
    val found = view.find(Kinds.WEBHOOK, webhookId)?.takeIf { it.deleted } ?: return
    refuseIf(view.all(Kinds.WEBHOOK).size >= WEBHOOKS_MAX) { "the space has as many webhooks as it may have" }
    view.put(Kinds.WEBHOOK, goingOn(found.entity, found.entity, made))
}

/** Whoever changes where it leads makes it tell what they see themselves. */
private fun goingOn(before: Webhook, after: Webhook, made: Made): Webhook =
    after.toBuilder().build {
        if (url != before.url || before.problem in LOST) userId = made.userId.ifEmpty { before.userId }
        clearProblem()
    }
