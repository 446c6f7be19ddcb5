# Texts of the import and export pages.
nav-import = Import

import-title = Import and export
import-lede = Take a faculty from its spreadsheets: students, supervisors, topics, preferences, rankings, rooms and times.
import-files = Files
import-files-hint = CSV in UTF-8 or XLSX, several at once, 96 MiB in all. Name each file after what it holds, for example students.csv; a workbook may have a sheet for each.
import-look = Look at the files
import-latest = Latest imports
import-none = Nothing was imported yet
import-none-text = Choose the files above. You see what would happen before anything is written.
import-started = Begun
import-export = Export
import-export-text = The newest cycle as files for a spreadsheet program. The columns are those of an import, so a file can come back.
import-export-students = Students
import-export-supervisors = Supervisors
import-export-topics = Topics
import-export-projects = Projects

import-state = State
import-state-staged = waits for your decision
import-state-running = running
import-state-done = done
import-state-failed = nothing imported

import-kind = Contents
import-kind-programmes = Programmes
import-kind-supervisors = Supervisors
import-kind-students = Students
import-kind-topics = Topics
import-kind-preferences = Preferences
import-kind-rankings = Rankings
import-kind-rooms = Rooms
import-kind-availability = Times of supervisors

import-review-title = Files to import
import-result-title = Result of the import
import-review-lede = Nothing is written yet. The files wait for a day.
import-discard = Discard
import-discarded = The files were removed
import-problems = These have to be settled first:
import-preview = What would happen
import-rows-read = Rows
import-rows-good = Rows taken
import-rows-refused = Refused
import-rows-written = Rows written
import-new = New
import-changed = Changed
import-unchanged = As before
import-refused-title = { $count ->
    [one] One row is wrong
   *[other] { $count } rows are wrong
}
import-refused-download = The whole list as CSV
import-file = File
import-line = Line
import-column = Column
import-reason = Reason
import-mode = What to do
import-mode-all_or_nothing = Import all rows; if one is wrong, none
import-mode-good_rows = { $count ->
    [one] Import the one good row and leave out the wrong ones
   *[other] Import the { $count } good rows and leave out the wrong ones
}
import-confirm = Import
import-sample = First rows of { $file }
import-columns = Which column is which
import-columns-text = Found by name. Change what is wrong; when you change what a file holds, save to see its columns.
import-columns-save = Save and look again
import-leave-out = leave out
import-running = The import is running. This page looks again by itself.
import-done = { $count ->
    [one] One row was imported.
   *[other] { $count } rows were imported.
}
import-failed = { $count ->
    [one] Nothing was imported: one row was refused.
   *[other] Nothing was imported: { $count } rows were refused.
}
import-back = All imports

import-reason-blank = nothing stands here
import-reason-too_long = too long
import-reason-control_character = a character that cannot be kept, for example a line break
import-reason-not_a_number = not a whole number
import-reason-negative = below zero
import-reason-out_of_range = outside what is allowed
import-reason-invalid_email = not an e-mail address
import-reason-not_a_time = not a day and time such as 2027-06-01T09:00
import-reason-ends_before_start = does not end after it starts
import-reason-duplicate = an earlier row has the same
import-reason-email_taken = the address belongs to somebody else
import-reason-unknown_programme = no such programme
import-reason-unknown_supervisor = no such supervisor
import-reason-unknown_student = no such student
import-reason-unknown_topic = no such topic
import-reason-refers_to_refused = refers to a row that was refused
import-reason-too_many_cells = more cells than columns
import-reason-invalid_utf8 = not UTF-8
import-reason-unclosed_quote = a quote is opened and never closed
import-reason-formula_error = an error value of the spreadsheet

import-problem-too_large = `{ $file }` is larger than { $detail } MiB.
import-problem-too_many_rows = `{ $file }` has more than { $detail } rows.
import-problem-too_much_text = `{ $file }` holds too much text, or more than { $detail } cells.
import-problem-too_many_columns = `{ $file }` has more than { $detail } columns.
import-problem-too_many_tables = There are more than { $detail } files or sheets at once.
import-problem-empty = `{ $file }` is empty.
import-problem-not_text = `{ $file }` is not text in UTF-8.
import-problem-broken_workbook = `{ $file }` is not a workbook that can be read: { $detail }.
import-problem-old_workbook = `{ $file }` is in the old Excel format; save it as .xlsx.
import-problem-unknown_kind = What `{ $file }` holds cannot be told from its name or its columns.
import-problem-unknown_column = `{ $file }` has the column `{ $detail }`, which does not belong there.
import-problem-missing_column = `{ $file }` lacks the column `{ $detail }`.
import-problem-duplicate_column = `{ $file }` has the column `{ $detail }` twice.
import-problem-no_programmes = The students name programmes, but none is known yet.
import-problem-nearest = Did you mean `{ $column }`?
field-not_a_number = Not a whole number
field-negative = Below zero
field-out_of_range = Outside what is allowed
field-invalid_email = Not an e-mail address
field-not_a_time = Not a day and time such as 2027-06-01T09:00
field-ends_before_start = Does not end after it starts
field-duplicate = An earlier row has the same
field-email_taken = The address belongs to somebody else
field-unknown_programme = No such programme
field-unknown_supervisor = No such supervisor
field-unknown_topic = No such topic
field-refers_to_refused = Refers to a row that was refused
field-too_many_cells = More cells than columns
field-invalid_utf8 = Not UTF-8
field-unclosed_quote = A quote is opened and never closed
field-formula_error = An error value of the spreadsheet
import-accounts = People who are new have an account now, and no mail yet: an administrator invites them all on the page of people, or they choose a password by “Forgot your password?”.
