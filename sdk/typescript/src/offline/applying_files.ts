/** What does a waiting command do to files on the screen? Bringing one needs the server there and then; whether a content is still kept, only it knows. */

import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { deleteNoun, restoreNoun } from "./applying_nouns.js";
import type { View } from "./view.js";

/** What there is no rule for leaves the view as it is. */
export function applyToFiles(view: View, command: Mutation["command"]): void {
  switch (command.case) {
    case "deleteFile":
      return deleteNoun(view, "file", command.value.fileId);
    case "restoreFile":
      return restoreNoun(view, "file", command.value.fileId);
    default:
  }
}
