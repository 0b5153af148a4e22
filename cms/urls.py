"""Addresses of the sign-off screens, below the Wagtail admin."""

from django.urls import path

from .views import (
    comments,
    correction,
    register,
    reviews,
    sign_off,
    uses,
    waiting,
    withdrawal,
    words,
)

app_name = "countersign_sign_off"
urlpatterns = [
    path("", sign_off.index, name="index"),
    path("waiting/", waiting.index, name="waiting"),
    path("register/", register.sign_off_register, name="register"),
    path("reviews/", reviews.index, name="reviews"),
    path(
        "still-correct/<uuid:content_id>/",
        reviews.StillCorrectView.as_view(),
        name="still_correct",
    ),
    path("comments/", comments.index, name="comments"),
    path("comments/report/", comments.report, name="comments_report"),
    path("comments/<int:comment>/", comments.CommentView.as_view(), name="comment"),
    path("words/<uuid:content_id>/", words.WordsView.as_view(), name="words"),
    path("<int:pk>/", sign_off.ProofView.as_view(), name="proof"),
    path(
        "withdraw/<uuid:content_id>/",
        withdrawal.WithdrawView.as_view(),
        name="withdraw",
    ),
    path("uses/<uuid:content_id>/", uses.index, name="uses"),
    path(
        "correct/<uuid:content_id>/",
        correction.CorrectionView.as_view(),
        name="correct",
    ),
]
