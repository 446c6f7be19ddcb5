# The kit's own texts. Keys are the same in every language; a test compares them.

## Layout
skip-to-content = Skip to content
main-navigation = Main
breadcrumbs = You are here
home = Home
menu = Menu
sign-in = Sign in
sign-out = Sign out
signed-in-as = Signed in as
account = Account
language = Language
theme = Colours
theme-auto = As the device
theme-light = Light
theme-dark = Dark
apply = Apply
close = Close
dismiss = Dismiss
back = Back
cancel = Cancel
save = Save
send = Send
edit = Edit
delete = Delete
add = Add
confirm = Confirm
confirm-question = Are you sure?
yes = Yes
no = No
none = None
optional = optional
required = required
loading = Loading
print = Print
api-reference = API
error-reference = Errors
footer-note = About this site

## Forms
form-refused = Please check the form
choose = Choose…
choose-file = Choose a file
file-limit = At most { $size }
typed-kept = What you typed was kept.

field-required = Fill this in
field-blank = Fill this in
field-missing = Fill this in
field-unticked = Tick this box
field-too_long = This is too long
field-too_short = This is too short
field-control_character = This contains a character that cannot be kept
field-number = Enter a whole number
field-range = This number is outside what is allowed
field-date = Enter a date
field-time = Enter a time
field-past = This must be in the future
field-future = This must be in the past
field-order = This must come after the one before
field-email = Enter an address such as name@example.org
field-choice = Choose one of the options
field-taken = This is already in use
field-unknown = There is no such thing
field-invalid = This is not valid
field-repeated = This was given more than once
field-not_text = This is not text in UTF-8
field-too_many = There are too many
field-wrong = This is wrong
field-mismatch = The two do not match
field-file_required = Choose a file
field-file_type = This type of file is not taken
field-file_too_large = This file is too large

## Tables and lists
table-empty = Nothing here yet
table-empty-filtered = Nothing matches these filters
filter = Filter
filters = Filters
clear-filters = Clear filters
search = Search
sort-ascending = sorted upwards
sort-descending = sorted downwards
sort-by = Sort by { $column }
next-page = Next page
first-page = First page
pages = Pages
actions = Actions
all = All

## Steps and times
step-done = done
step-current = now
step-ahead = ahead
time-never = never
time-now = just now
time-in-minutes = { $count ->
    [one] in 1 minute
   *[other] in { $count } minutes
}
time-in-hours = { $count ->
    [one] in 1 hour
   *[other] in { $count } hours
}
time-in-days = { $count ->
    [one] in 1 day
   *[other] in { $count } days
}
time-ago-minutes = { $count ->
    [one] 1 minute ago
   *[other] { $count } minutes ago
}
time-ago-hours = { $count ->
    [one] 1 hour ago
   *[other] { $count } hours ago
}
time-ago-days = { $count ->
    [one] 1 day ago
   *[other] { $count } days ago
}
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec

## Errors
error-what-happened = What happened
error-code = Code
error-request = Request
error-explained = About this error
error-home = Go to the start page
error-member-state = State
error-member-action = Step
error-member-reason = What is missing
error-member-legal = Possible now
error-member-version = Current version
error-member-number = Number
error-title-404 = There is nothing at this address
error-title-403 = You may not do this
error-title-500 = Something went wrong on our side

## The design gallery
gallery = Design
export = Export
gallery-lede = Every component in its states, for whoever builds a page.
gallery-figures = Figures and progress
gallery-messages = Messages and states
gallery-buttons = Buttons
gallery-forms = Form
gallery-facts = Facts
gallery-history = History
gallery-tables = Table
gallery-icons = Icons
gallery-open = Open
gallery-late = Overdue
gallery-soon = Due soon
gallery-progress = Parts approved
gallery-confirm = This removes the draft for everybody. It cannot be undone.
gallery-title = Title
gallery-title-hint = In one line, as others will see it
gallery-mail = Mail address
gallery-due = Due
gallery-state = State
gallery-text = Description
gallery-kind = Kind
gallery-tags = Subjects
gallery-agree = I have read the rules
gallery-file = File
gallery-count = Places

## References
error-list-lede = Every error that this site gives, with its stable code. Programs may rely on the codes; the words may change.
api-title = API reference
api-lede = Everything that the pages can do, for programs. Send an API token in the header “Authorization: Bearer”.
api-parameters = Parameters
api-answers = Answers
api-body = Body
api-schemas = Objects
