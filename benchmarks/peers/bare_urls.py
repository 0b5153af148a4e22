"""The addresses of ``bare``: stored bytes by primary key."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def stored(request: HttpRequest, pk: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT document FROM syndication_release WHERE id = %s", [pk])
        (document,) = cursor.fetchone()
    return _answer(bytes(document))


def several(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT document FROM syndication_release ORDER BY id LIMIT 20")
        documents = [bytes(document) for (document,) in cursor.fetchall()]
    return _answer(b"[" + b",".join(documents) + b"]")


def feed(request: HttpRequest, pk: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM feeds_feeddocument WHERE id = %s", [pk])
        (body,) = cursor.fetchone()
    return _answer(bytes(body), "application/xml")


def unchanged(request: HttpRequest, pk: int) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT etag FROM feeds_feeddocument WHERE id = %s", [pk])
        (etag,) = cursor.fetchone()
    if request.META["HTTP_IF_NONE_MATCH"] != f'"{etag}"':
        raise ValueError("It is measured with the tag of the feed.")
    return HttpResponse(status=304, headers={"ETag": f'"{etag}"'})


def _answer(body: bytes, content_type: str = "application/json") -> HttpResponse:
    # What CommonMiddleware would say: without it the server sends in chunks.
    headers = {"Content-Type": content_type, "Content-Length": str(len(body))}
    return HttpResponse(body, headers=headers)


urlpatterns = [
    path("stored/<int:pk>", stored),
    path("stored", several),
    path("feeds/<int:pk>", feed),
    path("feeds/<int:pk>/unchanged", unchanged),
]
