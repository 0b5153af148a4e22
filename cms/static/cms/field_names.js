// Gives fields in the editor a name that a screen reader can say where Wagtail gives them
// none: each cell of a table its row and the heading of its column, a block that is one
// field the heading of the block, and an editor of rich text the label above it.
(() => {
  const nameCells = (table) => {
    const headings = [...table.querySelectorAll("input.column-heading")];
    headings.forEach((input, column) => {
      input.setAttribute("aria-label", `Heading of column ${column + 1}`);
    });
    [...table.tBodies[0].rows].forEach((row, number) => {
      const cells = [...row.cells].filter((cell) => !cell.matches(".control-cell"));
      cells.forEach((cell, column) => {
        const heading = headings[column]?.value.trim() || `column ${column + 1}`;
        cell.querySelectorAll("input:not([type=hidden]), textarea").forEach((field) => {
          field.setAttribute("aria-label", `Row ${number + 1}, ${heading}`);
        });
      });
    });
  };
  const fields = "[role=textbox], input:not([type=hidden]), textarea, select";
  const nameField = (field) => {
    if (field.labels?.length || field.ariaLabel || field.hasAttribute("aria-labelledby")) {
      return;
    }
    const block = field.closest("[data-streamfield-child]");
    for (let around = field.parentElement; around !== block; around = around.parentElement) {
      const label = around.querySelector(":scope > label");
      if (label) {
        field.setAttribute("aria-label", label.textContent.replace("*", "").trim());
        return;
      }
    }
    const heading = block.querySelector(".w-panel__heading");
    if (heading) {
      field.setAttribute("aria-labelledby", heading.id);
    }
  };
  const nameAll = () => {
    document.querySelectorAll("[data-streamfield-child]").forEach((block) => {
      block.querySelectorAll(fields).forEach(nameField);
    });
    document.querySelectorAll(".typed-table-block table").forEach(nameCells);
  };
  document.addEventListener("DOMContentLoaded", () => {
    nameAll();
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
    document.addEventListener("change", nameAll);
  });
})();
