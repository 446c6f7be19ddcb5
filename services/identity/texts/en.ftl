# Texts of identity. Keys are the same in every language; a test compares them.

## Navigation
identity-nav-people = People
identity-nav-settings = Settings

## Words
identity-university = University
identity-email = E-mail
identity-password = Password
identity-name = Name
identity-name-hint = What others see
identity-family-name = Family name
identity-given-name = Given name
identity-names-hint = One of the two names is enough
identity-numbers = Numbers
identity-numbers-hint = Student or staff number; separate several by commas
identity-language-hint = For pages and mails
identity-status = Status
identity-status-active = Active
identity-status-invited = Invited
identity-status-disabled = Disabled
identity-role = Role
identity-roles = Roles
identity-roles-none = No roles
identity-role-student = Student
identity-role-supervisor = Supervisor
identity-role-examiner = Examiner
identity-role-coordinator = Coordinator
identity-role-administrator = Administrator
identity-role-external = External
identity-role-operator = Operator of the installation
identity-scope = Where
identity-scope-hint = The roles ticked hold here; more can be given afterwards.
identity-scope-university = Whole university
identity-scope-programme = One programme
identity-from = From
identity-until = Until
identity-until-open = Open
identity-added = Added
identity-changed = Changed

## Signing in
identity-sign-in-title = Sign in
identity-sign-in = Sign in
identity-signed-out = You are signed out
identity-forgot = Forgot your password?
identity-forgot-title = Forgot your password?
identity-forgot-lede = Give the address of your account. A mail with a link to choose a new password goes there.
identity-forgot-send = Send the link
identity-reset-sent = If there is an account with this address, a mail is on its way
identity-reset-title = Choose a new password
identity-reset-lede = You will be signed out everywhere and sign in with the new password.
identity-invitation-title = Welcome
identity-invitation-lede = Choose a password; then sign in with it and your e-mail address.
identity-password-present = Present password
identity-password-new = New password
identity-password-repeat = New password again
identity-password-hint = At least 8 characters; several words that do not belong together are best
identity-password-choose = Choose the password
identity-password-chosen = The password is set; sign in with it
identity-password-change = Change the password
identity-password-changed = The password is changed
identity-password-change-note = Every other browser is signed out.

## People
identity-people-title = People
identity-people-add = Add a person
identity-people-search = Name, e-mail or number
identity-person-added = The person is added
identity-person-change = Change
identity-person-changed = The change is saved
identity-person-sign-out = Sign out everywhere
identity-person-sign-out-confirm = This ends every session of this person.
identity-person-signed-out = The person is signed out everywhere
identity-enabled = May sign in
identity-enabled-hint = Without it the person is signed out and their API tokens are revoked
identity-invite = Send an invitation
identity-invite-hint = A mail with a link to choose a password, good for seven days
identity-invitation-send = Send an invitation
identity-invitation-sent = The invitation is on its way
identity-invite-waiting = Invite all who wait
identity-invite-waiting-confirm = Send a mail with a link to everybody who has never signed in and has no invitation that is still good?
identity-invitations-sent = The invitations are on their way
identity-invitations-more = 1,000 invitations are on their way; more people wait for theirs
identity-invitations-none = Nobody waits for an invitation
identity-role-give = Give a role
identity-role-given = The role is given
identity-role-end = Take away
identity-role-end-confirm = The person loses this role now.
identity-role-ended = The role is taken away
identity-role-holds = Now
identity-role-over = Ended
identity-role-ahead = Later

## Settings
identity-settings-title = Settings
identity-settings-profile = Profile
identity-settings-password = Password
identity-settings-sessions = Sessions
identity-settings-tokens = API tokens
identity-settings-saved = The settings are saved
identity-sessions-lede = Browsers in which you are signed in. End those that you do not know, and change your password.
identity-device = Browser
identity-device-unknown = Unknown
identity-address = Address
identity-signed-in = Signed in
identity-seen = Last used
identity-session-current = This one
identity-session-end = End
identity-session-ended = The session is ended
identity-sign-out-everywhere = Sign out everywhere
identity-sign-out-everywhere-confirm = This ends every session, this one too.
identity-tokens-lede = With an API token a program acts in your name, as far as its scopes go.
identity-tokens-none = No API tokens
identity-token-name = Name
identity-token-name-hint = What it is for
identity-token-scopes = Scopes
identity-token-scopes-hint = Separated by spaces: projects.read, projects.*, or * for everything
identity-token-life = Good for
identity-token-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
identity-token-used = Last used
identity-token-ends = Ends
identity-token-make = Make a token
identity-token-made = This is the token. Keep it now: it is not shown again.
identity-token-revoke = Revoke
identity-token-revoke-confirm = Programs that use this token stop working.
identity-token-revoked = The token is revoked

## What can be wrong with a field
field-credentials = E-mail or password is wrong
field-too_many_attempts = Too many attempts; wait a little and try again
field-university_wanted = Choose your university from the list
field-university_unknown = There is no university of this name here
field-last_administrator = The university would be left without an administrator
field-password_wrong = This is not your present password
field-password_common = This is among the passwords that are tried first
field-password_pattern = This is a row or a repetition
field-password_personal = This is made of your name or address
