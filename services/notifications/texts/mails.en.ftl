# Mails: a subject, a body whose paragraphs are separated by an empty line, and what the link is called.
mail-greeting = Dear { $name },
mail-footer = { $university }. This message was written by a program; answers to it are not read.

mail-invitation-subject = Your account for final projects at { $university }
mail-invitation-body =
    An account was made for you at { $university }.

    Choose a password to sign in for the first time. The link works once, until { $until }.
mail-invitation-action = Choose your password

mail-password-reset-subject = Choose a new password
mail-password-reset-body =
    Somebody, probably you, asked for a new password for your account.

    The link works once, until { $until }. If it was not you, do nothing: your password stays as it is.
mail-password-reset-action = Choose a new password

mail-password-changed-subject = Your password was changed
mail-password-changed-body =
    The password of your account was changed, and all other sessions were ended.

    If it was not you, choose a new password at once and tell your administrator.
mail-password-changed-action = Open your account

mail-proposal-submitted-subject = To decide: { $title }
mail-proposal-submitted-body =
    The proposal “{ $title }” was submitted (version { $version }).

    Please read it, and approve it, reject it or ask for changes.
mail-proposal-submitted-action = Open the proposal

mail-changes-requested-subject = Changes requested: { $title }
mail-changes-requested-body =
    Your supervisor asks for changes to the proposal “{ $title }” (items: { $count }).

    Tick each item off as you do it, and submit the proposal again.
mail-changes-requested-action = See what is to change

mail-proposal-approved-subject = Approved: { $title }
mail-proposal-approved-body = The proposal “{ $title }” was approved. Your milestones and their dates are on the project's page.
mail-proposal-approved-action = Open the project

mail-proposal-rejected-subject = Rejected: { $title }
mail-proposal-rejected-body =
    The proposal “{ $title }” was rejected.

    The reason given: { $reason }
mail-proposal-rejected-action = Open the project

mail-membership-declined-subject = { $member } does not take part: { $title }
mail-membership-declined-body =
    { $member } was named as a member of the project “{ $title }”, declined, and left it.

    The project goes on without them.
mail-membership-declined-action = Open the project

mail-milestone-submitted-subject = To review: { $milestone } – { $title }
mail-milestone-submitted-body = “{ $milestone }” of the project “{ $title }” was submitted (version { $version }) and waits for your review.
mail-milestone-submitted-action = Open the submission

mail-milestone-returned-subject = Returned: { $milestone } – { $title }
mail-milestone-returned-body =
    “{ $milestone }” of the project “{ $title }” was returned for more work.

    The reason given: { $reason }
mail-milestone-returned-action = Open the milestone

mail-final-submitted-subject = Final work submitted: { $title }
mail-final-submitted-body = The final work of the project “{ $title }” was submitted.
mail-final-submitted-action = Open the project

mail-final-received-subject = Receipt { $receipt }: { $title }
mail-final-received-body =
    The final work of the project “{ $title }” was received. The number of your receipt is { $receipt }.

    SHA-256 of the main file: { $digest }

    Keep this message: it proves what you handed in.
mail-final-received-action = Open the project

mail-topic-returned-subject = Returned for rework: { $title }
mail-topic-returned-body =
    A coordinator returned your topic “{ $title }” for rework.

    Reason: { $reason }

    Please change the topic and offer it for review again.
mail-topic-returned-action = Open the topic
