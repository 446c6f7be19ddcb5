# What is wrong with a file. Keys are the same in every language; a test compares them.
field-content = The content is not what the name says
field-too_large = The file is too large
field-empty = The file is empty
field-several_files = More than one file was sent
field-broken_off = The upload broke off; choose the file again
field-too_much = Too much was uploaded and not handed in; try again tomorrow
