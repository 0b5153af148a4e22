/*
 * Buttons that copy: <button type="button" data-copies="ID" hidden>Copy</button>
 *
 * ID is of the field or element whose text is copied. With data-plain="ID" it is copied with
 * its headings and links, and for programs that take no more, as the text of that other one.
 *
 * Without this script the buttons stay hidden, because they could do nothing; the text can be
 * marked and copied by hand.
 */
(() => {
  "use strict";

  const SECONDS = 4;
  const status = document.createElement("p");
  status.className = "only-heard";
  status.setAttribute("role", "status");
  document.body.append(status);

  const text = (element) => (element.value ?? element.textContent).trim();

  /** Marks all of it, so that a keyboard or a long press can copy it. */
  const mark = (element) => {
    if (element.select) {
      element.focus();
      element.select();
    } else {
      getSelection().selectAllChildren(element);
    }
  };

  /** The same for programs that take headings and links, and for those that do not. */
  const both = (element, plain) => {
    const as = (type, words) => [type, new Blob([words], { type })];
    return new ClipboardItem(
      Object.fromEntries([
        as("text/html", element.innerHTML.trim()),
        as("text/plain", text(document.getElementById(plain))),
      ]),
    );
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copies);
    let said = "Copied";
    try {
      await (button.dataset.plain
        ? navigator.clipboard.write([both(source, button.dataset.plain)])
        : navigator.clipboard.writeText(text(source)));
    } catch {
      // Not allowed, or not over HTTPS.
      mark(source);
      said = "Marked: now copy it";
    }
    const before = (button.dataset.label ??= button.textContent);
    button.textContent = said;
    status.textContent = `${said}.`;
    clearTimeout(button.dataset.timer);
    button.dataset.timer = setTimeout(() => {
      button.textContent = before;
      status.textContent = "";
    }, SECONDS * 1000);
  };

  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
})();
