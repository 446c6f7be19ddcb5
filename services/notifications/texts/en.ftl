nav-notifications = Notifications
notifications-title = Notifications
notifications-lede = What happened to your projects, newest first.
notifications-unread = { $count ->
    [one] { $count } unread
   *[other] { $count } unread
}
notifications-only-unread = Unread only
notifications-all = All
notifications-mark-read = Mark as read
notifications-mark-all = Mark all as read
notifications-marked = Marked as read
notifications-what = What
notifications-when = When
notifications-new = New
notifications-empty = No notifications yet
notifications-empty-text = You will be told here when something happens to a project of yours.
notifications-empty-unread = You have read everything
mail-templates-title = Mail templates
mail-templates-lede = What the product sends by mail, with sample values.
mail-template-name = Template
mail-template-subject = Subject
mail-template-sample = Sample
mail-counts = Mails of this university
mail-state-waiting = Waiting
mail-state-sent = Sent
mail-state-skipped = Without address
mail-state-dead = Given up
