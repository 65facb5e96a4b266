/** What sees somebody who is not signed in? */

import { reasonOf } from "@tallystick/client";

import { field, h, onSubmit } from "./dom.js";
import { type Place, signIn, signUp } from "./session.js";

export function renderSigning(onSignedIn: (place: Place) => void): HTMLElement {
  const email = h("input", { type: "email", name: "email", autocomplete: "username", required: true });
  const password = h("input", {
    type: "password",
    name: "password",
    autocomplete: "current-password",
    required: true,
    minlength: "8",
  });
  const displayName = h("input", { name: "name", autocomplete: "name", maxlength: "100" });
  const nameField = field("Your name", displayName);
  const problem = h("p", { class: "problem", role: "alert" });
  const submit = h("button", { type: "submit" });
  const other = h("button", { type: "button", class: "quiet", click: () => show(!isNew) });
  const title = h("h2");
  const form = h(
    "form",
    { class: "card narrow" },
    title,
    nameField,
    field("E-mail", email),
    field("Password", password),
    problem,
    submit,
    other,
  );
  let isNew = false;
  const show = (fresh: boolean) => {
    isNew = fresh;
    nameField.hidden = !fresh;
    displayName.required = fresh;
    title.textContent = fresh ? "Create an account" : "Welcome back";
    submit.textContent = fresh ? "Sign up" : "Sign in";
    other.textContent = fresh ? "I have an account" : "I am new here";
  };
  show(false);
  onSubmit(
    form,
    (text) => problem.replaceChildren(text),
    async () => {
      try {
        onSignedIn(
          isNew ? await signUp(email.value, password.value, displayName.value) : await signIn(email.value, password.value),
        );
      } catch (error) {
        throw reasonOf(error) === "WRONG_CREDENTIALS" ? new Error("Address and password do not belong together.") : error;
      }
    },
  );
  return h(
    "main",
    { class: "signing" },
    h("header", {}, h("h1", {}, "Tallystick"), h("p", {}, "Your money, also without a network.")),
    form,
  );
}
