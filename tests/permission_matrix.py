"""What everyone in the admin may open (GET) and send (POST), route by route.

Six columns, each GET and POST: ``y`` for in, ``.`` for refused (to the login, to the
dashboard, 403, 404, or no such method), ``x`` for a failure of Wagtail's own.

- nobody: a stranger
- own: a forum's member, with what is in the section and collection of their forum
- other: the same member, with what is another forum's or the editors'; ``=`` where an
  address names nothing that has an owner
- prof: a professional signatory, with what does not concern it
- editor: an editor, with what is a forum's
- admin: a superuser

A row needs a reason where ``other`` gets in, where not even ``admin`` does, and where
something fails. The first name that fits counts, so a ``*`` comes after exceptions.
"""

from fnmatch import fnmatchcase
from typing import NamedTuple

COLUMNS = ("nobody", "own", "other", "prof", "editor", "admin")

TABLE = """
wagtailadmin_home                                                ..  y.  =   y.  y.  y.
admin/test404/                                                   ..  y.  =   y.  y.  y.  # shows the page for unknown addresses
wagtailadmin_api:pages:listing                                   ..  y.  =   y.  y.  y.
wagtailadmin_api:pages:detail                                    ..  y.  ..  ..  y.  y.
wagtailadmin_api:pages:find                                      ..  ..  =   ..  ..  ..  # looks for an address that Wagtail serves; there are none
wagtailadmin_api:pages:action                                    ..  .y  ..  ..  .y  .y
wagtailadmin_api:documents:find                                  ..  ..  =   ..  ..  ..  # the same for documents
wagtailadmin_api:documents:listing                               ..  y.  =   ..  y.  y.
wagtailadmin_api:documents:detail                                ..  y.  ..  ..  y.  y.
wagtailadmin_api:images:listing                                  ..  y.  =   y.  y.  y.
wagtailadmin_api:images:detail                                   ..  y.  ..  ..  y.  y.
wagtailadmin_api:images:find                                     ..  ..  =   ..  ..  ..  # the same for images
wagtailadmin_error_test                                          ..  xx  =   xx  xx  xx  # fails on purpose
wagtailadmin_explore_root                                        ..  y.  =   ..  y.  y.
wagtailadmin_explore                                             ..  y.  ..  ..  y.  y.
wagtailadmin_explore_results                                     ..  y.  ..  ..  y.  y.
wagtail_bulk_action                                              ..  yy  ..  ..  yy  yy
wagtailadmin_pages:add                                           ..  yy  ..  ..  yy  yy
wagtailadmin_pages:preview_on_add                                ..  yy  ..  ..  yy  yy
wagtailadmin_pages:type_use                                      ..  y.  =   ..  y.  y.
wagtailadmin_pages:choose_parent                                 ..  yy  =   yy  yy  yy  # offers only folders in which they may write
wagtailadmin_pages:type_use_results                              ..  y.  =   ..  y.  y.
wagtailadmin_pages:usage                                         ..  y.  ..  ..  y.  y.
wagtailadmin_pages:edit                                          ..  yy  ..  ..  yy  yy
wagtailadmin_pages:preview_on_edit                               ..  yy  ..  ..  yy  yy
wagtailadmin_pages:view_draft                                    ..  yy  ..  ..  yy  yy
wagtailadmin_pages:add_subpage                                   ..  y.  ..  ..  y.  y.
wagtailadmin_pages:delete                                        ..  yy  ..  ..  yy  yy
wagtailadmin_pages:unpublish                                     ..  ..  ..  ..  ..  yy
wagtailadmin_pages:convert_alias                                 ..  ..  ..  ..  ..  ..  # there are no aliases
wagtailadmin_pages:search                                        ..  y.  =   ..  y.  y.
wagtailadmin_pages:search_results                                ..  y.  =   ..  y.  y.
wagtailadmin_pages:move                                          ..  yy  ..  ..  yy  yy
wagtailadmin_pages:move_confirm                                  ..  yy  ..  ..  yy  yy
wagtailadmin_pages:set_page_position                             ..  ..  ..  ..  ..  .y
wagtailadmin_pages:copy                                          ..  yy  ..  ..  yy  yy
wagtailadmin_pages:workflow_action                               ..  ..  ..  ..  ..  ..  # our step offers no action of Wagtail's
wagtailadmin_pages:collect_workflow_action_data                  ..  ..  ..  ..  ..  ..  # our step offers no action of Wagtail's
wagtailadmin_pages:confirm_workflow_cancellation                 ..  yy  ..  ..  yy  yy
wagtailadmin_pages:workflow_preview                              ..  ..  ..  ..  ..  ..  # our step has no preview of Wagtail's
wagtailadmin_pages:set_privacy                                   ..  ..  ..  ..  ..  ..  # what is public is settled by signatures
wagtailadmin_pages:lock                                          ..  ..  ..  ..  ..  .y
wagtailadmin_pages:unlock                                        ..  ..  ..  ..  ..  .y
wagtailadmin_pages:revisions_index                               ..  yy  ..  ..  yy  yy
wagtailadmin_pages:revisions_view                                ..  y.  ..  ..  y.  y.
wagtailadmin_pages:revisions_revert                              ..  yy  ..  ..  yy  yy
wagtailadmin_pages:revisions_unschedule                          ..  ..  ..  ..  ..  ..  # nothing is scheduled in Wagtail
wagtailadmin_pages:revisions_compare                             ..  y.  ..  ..  y.  y.
wagtailadmin_pages:workflow_history                              ..  y.  ..  ..  y.  y.
wagtailadmin_pages:workflow_history_detail                       ..  y.  ..  ..  y.  y.
wagtailadmin_pages:history                                       ..  y.  ..  ..  y.  y.
wagtailadmin_pages:history_results                               ..  y.  ..  ..  y.  y.
wagtailadmin_choose_page                                         ..  y.  =   y.  y.  y.
wagtailadmin_choose_page_child                                   ..  y.  y.  y.  y.  y.  # folders have no secrets; below them only public pages are listed
wagtailadmin_choose_page_search                                  ..  y.  =   y.  y.  y.
wagtailadmin_choose_page_chosen_multiple                         ..  y.  ..  ..  y.  y.
wagtailadmin_choose_page_external_link                           ..  yy  =   yy  yy  yy
wagtailadmin_choose_page_email_link                              ..  yy  =   yy  yy  yy
wagtailadmin_choose_page_phone_link                              ..  yy  =   yy  yy  yy
wagtailadmin_choose_page_anchor_link                             ..  yy  =   yy  yy  yy
wagtailadmin_tag_autocomplete                                    ..  yy  =   yy  yy  yy
wagtailadmin_tag_model_autocomplete                              ..  yy  =   yy  yy  yy
wagtailadmin_collections:delete                                  ..  ..  ..  ..  ..  y.  # not while it holds anything
wagtailadmin_collections:*                                       ..  ..  ..  ..  ..  yy
wagtailadmin_workflows:disable_task                              ..  ..  =   ..  ..  y.  # the step cannot be switched off
wagtailadmin_workflows:*                                         ..  ..  ..  ..  ..  yy
wagtailadmin_reports:locked_pages                                ..  ..  =   ..  ..  y.
wagtailadmin_reports:locked_pages_results                        ..  ..  =   ..  ..  y.
wagtailadmin_reports:workflow                                    ..  y.  =   ..  y.  y.
wagtailadmin_reports:workflow_results                            ..  y.  =   ..  y.  y.
wagtailadmin_reports:workflow_tasks                              ..  y.  =   ..  y.  y.
wagtailadmin_reports:workflow_tasks_results                      ..  y.  =   ..  y.  y.
wagtailadmin_reports:site_history                                ..  y.  =   y.  y.  y.
wagtailadmin_reports:site_history_results                        ..  y.  =   y.  y.  y.
wagtailadmin_reports:aging_pages                                 ..  y.  =   ..  y.  y.
wagtailadmin_reports:aging_pages_results                         ..  y.  =   ..  y.  y.
wagtailadmin_reports:page_types_usage                            ..  ..  =   ..  y.  y.
wagtailadmin_reports:page_types_usage_results                    ..  ..  =   ..  y.  y.
wagtailadmin_account                                             ..  yy  =   yy  yy  yy
wagtailadmin_logout                                              ..  ..  =   ..  ..  ..  # leads to the login, like a refusal
wagtailadmin_dismissibles                                        ..  y.  =   y.  y.  y.
wagtailadmin_editing_sessions:ping                               ..  .y  ..  ..  .y  .y
wagtailadmin_editing_sessions:release                            ..  .y  .y  .y  .y  .y  # ends one's own session; another's stays, without a word
wagtailadmin_block_preview                                       ..  ..  =   ..  ..  ..  # no block has an example
wagtailsettings:edit(app_name,model_name)                        ..  yy  =   yy  yy  yy  # leads on to the address with a number
wagtailsettings:edit(app_name,model_name,pk)                     ..  ..  =   ..  ..  yy
wagtailsettings:preview_on_edit                                  ..  ..  =   ..  ..  ..  # settings have no preview
wagtailsnippets:index                                            ..  ..  =   ..  ..  ..  # every kind of snippet has its own menu item
wagtaildocs:index                                                ..  y.  =   ..  y.  y.
wagtaildocs:index_results                                        ..  y.  =   ..  y.  y.
wagtaildocs:edit                                                 ..  yy  ..  ..  yy  yy
wagtaildocs:delete                                               ..  yy  ..  ..  yy  yy
wagtaildocs:add                                                  ..  yy  =   ..  yy  yy
wagtaildocs:document_usage                                       ..  y.  ..  ..  y.  y.
wagtaildocs:add_multiple                                         ..  yy  =   ..  yy  yy
wagtaildocs:edit_multiple                                        ..  .y  ..  ..  .y  .y
wagtaildocs:create_multiple_from_uploaded_document               ..  .y  ..  ..  ..  ..  # only for whoever uploaded it
wagtaildocs:delete_multiple                                      ..  .y  ..  ..  .y  .y
wagtaildocs:delete_upload_multiple                               ..  .y  ..  ..  ..  ..  # only for whoever uploaded it
wagtailimages:index                                              ..  y.  =   ..  y.  y.
wagtailimages:index_results                                      ..  y.  =   ..  y.  y.
wagtailimages:edit                                               ..  yy  ..  ..  yy  yy
wagtailimages:delete                                             ..  yy  ..  ..  yy  yy
wagtailimages:url_generator                                      ..  ..  ..  ..  ..  ..  # switched off
wagtailimages:url_generator_output                               ..  ..  ..  ..  ..  ..  # switched off
wagtailimages:preview                                            ..  yy  ..  ..  yy  yy
wagtailimages:add                                                ..  yy  =   ..  yy  yy
wagtailimages:image_usage                                        ..  y.  ..  ..  y.  y.
wagtailimages:add_multiple                                       ..  yy  =   ..  yy  yy
wagtailimages:edit_multiple                                      ..  .y  ..  ..  .y  .y
wagtailimages:create_multiple_from_uploaded_image                ..  .y  ..  ..  ..  ..  # only for whoever uploaded it
wagtailimages:delete_multiple                                    ..  .y  ..  ..  .y  .y
wagtailimages:delete_upload_multiple                             ..  .y  ..  ..  ..  ..  # only for whoever uploaded it
wagtailsnippets_cms_forum:*                                      ..  ..  ..  ..  ..  yy
wagtailsnippetchoosers_cms_forum:choose                          ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_forum:choose_results                  ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_forum:chosen                          ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_forum:chosen_multiple                 ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_forum:create                          ..  ..  =   ..  ..  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_cms_area:*                                       ..  ..  ..  ..  ..  yy
wagtailsnippetchoosers_cms_area:choose                           ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_area:choose_results                   ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_area:chosen                           ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_area:chosen_multiple                  ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_area:create                           ..  ..  =   ..  ..  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_cms_topic:*                                      ..  ..  ..  ..  ..  yy
wagtailsnippetchoosers_cms_topic:choose                          ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_topic:choose_results                  ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_topic:chosen                          ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_topic:chosen_multiple                 ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_topic:create                          ..  ..  =   ..  ..  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_cms_acronym:*                                    ..  ..  =   ..  yy  yy
wagtailsnippetchoosers_cms_acronym:choose                        ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_acronym:choose_results                ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_acronym:chosen                        ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_acronym:chosen_multiple               ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_acronym:create                        ..  ..  =   ..  yx  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_cms_term:*                                       ..  ..  ..  ..  ..  yy
wagtailsnippetchoosers_cms_term:choose                           ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_term:choose_results                   ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_term:chosen                           ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_term:chosen_multiple                  ..  y.  =   y.  y.  y.
wagtailsnippetchoosers_cms_term:create                           ..  ..  =   ..  ..  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_newsletters_issue:list                           ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:list_results                   ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:add                            ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:edit                           ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:delete                         ..  ..  =   ..  ..  yy
wagtailsnippets_newsletters_issue:usage                          ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:history                        ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:history_results                ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:preview_on_add                 ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:preview_on_edit                ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:revisions_view                 ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:revisions_revert               ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:revisions_compare              ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:revisions_unschedule           ..  ..  =   ..  ..  ..  # nothing is scheduled in Wagtail
wagtailsnippets_newsletters_issue:unpublish                      ..  ..  =   ..  ..  ..  # taken back on our own screen
wagtailsnippets_newsletters_issue:lock                           ..  ..  =   ..  ..  .y
wagtailsnippets_newsletters_issue:unlock                         ..  ..  =   ..  ..  .y
wagtailsnippets_newsletters_issue:workflow_action                ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_newsletters_issue:collect_workflow_action_data   ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_newsletters_issue:confirm_workflow_cancellation  ..  ..  =   ..  yy  yy
wagtailsnippets_newsletters_issue:workflow_history               ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:workflow_history_detail        ..  ..  =   ..  y.  y.
wagtailsnippets_newsletters_issue:workflow_preview               ..  ..  =   ..  ..  ..  # our step has no preview of Wagtail's
countersign_newsletter_mail                                      ..  ..  =   ..  yy  yy
wagtailsnippetchoosers_newsletters_issue:choose                  ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_newsletters_issue:choose_results          ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_newsletters_issue:chosen                  ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_newsletters_issue:chosen_multiple         ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_newsletters_issue:create                  ..  ..  =   ..  yx  yx  # Wagtail fails on a form that no screen offers
wagtailsnippets_comments_yousaidwedid:list                       ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:list_results               ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:add                        ..  ..  =   ..  ..  ..  # an answer begins with a comment
wagtailsnippets_comments_yousaidwedid:edit                       ..  ..  =   ..  yy  yy
wagtailsnippets_comments_yousaidwedid:delete                     ..  ..  =   ..  ..  yy
wagtailsnippets_comments_yousaidwedid:usage                      ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:history                    ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:history_results            ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:preview_on_add             ..  ..  =   ..  ..  ..  # an answer begins with a comment
wagtailsnippets_comments_yousaidwedid:preview_on_edit            ..  ..  =   ..  yy  yy
wagtailsnippets_comments_yousaidwedid:revisions_view             ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:revisions_revert           ..  ..  =   ..  yy  yy
wagtailsnippets_comments_yousaidwedid:revisions_compare          ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:revisions_unschedule       ..  ..  =   ..  ..  ..  # nothing is scheduled in Wagtail
wagtailsnippets_comments_yousaidwedid:unpublish                  ..  ..  =   ..  ..  ..  # taken back on our own screen
wagtailsnippets_comments_yousaidwedid:lock                       ..  ..  =   ..  ..  .y
wagtailsnippets_comments_yousaidwedid:unlock                     ..  ..  =   ..  ..  .y
wagtailsnippets_comments_yousaidwedid:workflow_action            ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_comments_yousaidwedid:collect_workflow_action_data ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_comments_yousaidwedid:confirm_workflow_cancellation ..  ..  =   ..  yy  yy
wagtailsnippets_comments_yousaidwedid:workflow_history           ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:workflow_history_detail    ..  ..  =   ..  y.  y.
wagtailsnippets_comments_yousaidwedid:workflow_preview           ..  ..  =   ..  ..  ..  # our step has no preview of Wagtail's
wagtailsnippetchoosers_comments_yousaidwedid:choose              ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_comments_yousaidwedid:choose_results      ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_comments_yousaidwedid:chosen              ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_comments_yousaidwedid:chosen_multiple     ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_comments_yousaidwedid:create              ..  ..  =   ..  ..  ..  # an answer begins with a comment
wagtailsnippets_cms_sharedblock:list                             ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:list_results                     ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:add                              ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:edit                             ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:delete                           ..  ..  =   ..  ..  yy
wagtailsnippets_cms_sharedblock:usage                            ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:history                          ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:history_results                  ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:preview_on_add                   ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:preview_on_edit                  ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:revisions_view                   ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:revisions_revert                 ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:revisions_compare                ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:revisions_unschedule             ..  ..  =   ..  ..  ..  # nothing is scheduled in Wagtail
wagtailsnippets_cms_sharedblock:unpublish                        ..  ..  =   ..  ..  ..  # taken back on our own screen
wagtailsnippets_cms_sharedblock:lock                             ..  ..  =   ..  ..  .y
wagtailsnippets_cms_sharedblock:unlock                           ..  ..  =   ..  ..  .y
wagtailsnippets_cms_sharedblock:workflow_action                  ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_cms_sharedblock:collect_workflow_action_data     ..  ..  =   ..  ..  ..  # our step offers no action of Wagtail's
wagtailsnippets_cms_sharedblock:confirm_workflow_cancellation    ..  ..  =   ..  yy  yy
wagtailsnippets_cms_sharedblock:workflow_history                 ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:workflow_history_detail          ..  ..  =   ..  y.  y.
wagtailsnippets_cms_sharedblock:workflow_preview                 ..  ..  =   ..  ..  ..  # our step has no preview of Wagtail's
wagtailsnippetchoosers_cms_sharedblock:choose                    ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_cms_sharedblock:choose_results            ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_cms_sharedblock:chosen                    ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_cms_sharedblock:chosen_multiple           ..  ..  =   ..  y.  y.
wagtailsnippetchoosers_cms_sharedblock:create                    ..  ..  =   ..  yx  yx  # Wagtail fails on a form that no screen offers
wagtailusers_users:*                                             ..  ..  ..  ..  ..  yy
wagtailusers_groups:*                                            ..  ..  ..  ..  ..  yy
wagtaildocs_chooser:choose                                       ..  y.  =   ..  y.  y.
wagtaildocs_chooser:choose_results                               ..  y.  =   ..  y.  y.
wagtaildocs_chooser:chosen                                       ..  y.  ..  ..  y.  y.
wagtaildocs_chooser:chosen_multiple                              ..  y.  ..  ..  y.  y.
wagtaildocs_chooser:create                                       ..  yy  =   ..  yy  yy
wagtailimages_chooser:choose                                     ..  y.  =   y.  y.  y.
wagtailimages_chooser:choose_results                             ..  y.  =   y.  y.  y.
wagtailimages_chooser:chosen                                     ..  y.  ..  ..  y.  y.
wagtailimages_chooser:chosen_multiple                            ..  y.  ..  ..  y.  y.
wagtailimages_chooser:create                                     ..  yy  =   ..  yy  yy
wagtailimages_chooser:select_format                              ..  yy  ..  ..  yy  yy
wagtailsites:*                                                   ..  ..  ..  ..  ..  yy
countersign_sign_off:index                                       ..  yy  =   yy  yy  yy
countersign_sign_off:waiting                                     ..  ..  =   ..  yy  yy
countersign_sign_off:register                                    ..  yy  =   yy  yy  yy
countersign_sign_off:reviews                                     ..  yy  =   yy  yy  yy
countersign_sign_off:still_correct                               ..  yy  ..  ..  yy  yy
countersign_sign_off:proof                                       ..  yy  ..  ..  yy  yy
countersign_sign_off:uses                                        ..  ..  =   yy  yy  yy
countersign_sign_off:correct                                     ..  ..  ..  ..  yy  yy
countersign_sign_off:withdraw                                    ..  yy  ..  ..  ..  yy
countersign_sign_off:words                                       ..  yy  ..  ..  yy  yy
countersign_sign_off:comments                                    ..  yy  =   yy  yy  yy
countersign_sign_off:comments_report                             ..  ..  =   ..  yy  yy
countersign_sign_off:comment                                     ..  yy  ..  ..  yy  yy
countersign_consent:index                                        ..  ..  =   ..  ..  y.
countersign_consent:add                                          ..  ..  =   ..  ..  yy
countersign_consent:edit                                         ..  ..  ..  ..  ..  yy
countersign_consent:withdraw                                     ..  ..  ..  ..  ..  yy
countersign_mailings:index                                       ..  ..  =   ..  y.  y.
countersign_mailings:mailing                                     ..  ..  =   ..  y.  y.
countersign_mailings:progress                                    ..  ..  =   ..  y.  y.
countersign_mailings:act                                         ..  ..  =   ..  yy  yy
countersign_partners:index                                       ..  ..  =   ..  ..  y.
countersign_partners:add                                         ..  ..  =   ..  ..  yy
countersign_partners:partner                                     ..  ..  =   ..  ..  y.
countersign_partners:edit                                        ..  ..  =   ..  ..  yy
countersign_partners:end                                         ..  ..  =   ..  ..  yy
countersign_partners:make_key                                    ..  ..  =   ..  ..  yy
countersign_partners:revoke                                      ..  ..  =   ..  ..  yy
countersign_newsletter_issue                                     ..  ..  =   ..  yy  yy
consent_chooser:choose                                           ..  y.  =   y.  y.  y.
consent_chooser:choose_results                                   ..  y.  =   y.  y.  y.
consent_chooser:chosen                                           ..  y.  ..  ..  y.  y.
consent_chooser:chosen_multiple                                  ..  y.  ..  ..  y.  y.
consent_chooser:create                                           ..  ..  =   ..  ..  ..  # entered in the register only
countersign_co_production                                        ..  yy  =   yy  yy  yy
countersign_coverage                                             ..  yy  =   yy  yy  yy
countersign_wordings                                             ..  ..  =   ..  yy  yy
wagtailadmin_sprite                                              yy  yy  =   yy  yy  yy
wagtailadmin_login                                               yy  .y  =   .y  .y  .y  # who has signed in is sent on to the dashboard
wagtailadmin_password_reset                                      yy  yy  =   yy  yy  yy
wagtailadmin_password_reset_done                                 y.  y.  =   y.  y.  y.
wagtailadmin_password_reset_confirm                              yy  yy  =   yy  yy  yy
wagtailadmin_password_reset_complete                             y.  y.  =   y.  y.  y.
wagtailadmin_javascript_catalog                                  y.  y.  =   y.  y.  y.
admin/^                                                          ..  ..  =   ..  ..  ..  # everything that is no address
"""


class Row(NamedTuple):
    route: str
    cells: dict[str, str]
    reason: str


def parse(table):
    rows = []
    for line in table.strip().splitlines():
        facts, _, reason = line.partition(" # ")
        route, *cells = facts.split()
        rows.append(Row(route, dict(zip(COLUMNS, cells, strict=True)), reason.strip()))
    return rows


ROWS = parse(TABLE)


def row_of(route):
    """The row for a route; None when nobody has decided about it."""
    return next((row for row in ROWS if fnmatchcase(route, row.route)), None)
