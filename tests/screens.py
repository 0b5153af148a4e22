"""Which test shows a template to axe in Chromium, at a telephone's width and a desk's.

``tests/test_screens.py`` fails for a template that is not here. A test that is named here
fails when it did not show what is promised (``tests/browsing.py``).
"""

# Frames that others fill.
FRAMES = {"countersign/base.html", "countersign/mail.html"}
# Shown to a developer on their own computer, never served.
OF_DEVELOPERS = {
    "caught_mail/base.html",
    "caught_mail/list.html",
    "caught_mail/message.html",
}
MAILINGS = "test_mailings_browser.py::test_an_editor_watches_pauses_resumes_and_stops_a_mailing"
COMMENTS = "test_comments_browser.py"
EMBEDS = "test_embeds_browser.py::test_embeds_and_how_to_use_them_are_accessible"
NEWSLETTER = "test_newsletter_browser.py"
SUBSCRIBING = "test_subscribing_browser.py"
OWN_CHOICES = f"{SUBSCRIBING}::test_changing_ones_choices_on_a_phone"
ASKING_FOR_THE_LINK = f"{SUBSCRIBING}::test_asking_for_the_link_and_finding_no_choices"
LEAVING = f"{SUBSCRIBING}::test_confirming_and_leaving_on_a_phone"
DAMAGED = f"{SUBSCRIBING}::test_a_link_that_does_not_work_says_so"
OFFERING = f"{SUBSCRIBING}::test_a_partner_offers_the_newsletter"
NOTES = f"{SUBSCRIBING}::test_mail_about_a_subscription_reads_well"
TAKING = (
    "test_issue_formats_browser.py::test_a_partner_finds_chooses_and_takes_an_issue"
)
OTHERS = "test_screens_browser.py"
SIGNING = "test_read_and_sign_browser.py"
PUBLIC = "test_web_browser.py::test_public_pages_are_accessible_and_fit"
MAIL = f"{NEWSLETTER}::test_the_mail_reads_well_in_light_and_dark"
MANAGER = (
    "test_partners_browser.py"
    "::test_a_manager_adds_a_partner_and_makes_and_revokes_a_key"
)
KEEPER = "test_voices_browser.py::test_a_keeper_finds_enters_and_withdraws"
SCREENS = {
    "404.html": PUBLIC,
    "500.html": f"{OTHERS}::test_an_error_of_ours_is_accessible",
    "api/documentation.html": f"{OTHERS}::test_what_partners_read_is_accessible",
    "cms/consent/form.html": KEEPER,
    "cms/consent/index.html": KEEPER,
    "cms/consent/withdraw.html": KEEPER,
    "cms/notices/notice.html": f"{OTHERS}::test_mail_to_forums_is_accessible",
    "cms/preview.html": f"{OTHERS}::test_previews_are_accessible",
    "cms/preview_refused.html": f"{OTHERS}::test_previews_are_accessible",
    "cms/shared/uses.html": "test_shared_blocks_browser.py"
    "::test_an_editor_sees_where_a_block_stands",
    "cms/sign_off/comment.html": f"{COMMENTS}::test_an_editor_decides_about_comments",
    "cms/sign_off/comments.html": f"{COMMENTS}::test_an_editor_decides_about_comments",
    "cms/sign_off/comments_report.html": f"{COMMENTS}"
    "::test_an_editor_decides_about_comments",
    "cms/sign_off/correct.html": f"{SIGNING}"
    "::test_a_fact_is_corrected_on_one_plain_form",
    "cms/sign_off/index.html": f"{SIGNING}"
    "::test_a_parent_finds_reads_and_signs_on_a_telephone",
    "cms/sign_off/proof.html": f"{SIGNING}"
    "::test_a_parent_finds_reads_and_signs_on_a_telephone",
    "cms/sign_off/register.html": "test_evidence_browser.py"
    "::test_a_member_looks_up_what_their_forum_said",
    "cms/sign_off/reviews.html": "test_reviews_browser.py"
    "::test_a_parent_says_that_it_is_still_correct",
    "cms/sign_off/still_correct.html": "test_reviews_browser.py"
    "::test_a_parent_says_that_it_is_still_correct",
    "cms/sign_off/unknown.html": f"{OTHERS}::test_taking_back_is_accessible",
    "cms/sign_off/waiting.html": "test_waiting_browser.py"
    "::test_an_editor_finds_with_whom_everything_lies",
    "cms/sign_off/withdraw.html": f"{OTHERS}::test_taking_back_is_accessible",
    "cms/sign_off/words.html": f"{COMMENTS}::test_an_editor_keeps_words_for_a_reason",
    "comments/comment.html": f"{COMMENTS}::test_a_parent_comments_on_a_phone",
    "comments/list.html": f"{COMMENTS}::test_families_read_what_came_of_it",
    "comments/not_now.html": f"{OTHERS}::test_a_comment_that_is_not_taken",
    "comments/preview.html": f"{OTHERS}::test_previews_are_accessible",
    "comments/thanks.html": f"{COMMENTS}::test_a_parent_comments_on_a_phone",
    "comments/too_many.html": f"{OTHERS}::test_a_comment_that_is_not_taken",
    "comments/year.html": f"{COMMENTS}::test_families_read_what_came_of_it",
    "embeds/index.html": EMBEDS,
    "embeds/nothing.html": EMBEDS,
    "embeds/page.html": EMBEDS,
    "embeds/use.html": EMBEDS,
    "feeds/feed.html": "test_feed_pages_browser.py::test_feeds_are_accessible_and_fit",
    "feeds/index.html": PUBLIC,
    "newsletters/ask_for_link.html": ASKING_FOR_THE_LINK,
    "newsletters/asked.html": f"{SUBSCRIBING}::test_subscribing_on_a_phone",
    "newsletters/confirm.html": LEAVING,
    "newsletters/confirmed.html": LEAVING,
    "newsletters/forget.html": OWN_CHOICES,
    "newsletters/forgotten.html": OWN_CHOICES,
    "newsletters/frame.html": OFFERING,
    "newsletters/issue.html": "test_compiling_browser.py"
    "::test_an_editor_sees_all_issues_and_decides_about_a_late_one",
    "newsletters/issue_page.html": TAKING,
    "newsletters/issue_withdrawn.html": TAKING,
    "newsletters/link_damaged.html": DAMAGED,
    "newsletters/link_sent.html": ASKING_FOR_THE_LINK,
    "newsletters/link_too_old.html": f"{OTHERS}::test_a_newsletter_that_is_not_taken",
    "newsletters/mail/confirmation.html": MAIL,
    "newsletters/mail/issue.html": MAIL,
    "newsletters/mail/link.html": NOTES,
    "newsletters/mail/moved.html": NOTES,
    "newsletters/mail_screen.html": "test_mail_browser.py"
    "::test_an_editor_looks_at_the_mail_and_sends_a_test",
    "newsletters/mailings/act.html": MAILINGS,
    "newsletters/mailings/index.html": MAILINGS,
    "newsletters/mailings/mailing.html": MAILINGS,
    "newsletters/move.html": OWN_CHOICES,
    "newsletters/move_asked.html": OWN_CHOICES,
    "newsletters/no_choices.html": ASKING_FOR_THE_LINK,
    "newsletters/no_such_issue.html": TAKING,
    "newsletters/preferences.html": OWN_CHOICES,
    "newsletters/preview.html": f"{OTHERS}::test_previews_are_accessible",
    "newsletters/subscribe.html": f"{SUBSCRIBING}::test_subscribing_on_a_phone",
    "newsletters/taken_back_panel.html": "test_compiling_browser.py"
    "::test_an_editor_puts_an_issue_in_order",
    "newsletters/take.html": TAKING,
    "newsletters/too_many.html": f"{OTHERS}::test_a_newsletter_that_is_not_taken",
    "newsletters/unsubscribe.html": LEAVING,
    "newsletters/unsubscribed.html": LEAVING,
    "newsletters/use.html": OFFERING,
    "newsletters/wordings_report.html": f"{SUBSCRIBING}"
    "::test_an_editor_sees_what_was_agreed_to",
    "partners/end.html": MANAGER,
    "partners/form.html": MANAGER,
    "partners/index.html": MANAGER,
    "partners/key_made.html": MANAGER,
    "partners/make_key.html": MANAGER,
    "partners/partner.html": MANAGER,
    "partners/revoke.html": MANAGER,
    "syndication/co_production.html": "test_evidence_browser.py"
    "::test_an_editor_sees_how_co_production_goes",
    "syndication/coverage.html": "test_local_offer_browser.py"
    "::test_the_admin_s_report_and_forms_are_accessible",
    "web/check.html": PUBLIC,
    "web/coverage.html": "test_local_offer_browser.py"
    "::test_facts_and_coverage_are_accessible_and_fit",
    "web/home.html": PUBLIC,
    "web/image_gone.html": f"{OTHERS}::test_a_picture_that_is_gone",
    "web/item.html": PUBLIC,
    "web/item_unknown.html": PUBLIC,
    "web/item_withdrawn.html": PUBLIC,
    "web/receipt.html": PUBLIC,
    "web/receipt_unknown.html": PUBLIC,
}
