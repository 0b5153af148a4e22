"""The one door through which files get into the libraries.

The forms say beside the field what is wrong with a file. Whatever way a file takes, a
form, a script or a later version of Wagtail, it passes ``save`` of its field last, and
that stores nothing but a picture drawn anew or an attachment that was looked at.
"""

from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models.fields.files import FieldFile
from django.forms.fields import FileField
from wagtail.documents.forms import BaseDocumentForm
from wagtail.documents.models import Document
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm
from wagtail.images.models import Image, WagtailImageFieldFile
from wagtail.models import UploadedFile

from . import attachments, pictures
from .errors import NotAnAttachment, NotAPicture


class Checked(ContentFile):  # type: ignore[type-arg]
    """A file that passed: it is not looked at, or drawn, a second time."""

    def __init__(self, content: bytes, name: str, content_type: str) -> None:
        super().__init__(content, name=name)
        self.content_type = content_type


def connect() -> None:
    """Put the door in place. Called once, when the app is ready."""
    for model, door in (
        (Image, PictureFile),
        (Document, AttachmentFile),
        (UploadedFile, WaitingFile),
    ):
        model._meta.get_field("file").attr_class = door


def picture(file: Any, *, as_named: bool = False) -> Checked:
    """Return an uploaded picture drawn anew. Raises ``NotAPicture``.

    With ``as_named`` it has to be what the end of its name says.
    """
    if file.size > pictures.MOST_BYTES:
        raise NotAPicture(pictures.TOO_LARGE)
    suffix = PurePath(file.name or "").suffix if as_named else None
    drawn = pictures.redraw(_content(file), suffix=suffix)
    kind = "image/png" if drawn.suffix == ".png" else "image/jpeg"
    return Checked(drawn.data, f"{_stem(file)}{drawn.suffix}", kind)


def attachment(file: Any) -> Checked:
    """Return an uploaded attachment as it is. Raises ``NotAnAttachment``."""
    if file.size > attachments.MOST_BYTES:
        raise NotAnAttachment(attachments.TOO_LARGE)
    data = _content(file)
    kind = attachments.check(file.name or "", data)
    return Checked(data, PurePath(file.name).name, kind.media_type)


def _content(file: Any) -> bytes:
    file.seek(0)
    data: bytes = file.read()
    file.seek(0)
    return data


def _stem(file: Any) -> str:
    return PurePath(file.name or "").stem or "picture"


class PictureFile(WagtailImageFieldFile):
    """A file of the picture library."""

    def save(self, name: str, content: Any, save: bool = True) -> None:
        if not isinstance(content, Checked):
            content = picture(content)
            name = f"{PurePath(name).stem}{PurePath(content.name).suffix}"
        super().save(name, content, save)


class AttachmentFile(FieldFile):
    """A file of the document library."""

    def save(self, name: str, content: Any, save: bool = True) -> None:
        if not isinstance(content, Checked):
            content = attachment(content)
        super().save(name, content, save)


class WaitingFile(FieldFile):
    """A file for which Wagtail first wants to know more, for example a shorter title."""

    def save(self, name: str, content: Any, save: bool = True) -> None:
        if not isinstance(content, Checked):
            waiting: Any = self.instance
            of_pictures = waiting.for_content_type.model_class() is Image
            content = (picture if of_pictures else attachment)(content)
            name = f"{PurePath(name).stem}{PurePath(content.name).suffix}"
        super().save(name, content, save)


class PictureField(WagtailImageField):
    """Draws a picture anew before Wagtail looks at it, which a damaged one can break."""

    default_error_messages = {
        "empty": pictures.UNREADABLE,
        "invalid_image": pictures.UNREADABLE,
        "file_too_large_unknown_size": pictures.TOO_LARGE,
        "invalid_image_extension": pictures.WRONG_KIND,
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Wagtail has just put its own in their place.
        self.error_messages |= self.default_error_messages
        self.help_text = (
            "JPEG, PNG, WebP, GIF, HEIC or AVIF, up to 10 MB. Where and when a "
            "photograph was taken is removed from it."
        )

    def to_python(self, data: Any) -> Any:
        file: Any = FileField.to_python(self, data)
        if file is None:
            return None
        try:
            return super().to_python(picture(file, as_named=True))
        except NotAPicture as reason:
            raise ValidationError(str(reason)) from reason


class PictureForm(BaseImageForm):
    """Wagtail's form for pictures, in plain words, and with nothing stored as sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field := self.fields.get("file"):
            self.fields["file"] = PictureField(
                label=field.label,
                required=field.required,
                widget=field.widget,
                max_length=field.max_length,
            )


class AttachmentForm(BaseDocumentForm):
    """Wagtail's form for documents, which takes nothing that acts by itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:
            field = self.fields["file"]
            field.help_text = (
                "PDF, Word, Excel, PowerPoint or OpenDocument, up to 10 MB. It goes "
                "out as it is, also with the name of its writer where a program put it "
                "in: look at its properties first."
            )
            field.error_messages |= {
                "file_too_large": attachments.TOO_LARGE,
                "file_too_large_unknown_size": attachments.TOO_LARGE,
            }

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if "file" not in self.changed_data or isinstance(file, FieldFile | Checked):
            return file
        try:
            return attachment(file)
        except NotAnAttachment as reason:
            raise ValidationError(str(reason)) from reason
