// Gives each cell of a table in the editor a name that a screen reader can say: its row,
// and the heading of its column. Wagtail gives them none.
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
  const nameAll = () => {
    document.querySelectorAll(".typed-table-block table").forEach(nameCells);
  };
  document.addEventListener("DOMContentLoaded", () => {
    nameAll();
    new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
    document.addEventListener("change", nameAll);
  });
})();
