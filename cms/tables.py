"""Tables that can be heard as well as seen: a caption, headings, no merged cells."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock

# More do not fit beside each other on a telephone.
MOST_COLUMNS = 6
MOST_ROWS = 60


class TableBlock(blocks.StructBlock):
    first_column_is_heading = blocks.BooleanBlock(
        required=False,
        label="The first column says what each row is about",
        help_text="For example the days of the week.",
    )
    table = TypedTableBlock(
        [("text", blocks.CharBlock(required=False, max_length=300, label="Text"))],
        help_text="The caption says in one line what the table shows. Every column needs "
        "a heading, or the first column has to be one.",
    )

    class Meta:
        icon = "table"
        label = "Table"
        description = "Facts in rows and columns, up to six columns."

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        why = self._what_is_wrong(cleaned)
        if why:
            raise blocks.StructBlockValidationError(
                # Beside the whole block: the form of a table has no place for it.
                non_block_errors=[ValidationError(why)]
            )
        return cleaned

    def _what_is_wrong(self, value: Any) -> str:
        if self.is_deferred_validation:
            return ""
        table = value["table"]
        if len(table.columns) > MOST_COLUMNS:
            return (
                f"A table of {len(table.columns)} columns cannot be read on a "
                f"telephone. Use at most {MOST_COLUMNS}, or make two tables."
            )
        if len(table.row_data) > MOST_ROWS:
            return f"Use at most {MOST_ROWS} rows, or make two tables."
        if not table.columns or not table.row_data:
            return "Add at least one column and one row, or remove the table."
        if not table.caption.strip():
            return "Write a caption: it says in one line what the table shows."
        headings = [column["heading"].strip() for column in table.columns]
        by_row = value["first_column_is_heading"]
        if not any(headings):
            if by_row:
                return ""
            return (
                "Write a heading above each column, or tick that the first column says "
                "what each row is about: whoever hears the table needs one of them."
            )
        # The corner above headings of rows may stay empty.
        if not all(headings[1:] if by_row else headings):
            return "Write a heading above each column, or above none."
        if by_row and not all(row["values"][0] for row in table.row_data):
            return "Write in the first column of each row what the row is about."
        return ""

    def public(self, value: Any) -> dict[str, Any]:
        table = value["table"]
        headings = [column["heading"].strip() for column in table.columns]
        return {
            "type": "table",
            "caption": (table.caption or "").strip(),
            "columns": headings if any(headings) else [],
            "first_column_is_heading": bool(value["first_column_is_heading"]),
            "rows": [
                [(cell or "").strip() for cell in row["values"]]
                for row in table.row_data
            ],
        }
