"""How blocks with parts read: steps, tables, diagrams, films, files.

Pure functions over public data, for ``cms.rendering``, which cleans what they return.
Whatever stands in the data stands in both forms, so that nobody gets less.
"""

from collections.abc import Callable, Iterable, Mapping
from textwrap import indent
from typing import Any, TypeAlias

from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from .attachments import size_in_words
from .plain_text import text_of_html

Block: TypeAlias = Mapping[str, Any]

# What stands in the place of something that was taken away. Says nothing of why.
LEFT_OUT = "Something that stood here is no longer shown."
CAPTIONS_IN_PICTURE = "The film has captions that everybody sees."
ORDERED = {"steps"}


def _safe(html: str) -> str:
    # ``cms.rendering`` made it, and cleans it once more.
    return mark_safe(html)  # noqa: S308


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))


def _steps_html(block: Block) -> str:
    steps = ((step["title"], _safe(step.get("html", ""))) for step in block["steps"])
    points = format_html_join("", "<li><p><strong>{}</strong></p>{}</li>", steps)
    return format_html("<ol>{}</ol>", points)


def _steps_text(block: Block) -> str:
    lines: list[str] = []
    for number, step in enumerate(block["steps"], 1):
        lines.append(f"{number}. {step['title']}")
        if "html" in step:
            lines.append(indent(text_of_html(step["html"]), "   "))
    return "\n".join(lines)


def _question_html(block: Block) -> str:
    return format_html("<h3>{}</h3>{}", block["question"], _safe(block["html"]))


def _question_text(block: Block) -> str:
    return _joined([block["question"], text_of_html(block["html"])])


def _diagram_html(block: Block) -> str:
    picture = ""
    if "url" in block:
        picture = format_html(
            '<img src="{}" alt="{}" width="{}" height="{}">',
            block["url"],
            block["alt"],
            block["width"],
            block["height"],
        )
    caption = format_html("<figcaption>{}</figcaption>", block["title"])
    return _joined(
        [
            format_html("<figure>{}{}</figure>", picture, caption),
            *(_part_html(part) for part in block["parts"]),
        ]
    )


def _part_html(part: Block) -> str:
    tag = "ol" if part["kind"] in ORDERED else "ul"
    points = format_html_join(
        "", "<li>{}</li>", ((_point_html(point),) for point in part["points"])
    )
    return format_html("<h3>{}</h3><{}>{}</{}>", part["heading"], tag, points, tag)


def _point_html(point: Mapping[str, str]) -> str:
    if "meaning" in point:
        return format_html(
            "<strong>{}</strong>: {}", point.get("name", ""), point["meaning"]
        )
    return format_html("{}", _point_text(point))


def _point_text(point: Mapping[str, str]) -> str:
    if "meaning" in point:
        return f"{point.get('name', '')}: {point['meaning']}"
    names = ("name", "start", "relation", "end")
    return " ".join(point[name] for name in names if name in point)


def _diagram_text(block: Block) -> str:
    alt = f". {block['alt']}" if block.get("alt") else ""
    return "\n\n".join(
        [f"[Diagram: {block['title']}{alt}]", *map(_part_text, block["parts"])]
    )


def _part_text(part: Block) -> str:
    points = [
        f"{f'{number}.' if part['kind'] in ORDERED else '-'} {_point_text(point)}"
        for number, point in enumerate(part["points"], 1)
    ]
    return "\n".join([part["heading"], *points])


def _video_html(block: Block) -> str:
    length = f" ({block['length']})" if "length" in block else ""
    captions = [CAPTIONS_IN_PICTURE] if block["captions_in_picture"] else []
    if "captions_url" in block:
        captions.append(
            format_html(
                '<a href="{}">Captions for this film</a>', block["captions_url"]
            )
        )
    return _joined(
        [
            format_html(
                '<p><a href="{}"><strong>Watch the film: {}</strong></a>{}</p>',
                block["url"],
                block["title"],
                length,
            ),
            *(format_html("<p>{}</p>", one) for one in captions),
            format_html("<h3>The film in words: {}</h3>", block["title"]),
            _safe(block["transcript"]),
        ]
    )


def _video_text(block: Block) -> str:
    length = f" ({block['length']})" if "length" in block else ""
    lines = [f"Film: {block['title']}{length}", block["url"]]
    if block["captions_in_picture"]:
        lines.append(CAPTIONS_IN_PICTURE)
    if "captions_url" in block:
        lines.append(f"Captions: {block['captions_url']}")
    words = text_of_html(block["transcript"])
    return "\n\n".join(filter(None, ["\n".join(lines), f"In words:\n{words}"]))


def _table_html(block: Block) -> str:
    by_row = block["first_column_is_heading"]
    head = ""
    if block["columns"]:
        cells = format_html_join(
            "", "{}", ((_heading_html(one),) for one in block["columns"])
        )
        head = format_html("<thead><tr>{}</tr></thead>", cells)
    rows = format_html_join(
        "", "<tr>{}</tr>", ((_row_html(row, by_row),) for row in block["rows"])
    )
    return format_html(
        "<table><caption>{}</caption>{}<tbody>{}</tbody></table>",
        block["caption"],
        head,
        rows,
    )


def _heading_html(words: str) -> str:
    # A heading without words would be read out as one.
    return (
        format_html('<th scope="col">{}</th>', words) if words else _safe("<td></td>")
    )


def _row_html(row: list[str], by_row: bool) -> str:
    first = format_html('<th scope="row">{}</th>', row[0]) if by_row and row else ""
    rest = ((cell,) for cell in row[1 if by_row else 0 :])
    return format_html("{}{}", first, format_html_join("", "<td>{}</td>", rest))


def _table_text(block: Block) -> str:
    return "\n".join(
        [block["caption"], *(_row_text(row, block) for row in block["rows"])]
    )


def _row_text(row: list[str], block: Block) -> str:
    """A row as a line, each cell with the heading of its column."""
    headings = block["columns"] or [""] * len(row)
    said = [
        f"{heading}: {cell}" if heading else cell
        for heading, cell in zip(headings, row, strict=True)
        if cell
    ]
    if block["first_column_is_heading"] and not headings[0] and said:
        return f"- {said[0]}: {'; '.join(said[1:])}"
    return f"- {'; '.join(said)}"


def _related_html(block: Block) -> str:
    if not block["body"]:
        return ""
    points = format_html_join(
        "", "<li>{}</li>", ((_related_item(one),) for one in block["body"])
    )
    return format_html("<h3>{}</h3><ul>{}</ul>", block["heading"], points)


def _related_item(item: Block) -> str:
    if item["type"] == "left_out":
        return LEFT_OUT
    return format_html('<a href="{}">{}</a>', item["url"], item["title"])


def _related_text(block: Block) -> str:
    if not block["body"]:
        return ""
    lines = [
        f"- {LEFT_OUT if one['type'] == 'left_out' else _title_and_address(one)}"
        for one in block["body"]
    ]
    return "\n".join([block["heading"], *lines])


def _title_and_address(item: Block) -> str:
    return f"{item['title']}: {item['url']}"


def _attachment_html(block: Block) -> str:
    name = format_html("<strong>{}</strong>", block["title"])
    if "url" in block:
        name = format_html(
            '<a href="{}"><strong>{}</strong> ({})</a>',
            block["url"],
            block["title"],
            _what_it_is(block),
        )
    return format_html("<p>{}<br>{}</p>", name, block["contents"])


def _attachment_text(block: Block) -> str:
    lines = [f"File: {block['title']}", block["contents"]]
    if "url" in block:
        lines[0] += f" ({_what_it_is(block)})"
        lines.append(block["url"])
    return "\n".join(lines)


def _what_it_is(block: Block) -> str:
    return f"{block['format']}, {size_in_words(block['bytes'])}"


HTML: dict[str, Callable[[Block], str]] = {
    "steps": _steps_html,
    "question": _question_html,
    "diagram": _diagram_html,
    "video": _video_html,
    "table": _table_html,
    "related_items": _related_html,
    "attachment": _attachment_html,
}
TEXT: dict[str, Callable[[Block], str]] = {
    "steps": _steps_text,
    "question": _question_text,
    "diagram": _diagram_text,
    "video": _video_text,
    "table": _table_text,
    "related_items": _related_text,
    "attachment": _attachment_text,
}
