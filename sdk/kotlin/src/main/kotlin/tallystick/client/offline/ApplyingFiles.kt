/**
 * What does a waiting command do to files on the screen? Bringing one needs the server there and then; whether a content is still kept,
 * only it knows.
 */
package tallystick.client.offline

import com.google.protobuf.MessageLite
import tallystick.v1.DeleteFileRequest
import tallystick.v1.RestoreFileRequest

/** What there is no rule for leaves the view as it is. */
internal fun applyToFiles(view: View, command: MessageLite) {
    when (command) {
        is DeleteFileRequest -> deleteNoun(view, Kinds.FILE, command.fileId)
        is RestoreFileRequest -> restoreNoun(view, Kinds.FILE, command.fileId)
    }
}
